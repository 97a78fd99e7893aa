package import JSON

/// Percent escapes of a path (RFC 3986 section 2.1).
package enum PathEscapes {
    /// Appends a part of a path with its escapes decoded. A broken escape, which a matched path has none of, stays.
    package static func append(decoded bytes: UnsafeBufferPointer<UInt8>, to writer: inout ByteWriter) {
        writer.reserve(bytes.count)
        var index = 0
        while index < bytes.count { writer.append(next(bytes, &index)) }
    }

    /// Appends a path, or a query, as a client sends it: what may not stand in a URI is escaped, escapes are kept.
    package static func append(escaping bytes: some Sequence<UInt8>, isQuery: Bool = false, to writer: inout ByteWriter)
    {
        for byte in bytes {
            if isPathByte(byte) || isQuery && byte == UInt8(ascii: "?") {
                writer.append(byte)
            } else {
                writer.append(percentEscape: byte)
            }
        }
    }

    /// What is wrong with an escape of a pattern that somebody has written.
    struct BadEscape: Error {
        let message: String
        let range: Range<Int>
        let help: String
    }

    /// A part of a pattern with its escapes decoded; those that no request has are refused.
    static func decoded(_ bytes: [UInt8], _ range: Range<Int>) throws(BadEscape) -> [UInt8] {
        var out: [UInt8] = []
        var at = range.lowerBound
        while at < range.upperBound {
            guard bytes[at] == UInt8(ascii: "%") else {
                out.append(bytes[at])
                at += 1
                continue
            }
            guard range.upperBound - at > 2, let high = value(bytes[at + 1]), let low = value(bytes[at + 2]) else {
                throw BadEscape(
                    message: "a `%` needs two hexadecimal digits after it", range: at..<min(at + 3, range.upperBound),
                    help: "write %25 for the character itself")
            }
            guard high | low != 0 else {
                throw BadEscape(
                    message: "the path has a zero byte", range: at..<at + 3,
                    help: "no request with %00 is served, leave it out")
            }
            out.append(high << 4 | low)
            at += 3
        }
        return out
    }

    /// RFC 3986 section 3.3: pchar, `/`, and the `%` of escapes.
    static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@")...UInt8(ascii: "Z"),
            UInt8(ascii: "$")...UInt8(ascii: ";"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "="), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// Decodes into memory that has room for `bytes.count` bytes, and tells how many it wrote.
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> Int {
        var index = 0
        var written = 0
        while index < bytes.count {
            out[written] = next(bytes, &index)
            written &+= 1
        }
        return written
    }

    private static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt8 {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%"), bytes.count &- index > 2, let high = value(bytes[index &+ 1]),
            let low = value(bytes[index &+ 2])
        {
            index &+= 3
            return high << 4 | low
        }
        index &+= 1
        return byte
    }

    /// The first thing wrong with the escapes, if any.
    static func fault(_ bytes: UnsafeBufferPointer<UInt8>) -> PathFault? {
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                if bytes[index] == 0 { return .nul }
                index &+= 1
                continue
            }
            guard bytes.count &- index > 2, let high = value(bytes[index &+ 1]), let low = value(bytes[index &+ 2])
            else { return .brokenEscape }
            if high | low == 0 { return .nul }
            index &+= 3
        }
        return nil
    }

    @inline(__always) static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- 55
        default: nil
        }
    }

    /// The upper-case hexadecimal digit of a value below 16.
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 &+ value : 55 &+ value }
}

/// Why a path is refused with 400 before any route is looked for.
package enum PathFault: Sendable, Equatable {
    /// Neither `/…` nor the `*` of OPTIONS.
    case noSlash
    /// `*` with another method than OPTIONS (RFC 9112 section 3.2.4).
    case asterisk
    /// A `%` without two hexadecimal digits.
    case brokenEscape
    /// A zero byte, plain or as `%00`: file systems and C libraries end a name there.
    case nul

    package var message: StaticString {
        switch self {
        case .noSlash: "the path does not start with '/'"
        case .asterisk: "the target '*' is only for OPTIONS"
        case .brokenEscape: "the path has a '%' without two hexadecimal digits after it"
        case .nul: "the path has a zero byte"
        }
    }
}
