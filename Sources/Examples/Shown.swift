import Diagnostics
import JSON
import Manifests

/// Values as a report shows them: what came from outside stands as `${NAME}`, what cannot be seen as an escape, and what
/// is long is cut. In this order, since half of a secret is no longer recognised.
struct Shown {
    private let redaction: Redaction
    /// Longer ones say nothing on one line.
    static let longest = 80

    init(_ redaction: Redaction = Redaction()) { self.redaction = redaction }

    func redacted(_ text: String) -> String { redaction.pieces(of: text).map(\.text).joined() }

    /// The bytes of a text, as they are where it holds no value from outside.
    func redacted(_ bytes: [UInt8]) -> [UInt8] { redaction.redacted(bytes) }

    /// In quotes, with what cannot be seen escaped, cut where it is long.
    func text(_ text: String) -> String {
        // What is cut off anyway need not be looked at.
        let text = String(decoding: redacted(text).utf8.prefix(Self.longest * 8), as: UTF8.self)
        var out = ByteWriter(capacity: 64)
        out.append(jsonString: text)
        return Self.cut(HumanRenderer.safe(String(decoding: out.bytes, as: UTF8.self)))
    }

    /// The same without quotes.
    func line(_ text: String) -> String {
        let text = String(decoding: redacted(text).utf8.prefix(Self.longest * 8), as: UTF8.self)
        return Self.cut(HumanRenderer.safe(text))
    }

    func json(_ value: JSONValue) -> String {
        if case .string(let text) = value { return self.text(text) }
        var out = ByteWriter(capacity: 256)
        value.write(to: &out)
        return line(String(decoding: out.bytes, as: UTF8.self))
    }

    /// What a program gets of a text: enough to see what it is.
    func start(of text: [UInt8]) -> String {
        let text = redacted(text)
        return String(decoding: text.prefix(4096), as: UTF8.self) + (text.count > 4096 ? "…" : "")
    }

    func bytes(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "nothing" }
        if bytes.withUnsafeBufferPointer({ UTF8Scanner.firstInvalid($0) }) == nil {
            return text(String(decoding: bytes, as: UTF8.self))
        }
        var out = ByteWriter(capacity: 128)
        redacted(bytes).prefix(24).withUnsafeBufferPointer { Base64.encode($0, into: &out) }
        let more = bytes.count > 24 ? "…" : ""
        return "\(bytes.count) bytes, base64 \(String(decoding: out.bytes, as: UTF8.self))\(more)"
    }

    private static func cut(_ text: String) -> String {
        text.count > longest ? String(text.prefix(longest - 1)) + "…" : text
    }
}
