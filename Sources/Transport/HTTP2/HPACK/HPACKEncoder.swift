import Glibc
package import JSON
import Pipeline

/// Writes header blocks (RFC 7541) for one connection.
///
/// A field goes into the table when it comes for the second time: what differs each time (identifiers, lengths) would only
/// push out what does not. From the third time on it is an index of one byte or two. Strings go as they are: Huffman's code
/// would save a quarter of what is sent once.
package struct HPACKEncoder: ~Copyable {
    /// What is remembered of a field by its hash.
    private struct Mark {
        var hash: UInt32 = 0
        /// Which of the table's entries it became, counted from 1; 0 if it has only been seen.
        var number: UInt32 = 0
    }

    private static let markCount = 128

    private var table = HeaderTable()
    private var marks: UnsafeMutablePointer<Mark>?
    /// Which of the table's entries each usual field became; 0 if it has not been written.
    private var usual = InlineArray<5, Int>(repeating: 0)
    private let statics = StaticTable.shared
    /// The smallest size that the peer has asked for since the last block, and the last one (section 4.2).
    private var smallest: Int?
    private var wanted = HeaderTable.usualSize

    package init() {}

    deinit { marks?.deallocate() }

    /// The peer's table may have so many bytes from now on (SETTINGS_HEADER_TABLE_SIZE).
    package mutating func resize(to size: Int) {
        wanted = min(max(0, size), HeaderTable.usualSize)
        smallest = min(smallest ?? wanted, wanted)
    }

    /// Begins a block.
    package mutating func begin(into out: inout ByteWriter) {
        guard let smallest else { return }
        self.smallest = nil
        table.resize(to: smallest)
        HPACKInteger.write(smallest, bits: 5, pattern: 0x20, into: &out)
        if wanted != smallest {
            table.resize(to: wanted)
            HPACKInteger.write(wanted, bits: 5, pattern: 0x20, into: &out)
        }
    }

    /// The pseudo-header field of every answer (RFC 9113 section 8.3.2).
    package mutating func write(status: Int, into out: inout ByteWriter) {
        let index =
            switch status {
            case 200: 0
            case 204: 1
            case 206: 2
            case 304: 3
            case 400: 4
            case 404: 5
            case 500: 6
            default: -1
            }
        if index >= 0 {
            out.append(0x80 | UInt8(truncatingIfNeeded: StaticTable.status &+ index))
            return
        }
        HPACKInteger.write(StaticTable.status, bits: 4, pattern: 0, into: &out)
        out.append(3)
        out.append(decimal: status, width: 3)
    }

    /// A field that answers have again and again. It is in the table from its first time on.
    mutating func write(_ field: UsualField, into out: inout ByteWriter) {
        if repeats(usual[field.rawValue], into: &out) { return }
        let (name, value) = (field.name.bytes, field.value.bytes)
        writeLiteral(name, value, pattern: 0x40, bits: 6, into: &out)
        table.add(name, value, .ordinary, .other, isSound: true, fits: true)
        usual[field.rawValue] = table.added
    }

    /// Section 6.1.
    @inline(__always) private func write(number: Int, into out: inout ByteWriter) {
        let index = StaticTable.count &+ 1 &+ table.added &- number
        HPACKInteger.write(index, bits: 7, pattern: 0x80, into: &out)
    }

    /// Writes a field that `place` has written before; false, and nothing, if the table has lost it.
    @inline(__always) func repeats(_ number: Int, into out: inout ByteWriter) -> Bool {
        guard table.entry(number: number) != nil else { return false }
        write(number: number, into: &out)
        return true
    }

    /// A field, whose name must be in lower case.
    package mutating func write(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter
    ) {
        _ = place(name, value, into: &out)
    }

    /// Writes a field.
    ///
    /// - Returns: the number of the table's entry that it is; 0 if it is none.
    mutating func place(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter
    ) -> Int {
        // What is a secret is never kept in a table that others share (section 7.1.3).
        if name.count == 10, equalsIgnoringCase(name, "set-cookie") {
            writeLiteral(name, value, pattern: 0x10, bits: 4, into: &out)
            return 0
        }
        let hash = Self.hash(name, value)
        let marks = markTable()
        let place = Int(hash) & (Self.markCount &- 1)
        if marks[place].hash != hash {
            marks[place] = Mark(hash: hash)
            writeLiteral(name, value, pattern: 0, bits: 4, into: &out)
            return 0
        }
        let number = Int(marks[place].number)
        if number > 0, let entry = table.entry(number: number), Self.same(table.name(entry), name),
            Self.same(table.value(entry), value)
        {
            write(number: number, into: &out)
            return number
        }
        writeLiteral(name, value, pattern: 0x40, bits: 6, into: &out)
        table.add(name, value, .ordinary, .other, isSound: true, fits: true)
        marks[place].number = UInt32(truncatingIfNeeded: table.added)
        return table.added
    }

    private func writeLiteral(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, pattern: UInt8, bits: Int,
        into out: inout ByteWriter
    ) {
        let index = statics.index(of: name)
        HPACKInteger.write(index, bits: bits, pattern: pattern, into: &out)
        if index == 0 { writeString(name, into: &out) }
        writeString(value, into: &out)
    }

    @inline(__always) private func writeString(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) {
        HPACKInteger.write(bytes.count, bits: 7, pattern: 0, into: &out)
        out.append(bytes)
    }

    private mutating func markTable() -> UnsafeMutablePointer<Mark> {
        if let marks { return marks }
        let marks = UnsafeMutablePointer<Mark>.allocate(capacity: Self.markCount)
        marks.initialize(repeating: Mark(), count: Self.markCount)
        self.marks = marks
        return marks
    }

    /// Only a hint of where to look: what is found is compared byte by byte.
    private static func hash(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15 &+ UInt64(truncatingIfNeeded: name.count)
        mix(name, &sum)
        mix(value, &sum)
        return UInt32(truncatingIfNeeded: sum >> 32) | 1
    }

    @inline(__always) private static func mix(_ bytes: UnsafeBufferPointer<UInt8>, _ sum: inout UInt64) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        let count = bytes.count
        var at = 0
        while at &+ 8 < count {
            mix(littleEndianWord(base, at), &sum)
            at &+= 8
        }
        // The last word overlaps the one before.
        if count >= 8 { return mix(littleEndianWord(base, count &- 8), &sum) }
        let ends = UInt64(base[0]) | UInt64(base[count &- 1]) << 8
        mix(ends | UInt64(base[count >> 1]) << 16 | UInt64(base[count >> 2]) << 24 | UInt64(count) << 32, &sum)
    }

    @inline(__always) private static func mix(_ word: UInt64, _ sum: inout UInt64) {
        sum = (sum ^ word) &* 0x9FB2_1C65_1E98_DF25
        sum ^= sum >> 32
    }

    @inline(__always)
    private static func same(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        guard let one = one.baseAddress, let bytes = other.baseAddress else { return true }
        return memcmp(one, bytes, other.count) == 0
    }
}

/// What the gRPC face says in nearly all of its answers (PROTOCOL-HTTP2.md, "Responses").
enum UsualField: Int, CaseIterable {
    case grpcType
    case grpcProtoType
    case gzip
    case codings
    case ok

    var name: StaticString {
        switch self {
        case .grpcType, .grpcProtoType: "content-type"
        case .gzip: "grpc-encoding"
        case .codings: "grpc-accept-encoding"
        case .ok: "grpc-status"
        }
    }

    var value: StaticString {
        switch self {
        case .grpcType: "application/grpc"
        case .grpcProtoType: "application/grpc+proto"
        case .gzip: "gzip"
        case .codings: "identity,deflate,gzip"
        case .ok: "0"
        }
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
