import JSON
import Pipeline
import Protobuf

/// gRPC over HTTP/2 (PROTOCOL-HTTP2.md), and gRPC-Web over HTTP/1.1 (PROTOCOL-WEB.md), whose trailers are a last message.
struct GRPCDialect: Dialect {
    private static let trailersFlag: UInt8 = 0x80

    let isWeb: Bool
    private var foreign: ForeignAnswer?
    private var envelopes = Envelopes()
    private var head: CallFields = []
    private var trailers: CallFields?
    private var isOver = false

    init(isWeb: Bool) { self.isWeb = isWeb }

    private var name: String { isWeb ? "gRPC-Web" : "gRPC" }

    mutating func request(
        _ method: CalledMethod, _ whole: Message?, _ settings: CallSettings
    ) -> WireRequest {
        var fields: CallFields =
            isWeb
            ? [
                ("content-type", "application/grpc-web+proto"), ("accept", "application/grpc-web+proto"),
                ("x-grpc-web", "1"),
            ]
            : [("content-type", "application/grpc"), ("te", "trailers")]
        fields += settings.agentField
        if let timeout = settings.timeout { fields.append(("grpc-timeout", Self.text(timeout: timeout))) }
        // Over HTTP/1.1 a server may answer only behind the last message.
        let isHalfDuplex = isWeb && !(method.clientStreams && method.serverStreams)
        return WireRequest(
            version: isHalfDuplex ? .http1 : .http2, path: "\(settings.prefix)/\(method.fullName)",
            fields: fields + settings.metadata, body: whole.map { .whole(encoded($0, method)) } ?? .stream)
    }

    func encoded(_ message: Message, _ method: CalledMethod) -> [UInt8] {
        Envelopes.enveloped(method.codec.encode(message))
    }

    /// At most eight digits and a unit; rounded up, so that no time becomes none.
    static func text(timeout nanoseconds: Int64) -> String {
        let units: [(size: Int64, name: String)] = [
            (1, "n"), (1000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
            (3_600_000_000_000, "H"),
        ]
        for unit in units {
            let count = nanoseconds / unit.size + (nanoseconds % unit.size > 0 ? 1 : 0)
            if count < 100_000_000 { return "\(max(count, 0))\(unit.name)" }
        }
        return "99999999H"
    }

    // MARK: The answer

    mutating func read(_ event: WireEvent) -> [CallReply] {
        if isOver { return [] }
        switch event {
        case .head(let status, let fields): return read(status, fields)
        case .body(let bytes): return read(bytes)
        case .end(let fields): return end(fields)
        case .failed(let failure): return over(CallEnd(failure))
        }
    }

    private mutating func read(_ status: Int, _ fields: CallFields) -> [CallReply] {
        head = fields
        let type = fields.first { $0.name == "content-type" }?.value.lowercased() ?? ""
        let isOwn = isWeb ? type.hasPrefix("application/grpc-web") : type.hasPrefix("application/grpc")
        if status != 200 || !isOwn { foreign = ForeignAnswer(status: status, fields) }
        return [.metadata(status: status, fields)]
    }

    private mutating func read(_ bytes: [UInt8]) -> [CallReply] {
        if foreign != nil {
            foreign?.append(bytes)
            return []
        }
        envelopes.append(bytes)
        var replies: [CallReply] = []
        while true {
            switch envelopes.next() {
            case .more: return replies
            case .tooLarge: return replies + over(CallEnd(code: .internal, message: "a message is larger than 256 MiB"))
            case .message(0, let message): replies.append(.message(.binary(message)))
            case .message(Self.trailersFlag, let text) where isWeb: trailers = Self.fields(text)
            case .message(let flags, _):
                let what =
                    flags & 1 == 1 ? "a message is compressed, which was not asked for" : "a message has unknown flags"
                return replies + over(CallEnd(code: .internal, message: what))
            }
        }
    }

    private mutating func end(_ fields: CallFields) -> [CallReply] {
        let own = trailers ?? fields
        // Without a message both are one (PROTOCOL-HTTP2.md, "Trailers-Only").
        let all = own + head
        guard let number = all.first(where: { $0.name == "grpc-status" })?.value else {
            if let foreign { return over(foreign.end(expected: name)) }
            return replies(own, CallEnd(code: .unknown, message: "the answer ended without a status"))
        }
        if envelopes.isPartial {
            return replies(own, CallEnd(code: .internal, message: "the answer ended within a message"))
        }
        let code = UInt8(number).flatMap { Code(rawValue: $0) } ?? .unknown
        let message = all.first { $0.name == "grpc-message" }.map { Self.text(escaped: $0.value) } ?? ""
        let details = all.first { $0.name == "grpc-status-details-bin" }.map { StatusDetails.read($0.value) } ?? []
        return replies(own, CallEnd(code: code, message: message, details: details))
    }

    private mutating func replies(_ trailers: CallFields, _ end: CallEnd) -> [CallReply] {
        (trailers.isEmpty ? [] : [.trailers(trailers)]) + over(end)
    }

    private mutating func over(_ end: CallEnd) -> [CallReply] {
        isOver = true
        return [.end(end)]
    }

    /// `grpc-message` with its escapes undone (PROTOCOL-HTTP2.md, "Responses").
    private static func text(escaped: String) -> String {
        var out = ByteWriter(capacity: escaped.utf8.count)
        Array(escaped.utf8).withUnsafeBufferPointer { PathEscapes.append(decoded: $0, to: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Lines as HTTP/1.1 writes them.
    private static func fields(_ text: [UInt8]) -> CallFields {
        text.split { $0 == 0x0D || $0 == 0x0A }.compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let value = line[(colon + 1)...].drop { $0 == 0x20 }
            return (
                String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self)
            )
        }
    }
}
