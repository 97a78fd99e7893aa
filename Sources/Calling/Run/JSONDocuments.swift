/// Takes JSON texts out of bytes, one behind the other, with blanks and line breaks between them or nothing at all.
///
/// It looks for where each begins and ends, and leaves what is in it to `JSONReader`.
struct JSONDocuments {
    /// What is too large to be a message.
    struct Fault: Error, Equatable {
        let message: String
    }

    /// What a message may have; servers take less.
    private static let limit = 256 << 20

    private var held: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// A number or a word, which ends where something else begins.
    private var isBare = false

    /// The texts that ended in these bytes.
    mutating func append(_ bytes: some Sequence<UInt8>) -> Result<[[UInt8]], Fault> {
        var found: [[UInt8]] = []
        for byte in bytes {
            if isBare, isSpace(byte) || "{[\"".utf8.contains(byte) { found.append(take()) }
            if held.isEmpty, isSpace(byte) || byte == 0x1E { continue }
            held.append(byte)
            if step(byte) { found.append(take()) }
            if held.count > Self.limit {
                return .failure(Fault(message: "a message of the input is larger than 256 MiB"))
            }
        }
        return .success(found)
    }

    /// What is left at the end of the input: a number or a word, or a text that is cut off.
    mutating func end() -> [UInt8]? { held.isEmpty ? nil : take() }

    /// Whether the text ends with this byte.
    private mutating func step(_ byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                return depth == 0
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth &-= 1
            return depth <= 0
        default: isBare = depth == 0
        }
        return false
    }

    private mutating func take() -> [UInt8] {
        defer { self = JSONDocuments() }
        return held
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
