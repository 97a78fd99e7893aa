import Calling
import Catalog
import Compiler
import Diagnostics
import Glibc
import JSON
import Manifests
import NIOCore
import Pipeline
import Protobuf
import Telemetry
import Testing
import Transport

/// A small manifest at work without a socket, called by one protocol, and what it writes down of that.
final class Desk {
    /// The protocol has no place for what was asked of it, and says so in these words.
    struct Absent: Error {
        let reason: String
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    static let proto = """
        syntax = "proto3";
        package parity;
        service Parity {
          rpc Unary (Item) returns (Item);
          rpc Down (Item) returns (stream Item);
          rpc Up (stream Item) returns (Item);
          rpc Both (stream Item) returns (stream Item);
        }
        message Item {
          string name = 1;
          int32 count = 2;
        }
        """

    let speech: CallProtocol
    let text: String
    let compilation: Compilation
    private let method: String
    private let outputs: LogOutputs
    private let logPath: String
    private let plan: Plan

    /// - Parameters:
    ///   - keys: what the manifest says of the method, in lines.
    ///   - top: what it says at the root, in lines.
    ///   - overrides: as `--set` has them.
    init(
        _ speech: CallProtocol, _ method: String, _ keys: String, top: String = "", overrides: [String] = []
    ) throws {
        self.speech = speech
        self.method = method
        let http = speech == .json ? "http: POST /v1/\(method.lowercased())\n" : ""
        text = """
            radicle: 1
            \(top)
            services:
              parity:
                proto: parity.proto
                grpc: parity.Parity
                methods:
                  \(method):
                    \((http + keys).replacing("\n", with: "\n        "))
            """
        var path = Array("/tmp/parity-XXXXXX\0".utf8CString)
        let file = mkstemp(&path)
        if file >= 0 { close(file) }
        logPath = path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        outputs = LogOutputs(
            loops: 1,
            spans: SpanExporters(environment: TracesEnvironment { _ in nil }, version: "1", resource: [:], loops: 1))
        var findings = Findings()
        let loading = Loading(
            [Source(name: "parity.yaml", text: text)],
            overrides: ["middleware.access_log={ format: json, output: 'file:\(logPath)' }"] + overrides,
            in: Self.surroundings, &findings)
        let states = SharedStates()
        compilation = Compilation(loading, outputs: outputs, states: states, &findings)
        let ordered = findings.ordered()
        // What lint says of a protocol is that it has no place for it.
        if let finding = ordered.first(where: { $0.rule.id == TranscodingRules.clientStream.id }) {
            throw Absent(reason: finding.message)
        }
        guard let plan = compilation.plan else {
            var out = ByteWriter()
            HumanRenderer().render(ordered, to: &out)
            throw Broken(description: String(decoding: out.bytes, as: UTF8.self))
        }
        self.plan = plan
        states.takeEffect()
    }

    deinit { unlink(logPath) }

    static let surroundings: Surroundings = {
        var surroundings = Surroundings.examples
        surroundings.file = { path, _ throws(Surroundings.Unreadable) in
            guard path == "parity.proto" else {
                throw Surroundings.Unreadable("No such file or directory", isMissing: true)
            }
            return Array(Desk.proto.utf8)
        }
        return surroundings
    }()

    // MARK: Calling

    /// An answer, and what it took.
    struct Answer {
        let call: MemoryCall.Answer
        /// The fields of HTTP's head.
        let fields: [(name: String, value: String)]
        let body: [UInt8]
        let httpTrailers: [(name: String, value: String)]
        /// Nanoseconds by the clock of the test.
        let duration: Int64

        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

        func metadata(_ name: String) -> String? { call.metadata.first { $0.name == name }?.value }

        func trailer(_ name: String) -> String? { call.trailers.first { $0.name == name }?.value }

        /// `name` of the messages.
        var names: [String] {
            call.messages.map { if case .string(let text) = $0["name"] { text } else { "" } }
        }
    }

    /// The method as the plan has it.
    func served(_ name: String? = nil) throws -> RPCMethod {
        let name = name ?? method
        guard let method = compilation.routes.first(where: { $0.method?.name == name })?.method else {
            throw Broken(description: "there is no method \(name)")
        }
        return method
    }

