import Calling
import Catalog
import Compiler
import JSON
import Manifests
import Pipeline

/// The line of a shell that calls a method over one of its protocols: `curl` where a body is all there is to it, else
/// `buf curl`.
struct FaceCommand {
    /// What of an HTTP rule is called.
    struct HTTP {
        /// `GET`; what a rule for every method is called with is its choice.
        let method: String
        let target: String
        let body: String?
    }

    let method: RPCMethod
    /// ProtoJSON.
    let messages: [String]
    let metadata: [(name: String, value: [UInt8])]
    let client: ExampleClient
    let listeners: [Listen]
    let redaction: Redaction

    init(
        _ method: RPCMethod, _ call: MethodCall?, from client: ExampleClient, to listeners: [Listen],
        _ redaction: Redaction
    ) {
        self.method = method
        messages = call?.sent ?? ["{}"]
        metadata = call?.metadata ?? []
        self.client = client
        self.listeners = listeners
        self.redaction = redaction
    }

    /// Nil where there is none: the messages are too long.
    ///
    /// - Parameter http: for `json`.
    func text(_ speech: CallProtocol, _ http: HTTP? = nil) -> String? {
        switch speech {
        case .grpc: return buf("grpc")
        case .grpcWeb: return buf("grpcweb")
        case .connect:
            if method.isStreaming { return buf("connect") }
            return curl(
                HTTP(method: "POST", target: "/" + method.fullName, body: messages.first ?? "{}"),
                type: "application/json")
        case .json:
            guard let http else { return nil }
            return curl(http, type: http.body == nil ? nil : "application/json")
        }
    }

    /// Connect's GET, of methods without side effects.
    var connectGET: String? {
        curl(HTTP(method: "GET", target: connectQuery, body: nil), type: nil)
    }

    /// `/helloworld.Greeter/SayHello?encoding=json&message=%7B%7D`.
    private var connectQuery: String {
        var out = ByteWriter(capacity: 256)
        for byte in (messages.first ?? "{}").utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: out.append(byte)
            case _ where "-._~".utf8.contains(byte): out.append(byte)
            default: out.append(percentEscape: byte)
            }
        }
        return "/\(method.fullName)?encoding=json&message=" + String(decoding: out.bytes, as: UTF8.self)
    }

    private func buf(_ name: String) -> String? {
        BufCommand(
            method, messages, metadata, speaking: name, to: CommandTarget(listeners, of: client, speaking: .http2),
            redaction
        ).text
    }

    private func curl(_ http: HTTP, type: String?) -> String? {
        if http.target.utf8.count + (http.body ?? "").utf8.count > ShellLine.longest { return nil }
        let target = CommandTarget(listeners, of: client, speaking: .http1)
        var words = ["curl"]
        if http.method != (http.body == nil ? "GET" : "POST") { words += ["-X", http.method] }
        // curl has a meaning of its own for brackets and braces.
        if http.target.contains(where: { "[]{}".contains($0) }) { words.append("-g") }
        if target.wantsPriorKnowledge { words.append("--http2-prior-knowledge") }
        words += target.options
        if let type { words += ["-H", "content-type: \(type)"] }
        for (name, value) in metadata { words += ["-H", "\(name): \(String(decoding: value, as: UTF8.self))"] }
        if let body = http.body { words += ["-d", body] }
        words.append(target.base + http.target)
        return ShellLine(redaction).of(words)
    }
}
