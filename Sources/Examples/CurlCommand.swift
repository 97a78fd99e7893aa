import Catalog
import JSON
import Manifests

/// The line of a shell that sends what an example sends.
struct CurlCommand {
    private let call: ExampleCall
    private let target: CommandTarget
    private let redaction: Redaction

    init(_ call: ExampleCall, to target: CommandTarget, _ redaction: Redaction) {
        self.call = call
        self.target = target
        self.redaction = redaction
    }

    /// Nil where there is none: the body is too long, or bytes that hold what must not be shown, or one with HEAD, which
    /// curl does not send.
    var text: String? {
        if let body = call.body, body.count > ShellLine.longest || call.method == "HEAD" { return nil }
        var words = ["curl", "-i"]
        if call.method == "HEAD" {
            words = ["curl", "-I"]
        } else if call.method != (call.body == nil ? "GET" : "POST") {
            words += ["-X", call.method]
        }
        // curl has a meaning of its own for brackets and braces.
        if call.target.contains(where: { "[]{}".utf8.contains($0) }) { words.append("-g") }
        for (name, value) in call.fields where name.lowercased() != "host" || call.namesHost {
            // Without a value the field would be taken away.
            words += ["-H", value.isEmpty ? "\(name);" : "\(name): \(value)"]
        }
        var isPiped = false
        if let body = call.body {
            if body.withUnsafeBufferPointer({ UTF8Scanner.firstInvalid($0) }) == nil, !body.contains(0) {
                words += ["--data-raw", String(decoding: body, as: UTF8.self)]
            } else {
                if redaction.redacted(body) != body { return nil }
                words += ["--data-binary", "@-"]
                isPiped = true
            }
        }
        if target.wantsPriorKnowledge { words.append("--http2-prior-knowledge") }
        words += target.options
        words.append(target.base + String(decoding: call.target, as: UTF8.self))
        let line = ShellLine(redaction).of(words)
        return isPiped ? "echo \(base64(call.body ?? [])) | base64 -d | \(line)" : line
    }

    private func base64(_ bytes: [UInt8]) -> String {
        var out = ByteWriter(capacity: bytes.count * 2)
        bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
