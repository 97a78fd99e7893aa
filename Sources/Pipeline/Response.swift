package import JSON

/// The head of the answer until a face writes it: status and fields.
///
/// Fields are kept in one run of bytes as `name: value` lines, which HTTP/1 can copy whole, with a slot for each,
/// which the chain's last stages use to replace or remove one.
package struct Response: ~Copyable {
    package static let fieldCapacity = 64

    package var status = 200
    /// The length that the body will have, where it streams and is known.
    package var declaredLength: Int?
    /// Whether the head has left: nothing of it can change any more.
    package var isSent = false
    /// The body is sent as it comes, not when it is whole.
    package var isStreaming = false
    /// The names of the fields that follow the body, as `Trailer` says them; empty where there are none.
    package var trailerNames: [UInt8] = []
    /// Those fields as HTTP/1 lines; whole when the responder is done.
    package var trailers = ByteWriter(capacity: 64)
    /// An answer to HEAD whose body was not even made: `declaredLength` is all there is of it.
    package var bodyIsWithheld = false
    package private(set) var fieldCount = 0
    private var lines = ByteWriter(capacity: 512)
    /// Beside the struct, as those of the request's head.
    private let fields: UnsafeMutablePointer<Slot>
    private var hasRemoved = false
    /// More fields were added than there is room for; the exchange fails then.
    package private(set) var overflowed = false

    private struct Slot {
        var name = ByteRange.none
        var value = ByteRange.none
        var removed = false
    }

    /// Whether the status lets bytes follow the head (RFC 9110 section 6.4.1).
    package var allowsBody: Bool {
        @inline(__always) get { status >= 200 && status != 204 && status != 304 }
    }

    package init() {
        fields = .allocate(capacity: Response.fieldCapacity)
        fields.initialize(repeating: Slot(), count: Response.fieldCapacity)
    }

    deinit { fields.deallocate() }

    package mutating func reset() {
        status = 200
        declaredLength = nil
        isSent = false
        isStreaming = false
        bodyIsWithheld = false
        discardTrailers()
        fieldCount = 0
        lines.clear()
        lines.shrink(to: 16 * 1024)
        hasRemoved = false
        overflowed = false
    }

    /// Takes back all fields and the status, for a failure that replaces the answer.
    package mutating func discardHead() {
        status = 200
        declaredLength = nil
        isStreaming = false
        bodyIsWithheld = false
        discardTrailers()
        fieldCount = 0
        lines.clear()
        hasRemoved = false
        overflowed = false
    }

    private mutating func discardTrailers() {
        guard !trailerNames.isEmpty || trailers.count > 0 else { return }
        trailerNames = []
        trailers.clear()
        trailers.shrink(to: 4096)
    }

    /// Begins a field whose value the caller appends to `value`, which must hold no CR, LF or NUL.
    @inline(__always) package mutating func add(_ name: StaticString, _ value: (inout ByteWriter) -> Void) {
        let start = lines.count
        lines.append(name)
        finishField(start, value)
    }

    package mutating func add(_ name: UnsafeBufferPointer<UInt8>, _ value: (inout ByteWriter) -> Void) {
        let start = lines.count
        lines.append(name)
        finishField(start, value)
    }

    package mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        name.withUnsafeBufferPointer { add($0) { $0.append(value) } }
    }

    @inline(__always) private mutating func finishField(_ start: Int, _ value: (inout ByteWriter) -> Void) {
        let nameEnd = lines.count
        lines.append(": ")
        let valueStart = lines.count
        value(&lines)
        guard fieldCount < Response.fieldCapacity else {
            overflowed = true
            lines.truncate(to: start)
            return
        }
        fields[fieldCount] = Slot(
            name: ByteRange(start: start, end: nameEnd), value: ByteRange(start: valueStart, end: lines.count),
            removed: false)
        fieldCount &+= 1
        lines.append("\r\n")
    }

    /// Takes back the field that was added last.
    package mutating func removeLast() {
        guard fieldCount > 0 else { return }
        fieldCount &-= 1
        lines.truncate(to: Int(fields[fieldCount].name.start))
    }

    /// Adds fields that the plan has ready as lines (`name: value` CR LF each), with their places in `block`.
    package mutating func add(_ block: borrowing FieldBlock) {
        let start = UInt32(truncatingIfNeeded: lines.count)
        lines.append(block.bytes)
        for index in 0..<block.count {
            guard fieldCount < Response.fieldCapacity else {
                overflowed = true
                return
            }
            let (name, value) = block.fields[index]
            fields[fieldCount] = Slot(
                name: ByteRange(start: name.start &+ start, count: name.count),
                value: ByteRange(start: value.start &+ start, count: value.count), removed: false)
            fieldCount &+= 1
        }
    }

    /// The value of the first field of this name (in lower case), valid until the response changes.
    package func value(of name: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        for index in 0..<fieldCount where !fields[index].removed && names(index, name) {
            return UnsafeBufferPointer(rebasing: lines.bytes[fields[index].value.range])
        }
        return nil
    }

    /// Whether a field of this name (in lower case) is there.
    package func has(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in 0..<fieldCount where !fields[index].removed && names(index, name) { return true }
        return false
    }

    /// The first value of a field of this name (in lower case). Valid until a field is added.
    package func value(of name: StaticString) -> UnsafeBufferPointer<UInt8>? {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for index in 0..<fieldCount where !fields[index].removed && names(index, name) {
            let value = fields[index].value
            let start = Int(value.start)
            return UnsafeBufferPointer(rebasing: lines.bytes[start..<start &+ Int(value.count)])
        }
        return nil
    }

    /// Adds a member to a list with commas, in the field that is there or in a new one; a list that has it, or has `*`,
    /// stays as it is. Both are in lower case.
    mutating func join(_ name: StaticString, _ member: StaticString, scratch: inout ByteWriter) {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        var last: Int?
        for index in 0..<fieldCount where !fields[index].removed && names(index, bytes) {
            let value = UnsafeBufferPointer(rebasing: lines.bytes[fields[index].value.range])
            if ListField.contains(value, member) || ListField.contains(value, "*") { return }
            last = index
        }
        scratch.clear()
        if let last {
            scratch.append(UnsafeBufferPointer(rebasing: lines.bytes[fields[last].value.range]))
            scratch.append(", ")
            fields[last].removed = true
            hasRemoved = true
        }
        scratch.append(member)
        add(name) { $0.append(scratch.bytes) }
    }

    package mutating func remove(_ name: UnsafeBufferPointer<UInt8>) {
        for index in 0..<fieldCount where names(index, name) {
            fields[index].removed = true
            hasRemoved = true
        }
    }

    package mutating func remove(_ name: StaticString) {
        remove(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private func names(_ index: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let slot = fields[index].name
        guard Int(slot.count) == name.count else { return false }
        let bytes = lines.bytes
        for offset in 0..<name.count where bytes[Int(slot.start) &+ offset] != name[offset] { return false }
        return true
    }

    /// The name and the value of a field, by its index under `fieldCount`; nil if it was removed. Valid until the response
    /// changes. HTTP/1 lets spaces stand around a value; here there are none.
    @inline(__always) package func field(
        _ index: Int
    ) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>)? {
        guard index >= 0, index < fieldCount, !fields[index].removed else { return nil }
        let (name, value) = (fields[index].name, fields[index].value)
        return (
            UnsafeBufferPointer(rebasing: lines.bytes[name.range]),
            FieldValue.trimmed(UnsafeBufferPointer(rebasing: lines.bytes[value.range]))
        )
    }

    /// The fields as HTTP/1 lines.
    @inline(__always) package func write(into out: inout ByteWriter) {
        if !hasRemoved {
            out.append(lines.bytes)
            return
        }
        let bytes = lines.bytes
        for index in 0..<fieldCount where !fields[index].removed {
            let start = Int(fields[index].name.start)
            let end = Int(fields[index].value.start) &+ Int(fields[index].value.count)
            out.append(UnsafeBufferPointer(rebasing: bytes[start..<end]))
            out.append("\r\n")
        }
    }
}

/// Response fields that are the same for each call, laid out when the plan is made.
package struct FieldBlock: ~Copyable, Sendable {
    package let bytes: [UInt8]
    fileprivate let fields: [(ByteRange, ByteRange)]
    package var count: Int { fields.count }

    package init(_ fields: [(name: [UInt8], value: [UInt8])]) {
        var bytes: [UInt8] = []
        var slots: [(ByteRange, ByteRange)] = []
        for (name, value) in fields {
            let start = bytes.count
            bytes += name
            bytes += Array(": ".utf8)
            let valueStart = bytes.count
            bytes += value
            slots.append(
                (
                    ByteRange(start: start, end: start + name.count),
                    ByteRange(start: valueStart, end: valueStart + value.count)
                ))
            bytes += [13, 10]
        }
        self.bytes = bytes
        self.fields = slots
    }
}
