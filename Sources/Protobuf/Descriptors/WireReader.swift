/// Walks over the fields of one encoded message, without knowing its type (encoding guide, "Message structure").
///
/// Where the bytes are no message, it stops and says so.
package struct WireReader {
    package struct Field {
        package enum Value {
            case varint(UInt64)
            case fixed32(UInt32)
            case fixed64(UInt64)
            case bytes(Range<Int>)
            /// What stands between the tags of a group.
            case group(Range<Int>)
        }

        package let number: Int32
        package let value: Value
    }

    /// Groups within groups; each is a call.
    private static let maximumDepth = 64

    let bytes: [UInt8]
    private(set) var at: Int
    private let end: Int
    package private(set) var isMalformed = false

    package init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
        self.bytes = bytes
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        at = range.lowerBound
        end = range.upperBound
    }

    package func slice(_ range: Range<Int>) -> [UInt8] { Array(bytes[range.clamped(to: 0..<bytes.count)]) }

    /// Numbers that stand one behind the other, as in a packed field.
    static func varints(_ bytes: [UInt8]) -> [UInt64] {
        var reader = WireReader(bytes)
        var found: [UInt64] = []
        while let value = reader.varint() { found.append(value) }
        return found
    }

    /// Nil at the end, and where the bytes are malformed.
    package mutating func next() -> Field? {
        guard at < end, !isMalformed else { return nil }
        if let field = field(0), field.value != nil {
            return field.value.map { Field(number: field.number, value: $0) }
        }
        isMalformed = true
        return nil
    }

    /// Without a value: the end of a group.
    private mutating func field(_ depth: Int) -> (number: Int32, value: Field.Value?)? {
        guard depth < WireReader.maximumDepth, let tag = varint(), tag >> 3 > 0, tag >> 3 <= 0x1FFF_FFFF,
            let type = WireType(rawValue: UInt8(tag & 7))
        else { return nil }
        let number = Int32(truncatingIfNeeded: tag >> 3)
        switch type {
        case .varint:
            guard let value = varint() else { return nil }
            return (number, .varint(value))
        case .fixed64:
            guard let value = fixed(8) else { return nil }
            return (number, .fixed64(value))
        case .fixed32:
            guard let value = fixed(4) else { return nil }
            return (number, .fixed32(UInt32(truncatingIfNeeded: value)))
        case .lengthDelimited:
            guard let count = varint(), count <= UInt64(end - at) else { return nil }
            let range = at..<at + Int(count)
            at = range.upperBound
            return (number, .bytes(range))
        case .startGroup:
            return group(number, depth)
        case .endGroup:
            return depth > 0 ? (number, nil) : nil
        }
    }

    private mutating func group(_ number: Int32, _ depth: Int) -> (number: Int32, value: Field.Value?)? {
        let start = at
        while true {
            let before = at
            guard let inner = field(depth + 1) else { return nil }
            guard inner.value == nil else { continue }
            return inner.number == number ? (number, .group(start..<before)) : nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private mutating func fixed(_ count: Int) -> UInt64? {
        guard end - at >= count else { return nil }
        var value: UInt64 = 0
        for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
        at += count
        return value
    }
}
