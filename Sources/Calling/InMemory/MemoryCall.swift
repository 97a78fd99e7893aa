import Compiler
package import JSON
package import Pipeline
import Protobuf
import Transport

/// A whole call by one of the protocols for who drives a connection without a socket: the bytes that a client sends, and
/// what those of an answer mean.
package struct MemoryCall {
    /// What came of it, whatever the protocol.
    package struct Answer: Sendable {
        /// Of HTTP.
        package fileprivate(set) var status = 0
        package fileprivate(set) var code = Code.unknown
        /// The words of a failure.
        package fileprivate(set) var error = ""
        /// The types of its details.
        package fileprivate(set) var details: [String] = []
        /// ProtoJSON with the fields that have their default.
        package fileprivate(set) var messages: [JSONValue] = []
        package fileprivate(set) var metadata: CallFields = []
        package fileprivate(set) var trailers: CallFields = []
        /// The answer came to its end.
        package fileprivate(set) var isWhole = false
    }

    private let speech: CallProtocol
    private let method: CalledMethod
    private let rule: HTTPRule?
    private let request: WireRequest
    /// As it is sent: one message, or messages behind their prefixes.
    package let body: [UInt8]
    private let start: any Dialect

    /// - Parameters:
    ///   - messages: encoded.
    ///   - metadata: names in lower case; values of `-bin` in base64.
    ///   - timeout: the client's deadline in nanoseconds.
    ///   - rule: where the method is in HTTP, for `json`.
    package init(
        _ speech: CallProtocol, _ method: RPCMethod, _ messages: [[UInt8]],
        metadata: [(name: String, value: [UInt8])] = [], timeout: Int64? = nil, rule: HTTPRule? = nil
    ) throws(CallMistake) {
        let called = CalledMethod(method, rule: rule)
        var sent: [Message] = []
        for bytes in messages {
            guard case .success(let message) = called.codec.decode(bytes, as: called.input) else {
                throw CallMistake("a message is no \(called.codec.pool.messages[called.input].fullName)")
            }
            sent.append(message)
        }
        let settings = CallSettings(
            metadata: metadata.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }, timeout: timeout,
            agent: nil)
        var dialect = speech.dialect(for: called)
        let whole = called.clientStreams ? nil : sent.first ?? Message(type: called.input)
        request = try dialect.request(called, whole, settings)
        switch request.body {
        case .whole(let bytes): body = bytes
        case .stream:
            var bytes: [UInt8] = []
            for message in sent { bytes += try dialect.encoded(message, called) }
            body = bytes
        }
        self.speech = speech
        self.method = called
        self.rule = rule
        start = dialect
    }

    /// What asks for it: `GET /v1/greetings/Ann?language=en`.
    package var line: (method: String, target: String) { (request.method, request.path) }

    /// The head's fields, without those that frame the body.
    package var fields: [(name: String, value: String)] { request.fields }

    /// The body of a request that is one message; nil where there is none.
    package var text: String? { body.isEmpty ? nil : String(decoding: body, as: UTF8.self) }

    /// All that a client sends, over HTTP/2, which takes streams of both sides.
    ///
    /// - Parameters:
    ///   - fields: of the head, beside those that the protocol wants.
    ///   - body: what is sent in place of the call's own.
    package func bytes(
        scheme: String = "http", authority: String = "localhost", fields: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) -> [UInt8] {
        let head: CallFields = [
            (":method", request.method), (":scheme", scheme), (":path", request.path), (":authority", authority),
        ]
        return InMemoryCall.request(
            (head + request.fields + fields).map { ($0.name, Array($0.value.utf8)) }, body: body ?? self.body)
    }

    /// Nil if there is no answer at all.
    package func answer(_ bytes: [UInt8]) -> Answer? {
        guard let reply = InMemoryCall.reply(bytes) else { return nil }
        let fields = Self.texts(reply.fields)
        let status = reply.fields.first { $0.name == ":status" }.flatMap {
            Int(String(decoding: $0.value, as: UTF8.self))
        }
        var dialect = start
        var answer = Answer(status: status ?? 0, metadata: fields, isWhole: reply.isWhole)
        let end =
            reply.isWhole
            ? WireEvent.end(Self.texts(reply.trailers))
            : .failed(WireFailure(kind: .broken, reason: "the call was cut before it was over"))
        for event in [.head(status: answer.status, fields), .body(reply.body), end] {
            for part in dialect.read(event) { take(part, into: &answer) }
        }
        return answer
    }

    private func take(_ reply: CallReply, into answer: inout Answer) {
        switch reply {
        case .metadata(_, let fields): answer.metadata = fields
        case .message(let message): answer.messages.append(json(message))
        case .trailers(let fields): answer.trailers = fields
        case .end(let end):
            answer.code = end.code
            answer.error = end.message
            answer.details = end.details.map(\.type)
            // What fails without a message has one head for both (PROTOCOL-HTTP2.md, "Trailers-Only").
            if speech == .grpc, answer.trailers.isEmpty { answer.trailers = answer.metadata }
        }
    }

    private func json(_ message: CallMessage) -> JSONValue {
        let read: Message?
        switch message {
        case .binary(let bytes): read = try? method.codec.decode(bytes, as: method.output).get()
        case .json(let bytes):
            guard let json = try? JSONReader.read(bytes, limits: JSONLimits(depth: 1000)).get() else { return .null }
            let whole = rule?.responseBody.map { JSONValue.object([($0, json)]) } ?? json
            read = try? MessageJSONReader(method.codec, ignoresUnknown: true).read(whole, as: method.output).get()
        }
        return read.map { MethodCall.json($0, method.codec, writesDefaults: true) } ?? .null
    }

    private static func texts(_ fields: InMemoryCall.Fields) -> CallFields {
        fields.filter { !$0.name.hasPrefix(":") }.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
    }
}
