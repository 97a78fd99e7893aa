import Catalog
import Compiler
import Manifests
import Pipeline

/// The line of a shell that calls what an example of a method calls: `buf curl`, which learns by reflection what the
/// messages are.
struct BufCommand {
    private let call: MethodCall
    private let target: CommandTarget
    private let redaction: Redaction

    init(_ call: MethodCall, to target: CommandTarget, _ redaction: Redaction) {
        self.call = call
        self.target = target
        self.redaction = redaction
    }

    /// Nil where there is none: the messages are too long.
    var text: String? {
        let data = call.sent.joined(separator: " ")
        guard data.utf8.count <= ShellLine.longest else { return nil }
        var words = ["buf", "curl", "--protocol", "grpc"]
        if !target.isTLS { words.append("--http2-prior-knowledge") }
        words += target.options
        for (name, value) in call.metadata {
            words += ["-H", Self.item("\(name): \(String(decoding: value, as: UTF8.self))")]
        }
        words += ["-d", data, "\(target.base)/\(call.method.fullName)"]
        return ShellLine(redaction).of(words)
    }

    /// buf takes several headers in one word, as a line of CSV has them.
    private static func item(_ text: String) -> String {
        guard text.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
