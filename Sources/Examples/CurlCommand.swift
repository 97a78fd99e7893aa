import Catalog
import JSON
import Manifests

/// The line of a shell that sends what an example sends.
struct CurlCommand {
    private let call: ExampleCall
    private let address: ListenAddress
    private let redaction: Redaction
    /// A longer body is nothing to copy from a terminal.
    private static let longest = 4096

    init(_ call: ExampleCall, to address: ListenAddress, _ redaction: Redaction) {
        self.call = call
        self.address = address
        self.redaction = redaction
    }

    /// Nil where there is none: the body is too long, or bytes that hold what must not be shown, or one with HEAD, which
    /// curl does not send.
    var text: String? {
        if let body = call.body, body.count > Self.longest || call.method == "HEAD" { return nil }
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
        if case .unix(let path) = address { words += ["--unix-socket", path] }
        words.append("http://\(authority)\(String(decoding: call.target, as: UTF8.self))")
        let line = words.map(quoted).joined(separator: " ")
        return isPiped ? "echo \(base64(call.body ?? [])) | base64 -d | \(line)" : line
    }

    private var authority: String {
        switch address {
        case .unix: "localhost"
        case .tcp(let host, let port):
            ["", "0.0.0.0", "::", "127.0.0.1"].contains(host)
                ? "localhost:\(port)" : host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    private func base64(_ bytes: [UInt8]) -> String {
        var out = ByteWriter(capacity: bytes.count * 2)
        bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    // MARK: Quoting

    /// As a POSIX shell reads it back; what came from outside stands as the variable that it came from.
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
