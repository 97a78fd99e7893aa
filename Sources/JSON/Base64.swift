/// Base64 with the standard alphabet (RFC 4648 section 4).
package enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// - Parameter isPadded: whether `=` fills the last group (RFC 4648 section 3.2).
    package static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, isPadded: Bool = true, into out: inout ByteWriter
    ) {
        var at = 0
        while at < bytes.count {
            let left = bytes.count - at
            let group =
                UInt32(bytes[at]) << 16 | (left > 1 ? UInt32(bytes[at + 1]) << 8 : 0)
                | (left > 2 ? UInt32(bytes[at + 2]) : 0)
            for place in 0..<4 {
                if place > left {
                    if isPadded { out.append(UInt8(ascii: "=")) }
                } else {
                    out.append(alphabet.utf8Start[Int(group >> UInt32(18 - 6 * place)) & 63])
                }
            }
            at += 3
        }
    }

    /// The bytes, with white space between passed over; nil where it is not base64, with the place of the mistake.
    package static func decode(_ text: [UInt8]) -> Result<[UInt8], Misplaced> {
        var out: [UInt8] = []
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for (index, byte) in text.enumerated() {
            if byte == 0x20 || (0x09...0x0D).contains(byte) { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                guard digits + padding <= 4, digits >= 2 else { return .failure(Misplaced(offset: index)) }
                continue
            }
            guard padding == 0, let value = value(byte) else { return .failure(Misplaced(offset: index)) }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                out += [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)]
                group = 0
                digits = 0
            }
        }
        switch (digits, padding) {
        case (0, 0): break
        case (2, 2), (2, 0): out.append(UInt8(group >> 4 & 255))
        case (3, 1), (3, 0): out += [UInt8(group >> 10 & 255), UInt8(group >> 2 & 255)]
        default: return .failure(Misplaced(offset: text.count))
        }
        return .success(out)
    }

    /// The same of the alphabet for URLs too (RFC 4648 section 5), as ProtoJSON and Connect take both, with padding or without;
    /// nil where it is neither.
    package static func decode(anyAlphabet text: some Sequence<UInt8>) -> [UInt8]? {
        let standard = text.map { byte -> UInt8 in
            byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
        }
        return try? decode(standard).get()
    }

    package struct Misplaced: Error, Equatable {
        package let offset: Int
    }

    /// What a digit stands for.
    package static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