    func dialled(
        _ messages: [String] = [#"{"name":"Ann"}"#], of other: RPCMethod? = nil,
        metadata: [(name: String, value: String)] = [], timeout: Int64? = nil
    ) throws -> MemoryCall {
        let method = try other ?? served()
        let rule = compilation.routes.first { $0.method === method }?.bindings.first?.rule
        let encoded = try messages.map { text throws -> [UInt8] in
            let json = try JSONReader.read(Array(text.utf8)).get()
            return method.codec.encode(try MessageJSONReader(method.codec).read(json, as: method.input).get())
        }
        do throws(CallMistake) {
            return try MemoryCall(
                speech, method, encoded, metadata: metadata.map { ($0.name, Array($0.value.utf8)) }, timeout: timeout,
                rule: rule)
        } catch {
            throw Absent(reason: error.message)
        }
    }

    func call(
        _ messages: [String] = [#"{"name":"Ann"}"#], of other: RPCMethod? = nil,
        metadata: [(name: String, value: String)] = [], timeout: Int64? = nil
    ) throws -> Answer {
        try send(try dialled(messages, of: other, metadata: metadata, timeout: timeout))
    }

    /// - Parameter patience: how long the answer is waited for.
    func send(
        _ call: MemoryCall, fields: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        patience: Int64 = 3600 * 1_000_000_000
    ) throws -> Answer {
        let connection = InMemoryConnection(
            plan: plan, limits: InMemoryCall.unhindered(ConnectionLimits()),
            client: ConnectionFacts(clientAddress: Array("192.0.2.7".utf8), clientPort: 4711, isTLS: false),
            wall: 1_767_225_600_000_000_000, seed: 1)
        let outcome = connection.send(call.bytes(fields: fields, body: body), room: 64 << 20, time: patience)
        return try answer(call, outcome)
    }

    /// The same over HTTP/1.1: whether the answer has what is looked for.
    func answersHTTP1(_ messages: [String] = [#"{"name":"Ann"}"#], with text: String) throws -> Bool {
        let call = try dialled(messages)
        var head = "\(call.line.method) \(call.line.target) HTTP/1.1\r\nhost: localhost\r\n"
        for field in call.fields { head += "\(field.name): \(field.value)\r\n" }
        head += "content-length: \(call.body.count)\r\n\r\n"
        let connection = InMemoryConnection(
            plan: plan, limits: ConnectionLimits(),
            client: ConnectionFacts(clientAddress: Array("192.0.2.7".utf8), clientPort: 4711, isTLS: false),
            wall: 1_767_225_600_000_000_000, seed: 1)
        let bytes = connection.send(Array(head.utf8) + call.body, room: 1 << 20, time: 60_000_000_000).bytes
        let answer = String(decoding: bytes, as: UTF8.self)
        if answer.hasPrefix("HTTP/1.1 505") {
            let body = bytes.firstRange(of: Array("\r\n\r\n".utf8)).map { Array(bytes[$0.upperBound...]) } ?? []
            let json = try JSONReader.read(body).get()
            guard case .string(let reason) = json["detail"] ?? json["message"] else { return false }
            throw Absent(reason: reason)
        }
        // UNIMPLEMENTED of gRPC-Web, whose status of HTTP is always 200.
        if let end = answer.firstRange(of: "grpc-status: 12\r\ngrpc-message: ") {
            throw Absent(reason: String(answer[end.upperBound...].prefix { !$0.isNewline }))
        }
        return answer.hasPrefix("HTTP/1.1 200") && answer.contains(text)
    }

    private func answer(_ call: MemoryCall, _ outcome: InMemoryConnection.Outcome) throws -> Answer {
        guard let reply = InMemoryCall.reply(outcome.bytes), let answer = call.answer(outcome.bytes) else {
            throw Broken(description: "there is no answer")
        }
        return Answer(
            call: answer, fields: reply.fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
            body: reply.body,
            httpTrailers: reply.trailers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
            duration: outcome.duration)
    }

    /// Two calls at once, the second while the first waits; the answer to the second.
    func second() throws -> Answer {
        let call = try dialled()
        let first = InMemoryConnection(
            plan: plan, limits: InMemoryCall.unhindered(ConnectionLimits()),
            client: ConnectionFacts(clientAddress: Array("192.0.2.7".utf8), clientPort: 4711, isTLS: false),
            wall: 1_767_225_600_000_000_000, seed: 1)
        // It is not waited for.
        _ = first.send(call.bytes(), room: 1 << 20, time: 0)
        return try withExtendedLifetime(first) { try send(call) }
    }

    /// Whether the connection, or the stream, ends without an answer or before it is whole.
    func isCut() throws -> Bool {
        do {
            return try !call().call.isWhole
        } catch is Broken {
            return true
        }
    }

    // MARK: What is written down

    /// The last line of the access log.
    func logLine() throws -> JSONValue {
        _ = outputs.close()
        guard let file = fopen(logPath, "r") else { throw Broken(description: "there is no log") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        guard let line = bytes[..<count].split(separator: 0x0A).last else {
            throw Broken(description: "the log is empty")
        }
        return try JSONReader.read(Array(line)).get()
    }

    /// A line of the metrics that begins so.
    func metric(_ start: String) -> String? {
        String(decoding: outputs.metrics.exposition(.text), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(start) }.map(String.init)
    }

    /// Sends the spans that wait to their collector.
    func sendSpans() { _ = outputs.spans.close(within: .seconds(10)) }
}
