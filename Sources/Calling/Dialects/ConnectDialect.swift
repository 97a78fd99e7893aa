import JSON
import Pipeline
import Protobuf

/// What both kinds of calls over Connect have (connectrpc.com, "Connect Protocol Reference").
enum Connect {
    static func fields(_ type: String, _ settings: CallSettings) -> CallFields {
        var fields: CallFields =
            [
                ("content-type", type), ("accept", type), ("connect-protocol-version", "1"),
            ] + settings.agentField
        if let timeout = settings.timeout {
            let milliseconds = timeout / 1_000_000 + (timeout % 1_000_000 > 0 ? 1 : 0)
            // At most ten digits.
            fields.append(("connect-timeout-ms", String(min(milliseconds, 9_999_999_999))))
        }
        return fields + settings.metadata
    }

    static func end(_ json: JSONValue, status: Int) -> CallEnd {
        var end = CallEnd(code: ForeignAnswer.code(for: status))
        if case .string(let name) = json["code"], let code = Code(name: name) { end.code = code }
        if case .string(let text) = json["message"] { end.message = text }
        end.details = StatusDetails.read(json["details"])
        return end
    }

    /// The message as ProtoJSON.
    static func json(_ message: Message, _ method: CalledMethod) throws(CallMistake) -> [UInt8] {
        var out = ByteWriter(capacity: 256)
        if case .failure(let error) = MessageJSONWriter(method.codec).write(message, to: &out) {
            throw CallMistake("the message has no form in JSON: \(error.message)")
        }
        return Array(out.bytes)
    }
}

/// A call of one message each way over Connect: a plain request of HTTP, its failure a plain error.
struct ConnectDialect: Dialect {
    private var status = 200
    private var head: CallFields = []
    private var body: [UInt8] = []
    private var foreign: ForeignAnswer?

    mutating func request(
        _ method: CalledMethod, _ whole: Message?, _ settings: CallSettings
    ) throws(CallMistake) -> WireRequest {
        WireRequest(
            version: .http1, path: "\(settings.prefix)/\(method.fullName)",
            fields: Connect.fields("application/json", settings),
            body: .whole(try Connect.json(whole ?? Message(type: method.input), method)))
    }

    func encoded(_ message: Message, _ method: CalledMethod) throws(CallMistake) -> [UInt8] {
        try Connect.json(message, method)
    }

    mutating func read(_ event: WireEvent) -> [CallReply] {
        switch event {
        case .head(let status, let fields):
            self.status = status
            head = fields
            let type = fields.first { $0.name == "content-type" }?.value.lowercased() ?? ""
            if !type.hasPrefix("application/json") { foreign = ForeignAnswer(status: status, fields) }
            return [.metadata(status: status, fields.filter { !$0.name.hasPrefix("trailer-") })]
        case .body(let bytes):
            if foreign == nil { body += bytes } else { foreign?.append(bytes) }
            return []
        case .end:
            let trailers = head.filter { $0.name.hasPrefix("trailer-") }.map {
                (name: String($0.name.dropFirst("trailer-".count)), value: $0.value)
            }
            return end(trailers.isEmpty ? [] : [.trailers(trailers)])
        case .failed(let failure): return [.end(CallEnd(failure))]
        }
    }

    private func end(_ trailers: [CallReply]) -> [CallReply] {
        if let foreign { return trailers + [.end(foreign.end(expected: "Connect"))] }
        if status == 200 { return [.message(.json(body))] + trailers + [.end(.ok)] }
        guard case .success(let json) = JSONReader.read(body) else {
            return trailers
                + [
                    .end(
                        CallEnd(
                            code: ForeignAnswer.code(for: status),
                            message: "the answer is HTTP \(status) without a readable error"))
                ]
        }
        return trailers + [.end(Connect.end(json, status: status))]
    }
}

/// A call with a stream over Connect: messages in envelopes, and an end in the last of them.
struct ConnectStreamDialect: Dialect {
    private static let endFlag: UInt8 = 2

    private var envelopes = Envelopes()
    private var foreign: ForeignAnswer?
    private var isOver = false

    mutating func request(
        _ method: CalledMethod, _ whole: Message?, _ settings: CallSettings
    ) throws(CallMistake) -> WireRequest {
        var body = WireRequest.Body.stream
        if let whole { body = .whole(try encoded(whole, method)) }
        return WireRequest(
            // Over HTTP/1.1 a server may answer only behind the last message.
            version: method.clientStreams ? .http2 : .http1, path: "\(settings.prefix)/\(method.fullName)",
            fields: Connect.fields("application/connect+json", settings), body: body)
    }

    func encoded(_ message: Message, _ method: CalledMethod) throws(CallMistake) -> [UInt8] {
        Envelopes.enveloped(try Connect.json(message, method))
    }

    mutating func read(_ event: WireEvent) -> [CallReply] {
        if isOver { return [] }
        switch event {
        case .head(let status, let fields):
            let type = fields.first { $0.name == "content-type" }?.value.lowercased() ?? ""
            if status != 200 || !type.hasPrefix("application/connect+json") {
                foreign = ForeignAnswer(status: status, fields)
            }
            return [.metadata(status: status, fields)]
        case .body(let bytes): return read(bytes)
        case .end:
            isOver = true
            guard let foreign else {
                return [.end(CallEnd(code: .unknown, message: "the answer ended without a status"))]
            }
            if foreign.type.hasPrefix("application/json"), case .success(let json) = JSONReader.read(foreign.body) {
                return [.end(Connect.end(json, status: foreign.status))]
            }
            return [.end(foreign.end(expected: "Connect"))]
        case .failed(let failure): return [.end(CallEnd(failure))]
        }
    }

    private mutating func read(_ bytes: [UInt8]) -> [CallReply] {
        if foreign != nil {
            foreign?.append(bytes)
            return []
        }
        envelopes.append(bytes)
        var replies: [CallReply] = []
        while !isOver {
            switch envelopes.next() {
            case .more: return replies
            case .tooLarge:
                isOver = true
                replies.append(.end(CallEnd(code: .internal, message: "a message is larger than 256 MiB")))
            case .message(0, let message): replies.append(.message(.json(message)))
            case .message(Self.endFlag, let text):
                isOver = true
                replies += Self.end(text)
            case .message:
                isOver = true
                replies.append(.end(CallEnd(code: .internal, message: "a message has flags that were not asked for")))
            }
        }
        return replies
    }

    private static func end(_ text: [UInt8]) -> [CallReply] {
        guard case .success(let json) = JSONReader.read(text) else {
            return [.end(CallEnd(code: .internal, message: "the end of the stream is not JSON"))]
        }
        var trailers: CallFields = []
        if case .object(let members) = json["metadata"] {
            for (name, value) in members {
                guard case .array(let values) = value else { continue }
                for case .string(let text) in values { trailers.append((name.lowercased(), text)) }
            }
        }
        let end = json["error"].map { Connect.end($0, status: 200) } ?? .ok
        return (trailers.isEmpty ? [] : [.trailers(trailers)]) + [.end(end)]
    }
}
