import Manifests

/// Words as a POSIX shell reads them back; what came from outside stands as the variable that it came from.
struct ShellLine {
    private let redaction: Redaction
    /// Bytes of what is sent; more is nothing to copy from a terminal.
    static let longest = 4096

    init(_ redaction: Redaction) { self.redaction = redaction }

    func of(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    private func quoted(_ word: String) -> String {
        let pieces = redaction.pieces(of: word)
        let isPlain = pieces.allSatisfy { !$0.isValue && $0.text.utf8.allSatisfy(Self.isPlain) }
        if isPlain, !word.isEmpty { return word }
        return pieces.isEmpty
            ? "''" : pieces.map { $0.isValue ? "\"\($0.text)\"" : Self.quoted(literal: $0.text) }.joined()
    }

    private static func quoted(literal text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) { return "'" + text.replacing("'", with: "'\\''") + "'" }
        // Control characters as escapes, which bash, zsh and ksh know.
        var out = "$'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "'": out += "\\'"
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                out += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./:,@%+=".utf8.contains(byte)
        }
    }
}
