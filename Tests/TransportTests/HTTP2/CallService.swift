import Diagnostics
import JSON
import Pipeline
import Protobuf
import Testing

@testable import Transport

/// A service whose methods go every way, compiled from its `.proto`.
enum CallService {
    private static let proto = """
        syntax = "proto3";
        package t;
        message Text { string text = 1; }
        service Echo {
            rpc Unary(Text) returns (Text);
            rpc Lots(Text) returns (stream Text);
            rpc Gather(stream Text) returns (Text);
            rpc Chat(stream Text) returns (stream Text);
        }
        """

    private static let pool: DescriptorPool? = {
        var findings = Findings()
        let source = Source(name: "test", text: "t.proto")
        let place = SourceRange(source, 0, 7)
        return ProtoFiles.compile(
            [ProtoFiles.Entry("t.proto", at: place)], roots: [],
            read: { $0 == "t.proto" ? .bytes(Array(proto.utf8)) : .missing }, &findings)
    }()

    static func method(_ name: String) -> RPCMethod? {
        guard let pool, let service = pool.service(named: "t.Echo"), let method = service.method(named: name) else {
            Issue.record("the service is not compiled")
            return nil
        }
        return RPCMethod(service: service, method, MessageCodec(pool))
    }

    static func route(
        _ name: String, early: [any Middleware] = [], late: [any Middleware] = [], _ responder: ScriptedResponder
    ) -> ScriptedRoute {
        ScriptedRoute("POST /t.Echo/" + name, early: early, late: late, rpc: method(name), responder)
    }

    /// A `Text` of less than 128 bytes, or of more, encoded.
    static func text(_ text: String) -> [UInt8] {
        let count = text.utf8.count
        if count == 0 { return [] }
        var length: [UInt8] = []
        var rest = count
        while rest >= 128 {
            length.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return [0x0A] + length + [UInt8(rest)] + Array(text.utf8)
    }

    /// The same as it goes over the wire.
    static func framed(_ text: String) -> [UInt8] { framed(Self.text(text)) }

    static func framed(_ bytes: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag] + TestFrame.of(UInt32(bytes.count)) + bytes
    }

    // MARK: Responders

    static let unary = route(
        "Unary",
        ScriptedResponder(start: { exchange in
            exchange.reply(exchange.message.map(Array.init) ?? [])
            return .done
        }))

    /// Sends each message back.
    static let chat = route(
        "Chat",
        ScriptedResponder(
            .messages, start: { _ in .needInput },
            input: { exchange in
                guard let message = exchange.message else { return exchange.inputEnded ? .done : .fail }
                exchange.reply(Array(message))
                return .needInput
            }))

    /// Says how many messages there were.
    static let gather = route(
        "Gather",
        ScriptedResponder(
            .messages, start: { _ in .needInput },
            input: { exchange in
                if exchange.message != nil {
                    exchange.position += 1
                    return .needInput
                }
                exchange.reply(text("\(exchange.position)"))
                return .done
            }))

    /// Sends the message so many times, one at a time.
    static func lots(_ count: Int, last: ScriptedResponder.Action? = nil) -> ScriptedRoute {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            if exchange.position == count { return last?(&exchange) ?? .done }
            exchange.position += 1
            exchange.reply(exchange.message.map(Array.init) ?? [])
            return .blocked
        }
        return route("Lots", ScriptedResponder(start: step, resume: step))
    }

    static func failing(_ failure: Failure, _ name: String = "Unary") -> ScriptedRoute {
        route(
            name,
            ScriptedResponder(start: { exchange in
                exchange.fail(failure)
                return .fail
            }))
    }
}

extension Exchange {
    /// Appends a message to the answer.
    mutating func reply(_ bytes: [UInt8]) {
        let start = beginMessage()
        loop.state.pointee.body.append(bytes)
        endMessage(start)
    }
}

extension HTTP2Answer {
    /// A field of the trailers, or of the one head that there was.
    func trailer(_ name: String) -> String? {
        (trailers.isEmpty ? fields : trailers).first { $0.0 == name }?.1
    }

    var grpcStatus: Int? { trailer("grpc-status").flatMap { Int($0) } }
    var grpcMessage: String? { trailer("grpc-message") }
    var isTrailersOnly: Bool { isWhole && body.isEmpty && trailers.isEmpty && self["grpc-status"] != nil }

    /// The messages, each with its flag; nil where the body ends within one.
    var messages: [(flag: UInt8, bytes: [UInt8])]? {
        var all: [(flag: UInt8, bytes: [UInt8])] = []
        var at = 0
        while at < body.count {
            guard body.count - at >= 5 else { return nil }
            let length = Int(TestFrame.word(body, at + 1))
            guard body.count - at - 5 >= length else { return nil }
            all.append((body[at], Array(body[(at + 5)..<(at + 5 + length)])))
            at += 5 + length
        }
        return all
    }

    /// The texts of the messages.
    var texts: [String]? {
        messages?.map { message in String(decoding: message.bytes.dropFirst(2), as: UTF8.self) }
    }
}

extension HTTP2Peer {
    /// The head of a call.
    func begin(_ id: UInt32, _ method: String, _ more: [(String, String)] = [], type: String = "application/grpc") {
        let fields = [("content-type", type), ("te", "trailers")] + more
        send(.headers(id, TestFrame.fields("POST", "/t.Echo/" + method, fields), ends: false))
    }

    func data(_ id: UInt32, _ bytes: [UInt8], ends: Bool = false) {
        send(TestFrame(kind: FrameKind.data, flags: ends ? 1 : 0, stream: id, payload: bytes))
    }

    /// A call with one message.
    func call(_ id: UInt32, _ method: String = "Unary", _ text: String = "hi", _ more: [(String, String)] = []) {
        begin(id, method, more)
        data(id, CallService.framed(text), ends: true)
    }
}
