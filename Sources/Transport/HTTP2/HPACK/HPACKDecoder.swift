package import JSON
package import Pipeline

/// A field as it was decoded: ranges of the writer that it went into.
package struct DecodedField {
    package let name: ByteRange
    package let value: ByteRange
    package let meaning: FieldMeaning
    package let known: KnownField
    /// The value can be that of a field.
    package let isSound: Bool
    /// It has the form that its name asks for.
    package let fits: Bool
    /// What it counts for in a list of fields (RFC 9113 section 6.5.2).
    package let listSize: Int
}

/// Reads header blocks (RFC 7541), field by field, for one connection: what a block says depends on those before it.
package struct HPACKDecoder: ~Copyable {
    package enum Outcome {
        case field(DecodedField)
        case end
        /// The peer's table is no longer ours: the connection must end (RFC 9113 section 4.3).
        case broken
    }

    private var table = HeaderTable()
    private let statics = StaticTable.shared
    private let huffman = Huffman.shared
    private let limit: Int
    /// Bytes that the block has become so far.
    private var written = 0

    /// - Parameter limit: how many bytes a block may become; few of its own can stand for many.
    package init(limit: Int = 1024 * 1024) { self.limit = limit }

    /// Reads what stands at `at`, appends its name and its value to `out`, and leaves `at` behind it.
    ///
    /// - Parameters:
    ///   - at: 0 for a new block.
    ///   - isWanted: what is not, and need not be made to be read, is only counted: its ranges are none.
    @inline(__always) package mutating func next(
        _ block: UnsafeBufferPointer<UInt8>, _ at: inout Int, into out: inout ByteWriter, isWanted: Bool = true
    ) -> Outcome {
        if at == 0 { written = 0 }
        let before = out.count
        let outcome = read(block, &at, into: &out, isWanted: isWanted)
        written &+= out.count &- before
        return written > limit ? .broken : outcome
    }

    @inline(__always) private mutating func read(
        _ block: UnsafeBufferPointer<UInt8>, _ at: inout Int, into out: inout ByteWriter, isWanted: Bool
    ) -> Outcome {
        // Only at its start may a block change the table's size (RFC 7541 section 4.2).
        let isStart = at == 0
        while at < block.count {
            let first = block[at]
            if first & 0x80 != 0 {
                guard let index = HPACKInteger.read(block, &at, bits: 7) else { return .broken }
                return indexed(index, into: &out, isWanted: isWanted)
            }
            if first & 0x40 != 0 { return literal(block, &at, bits: 6, keeps: true, into: &out) }
            if first & 0x20 == 0 { return literal(block, &at, bits: 4, keeps: false, into: &out) }
            guard isStart, let size = HPACKInteger.read(block, &at, bits: 5), size <= HeaderTable.usualSize else {
                return .broken
            }
            table.resize(to: size)
        }
        return .end
    }

    /// Section 6.1.
    @inline(__always) private func indexed(
        _ index: Int, into out: inout ByteWriter, isWanted: Bool
    ) -> Outcome {
        let start = out.count
        let found: UnsafePointer<TableEntry>
        if let entry = statics.entry(index) {
            found = entry
            if isWanted { out.append(statics.both(entry)) }
        } else if let entry = table.entry(index &- StaticTable.count &- 1) {
            found = entry
            if isWanted { out.append(table.both(entry)) }
        } else {
            return .broken
        }
        let middle = start &+ Int(found.pointee.nameCount)
        return .field(
            DecodedField(
                name: isWanted ? ByteRange(start: start, end: middle) : .none,
                value: isWanted ? ByteRange(start: middle, end: out.count) : .none, meaning: found.pointee.meaning,
                known: found.pointee.known, isSound: found.pointee.isSound,
                fits: found.pointee.fits, listSize: found.pointee.size))
    }

    /// Section 6.2.
    @inline(__always) private mutating func literal(
        _ block: UnsafeBufferPointer<UInt8>, _ at: inout Int, bits: Int, keeps: Bool, into out: inout ByteWriter
    ) -> Outcome {
        guard let index = HPACKInteger.read(block, &at, bits: bits) else { return .broken }
        let start = out.count
        let meaning: FieldMeaning
        let known: KnownField
        if index == 0 {
            guard string(block, &at, into: &out) else { return .broken }
            (meaning, known) = FieldMeaning.of(UnsafeBufferPointer(rebasing: out.bytes[start...]))
        } else if let entry = statics.entry(index) {
            (meaning, known) = (entry.pointee.meaning, entry.pointee.known)
            out.append(statics.name(entry))
        } else if let entry = table.entry(index &- StaticTable.count &- 1) {
            (meaning, known) = (entry.pointee.meaning, entry.pointee.known)
            out.append(table.name(entry))
        } else {
            return .broken
        }
        let middle = out.count
        guard string(block, &at, into: &out) else { return .broken }
        let name = UnsafeBufferPointer(rebasing: out.bytes[start..<middle])
        let value = UnsafeBufferPointer(rebasing: out.bytes[middle...])
        let isSound = FieldMeaning.isValue(value)
        let fits = meaning.fits(value)
        if keeps { table.add(name, value, meaning, known, isSound: isSound, fits: fits) }
        return .field(
            DecodedField(
                name: ByteRange(start: start, end: middle), value: ByteRange(start: middle, end: out.count),
                meaning: meaning, known: known, isSound: isSound, fits: fits,
                listSize: out.count &- start &+ HeaderTable.overhead))
    }

    /// Section 5.2.
    @inline(__always) private func string(
        _ block: UnsafeBufferPointer<UInt8>, _ at: inout Int, into out: inout ByteWriter
    ) -> Bool {
        guard at < block.count else { return false }
        let isCoded = block[at] & 0x80 != 0
        guard let count = HPACKInteger.read(block, &at, bits: 7), count <= block.count &- at else { return false }
        let bytes = UnsafeBufferPointer(rebasing: block[at..<at &+ count])
        at &+= count
        if isCoded { return huffman.decode(bytes, into: &out) }
        out.append(bytes)
        return true
    }
}
