/// How urgent an answer is, and whether its parts are of use as they come (RFC 9218 section 4).
package struct HTTP2Priority: Equatable, Sendable {
    /// From 0, the most urgent, to 7.
    package var urgency: UInt8 = 3
    package var isIncremental = false

    package init() {}

    /// Reads a dictionary of structured fields (RFC 9651): `u=1, i`. What is not understood is passed over, and of what comes
    /// twice the last one counts.
    package init(_ text: UnsafeBufferPointer<UInt8>) {
        var at = 0
        while at < text.count {
            while at < text.count, HeadByte.isBlank(text[at]) || text[at] == HeadByte.comma { at &+= 1 }
            let start = at
            while at < text.count, text[at] != HeadByte.comma { at &+= 1 }
            var end = start
            while end < at, text[end] != HeadByte.semicolon, !HeadByte.isBlank(text[end]) { end &+= 1 }
            take(UnsafeBufferPointer(rebasing: text[start..<end]))
        }
    }

    private mutating func take(_ member: UnsafeBufferPointer<UInt8>) {
        switch member.first {
        case UInt8(ascii: "u"):
            guard member.count == 3, member[1] == UInt8(ascii: "="), member[2] &- 0x30 < 8 else { return }
            urgency = member[2] &- 0x30
        case UInt8(ascii: "i"):
            if member.count == 1 { isIncremental = true }
            if member.count == 4, member[1] == UInt8(ascii: "="), member[2] == UInt8(ascii: "?") {
                isIncremental = member[3] == UInt8(ascii: "1")
            }
        default: break
        }
    }
}
