import JSON
import Manifests

/// Strings as words of YAML.
enum YAMLWord {
    /// Plain where it reads back as the same string, else in double quotes.
    ///
    /// - Parameter inFlow: whether it stands between `{ }` or `[ ]`, where colons mean more to some readers.
    static func of(_ text: String, inFlow: Bool = false) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.allSatisfy { plain.contains($0) } && text.utf8.last != UInt8(ascii: ":")
            && !"-: +".utf8.contains(text.utf8.first ?? 0) && text.utf8.last != 0x20
            && !text.contains(inFlow ? ":" : ": ") && CoreSchema.resolve(Array(text.utf8)) == .string
        if isPlain { return text }
        var out = ByteWriter(capacity: text.utf8.count + 2)
        out.append(jsonString: text)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:+ ".utf8)
}
