import JSON
import Pipeline
import Protobuf

/// HTTP and JSON by the method's `google.api.http`; a server stream is one message behind the other.
struct JSONDialect: Dialect {
    private var method: CalledMethod?
    private var status = 200
    private var foreign: ForeignAnswer?
    private var documents = JSONDocuments()
    private var body: [UInt8] = []
    private var isOver = false

    mutating func request(
        _ method: CalledMethod, _ whole: Message?, _ settings: CallSettings
    ) throws(CallMistake) -> WireRequest {
        guard let whole else {
            throw CallMistake(
                "\(method.fullName) takes a stream, which HTTP with JSON has no form for",
                help: "call with --protocol grpc or connect")
        }
        guard let rule = method.rule else {
            throw CallMistake(
                "\(method.fullName) has no option `google.api.http`, which says where it is in HTTP",
                help: "--protocol connect sends JSON without one")
        }
        self.method = method
        let sent = try TranscodedRequest(whole, method, rule)
        var fields: CallFields = [("accept", "application/json")] + settings.agentField
        if sent.body != nil { fields.append(("content-type", "application/json")) }
        return WireRequest(
            version: .http1, method: rule.method ?? "POST", path: settings.prefix + sent.path,
            fields: fields + settings.metadata, body: .whole(sent.body ?? []))
    }

    func encoded(_ message: Message, _ method: CalledMethod) -> [UInt8] { [] }

    mutating func read(_ event: WireEvent) -> [CallReply] {
        if isOver { return [] }
        switch event {
        case .head(let status, let fields):
            self.status = status
            let type = fields.first { $0.name == "content-type" }?.value.lowercased() ?? ""
            if !type.contains("json") { foreign = ForeignAnswer(status: status, fields) }
            return [.metadata(status: status, fields)]
        case .body(let bytes):
            if foreign != nil {
                foreign?.append(bytes)
            } else if status != 200 || method?.serverStreams != true {
                body += bytes
            } else if case .success(let found) = documents.append(bytes) {
                return found.flatMap { read($0) }
            }
            return []
        case .end(let fields): return (fields.isEmpty ? [] : [.trailers(fields)]) + end()
        case .failed(let failure): return over(CallEnd(failure))
        }
    }

    private mutating func end() -> [CallReply] {
        if let foreign { return over(foreign.end(expected: "JSON")) }
        if (200...299).contains(status) {
            if method?.serverStreams == true { return (documents.end().map { read($0) } ?? []) + over(.ok) }
            return [.message(.json(body))] + over(.ok)
        }
        var end = CallEnd(code: Code.forStatus(status))
        if case .success(let json) = JSONReader.read(body) { Self.fill(&end, json) }
        return over(end)
    }

    /// One message of a stream: bare, as `{"result": …}`, or as an item of a list, as gateways write it.
    private mutating func read(_ document: [UInt8]) -> [CallReply] {
        if isOver { return [] }
        guard let json = try? JSONReader.read(document, limits: JSONLimits(depth: 1000)).get() else {
            return [.message(.json(document))]
        }
        if case .array(let items) = json { return items.flatMap { read($0) } }
        return read(json)
    }

    private mutating func read(_ json: JSONValue) -> [CallReply] {
        if isOver { return [] }
        if case .object(let members) = json, members.count == 1, let member = members.first, !hasField(member.key) {
            if member.key == "result" { return [message(member.value)] }
            if member.key == "error" {
                var end = CallEnd(code: .unknown)
                Self.fill(&end, member.value)
                return over(end)
            }
        }
        return [message(json)]
    }

    private func message(_ json: JSONValue) -> CallReply {
        var out = ByteWriter(capacity: 256)
        json.write(to: &out)
        return .message(.json(Array(out.bytes)))
    }

    private func hasField(_ name: String) -> Bool {
        guard let method else { return false }
        return method.codec.pool.messages[method.output].fields.contains { $0.jsonName.utf8.elementsEqual(name.utf8) }
    }

    private mutating func over(_ end: CallEnd) -> [CallReply] {
        isOver = true
        return [.end(end)]
    }

    /// google.rpc.Status, the same under `error`, or a problem document (RFC 9457).
    private static func fill(_ end: inout CallEnd, _ json: JSONValue) {
        let json = json["error"] ?? json
        if case .int(let number) = json["code"], let code = UInt8(exactly: number).flatMap({ Code(rawValue: $0) }) {
            end.code = code
        } else if case .string(let name) = json["code"] ?? json["status"], let code = Code(name: name) {
            end.code = code
        }
        if case .string(let text) = json["message"] ?? json["detail"] ?? json["title"] { end.message = text }
        end.details = StatusDetails.read(json["details"])
    }
}
