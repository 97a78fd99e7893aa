import Manifests
import Pipeline

/// The line of a shell that calls a method: `buf curl`, which learns by reflection what the messages are.
struct BufCommand {
    private let method: RPCMethod
    private let messages: [String]
    private let metadata: [(name: String, value: [UInt8])]
    private let speech: String
    private let target: CommandTarget
    private let redaction: Redaction

    /// - Parameters:
    ///   - messages: ProtoJSON.
    ///   - speech: `grpc`, `grpcweb` or `connect`.
    init(
        _ method: RPCMethod, _ messages: [String], _ metadata: [(name: String, value: [UInt8])],
        speaking speech: String, to target: CommandTarget, _ redaction: Redaction
    ) {
        self.method = method
        self.messages = messages
        self.metadata = metadata
        self.speech = speech
        self.target = target
        self.redaction = redaction
    }

    /// Nil where there is none: the messages are too long.
    var text: String? {
        let data = messages.joined(separator: " ")
        guard data.utf8.count <= ShellLine.longest else { return nil }
        var words = ["buf", "curl", "--protocol", speech]
        // Reflection streams both ways, whatever the protocol.
        if !target.isTLS { words.append("--http2-prior-knowledge") }
        words += target.options
        for (name, value) in metadata {
            words += ["-H", Self.item("\(name): \(String(decoding: value, as: UTF8.self))")]
        }
        words += ["-d", data, "\(target.base)/\(method.fullName)"]
        return ShellLine(redaction).of(words)
    }

    /// buf takes several headers in one word, as a line of CSV has them.
    private static func item(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
