/// Walks over the fields of one encoded message that lies in memory (encoding guide, "Message structure"). Where the bytes
/// are no message it stops.
package struct WireScanner {
    /// The value of a number.
    package private(set) var bits: UInt64 = 0
    /// The bytes behind a length, or between the tags of a group.
    package private(set) var range = 0..<0
    package private(set) var number: Int32 = 0
    package private(set) var wire = WireType.varint

    /// Whether it stopped since the bytes are no message.
    package private(set) var isMalformed = false

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at: Int
    private let end: Int

    package init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>? = nil) {
        self.bytes = bytes
        let range = (range ?? 0..<bytes.count).clamped(to: 0..<bytes.count)
        at = range.lowerBound
        end = range.upperBound
    }

    /// False at the end.
    package mutating func next() -> Bool {
        guard tag() else { return false }
        switch wire {
        case .endGroup: return stop()
        case .startGroup: return group()
        default: return value()
        }
    }

    /// The next number of a packed field.
    mutating func next(packed wire: WireType) -> Bool {
        guard at < end else { return false }
        return switch wire {
        case .varint: varint()
        case .fixed32: fixed(4)
        case .fixed64: fixed(8)
        default: false
        }
    }

    private mutating func stop() -> Bool {
        at = end
        isMalformed = true
        return false
    }

    private mutating func tag() -> Bool {
        guard at < end else { return false }
        guard varint(), bits <= UInt64(UInt32.max), bits >> 3 > 0,
            let type = WireType(rawValue: UInt8(truncatingIfNeeded: bits & 7))
        else { return stop() }
        number = Int32(truncatingIfNeeded: bits >> 3)
        wire = type
        return true
    }

    private mutating func value() -> Bool {
        switch wire {
        case .varint: return varint()
        case .fixed32: return fixed(4)
        case .fixed64: return fixed(8)
        default:
            guard varint(), bits <= UInt64(end - at) else { return stop() }
            range = at..<at + Int(truncatingIfNeeded: bits)
            at = range.upperBound
            return true
        }
    }

    /// Without recursion: groups within it are only counted.
    private mutating func group() -> Bool {
        let outer = number
        let start = at
        var depth = 1
        while true {
            let before = at
            guard tag() else { return stop() }
            switch wire {
            case .startGroup: depth += 1
            case .endGroup: depth -= 1
            default: if !value() { return false }
            }
            if depth == 0 {
                range = start..<before
                number = outer
                wire = .startGroup
                return true
            }
        }
    }

    private mutating func varint() -> Bool {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 70 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                bits = value
                return true
            }
            shift += 7
        }
        return stop()
    }

    private mutating func fixed(_ count: Int) -> Bool {
        guard end - at >= count else { return stop() }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[at + index]) << (8 * UInt64(index)) }
        at += count
        bits = value
        return true
    }
}
