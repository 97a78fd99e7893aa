import CEL
import Catalog
import Compiler
import Diagnostics
import JSON
import Pipeline
import Protobuf
import Transport

// Examples of methods: a call over HTTP/2, and its messages as ProtoJSON.
extension Runner {
    static func sent(_ call: MethodCall, _ shown: Shown) -> String {
        let messages = call.messages.isEmpty ? "no messages" : call.sent.joined(separator: " ")
        return shown.redacted(call.method.fullName) + " " + shown.line(messages)
    }

    func compare(_ example: RouteExample, _ call: MethodCall) -> Compared {
        let bytes = InMemoryCall.request(
            scheme: example.client.isTLS ? "https" : "http", path: "/" + call.method.fullName, authority: "localhost",
            fields: call.metadata, messages: call.messages)
        let (sent, fault) = send(bytes, of: example, InMemoryCall.unhindered(limits))
        guard let outcome = sent else { return (nil, [fault]) }
        guard let reply = InMemoryCall.reply(outcome.bytes) else {
            return (nil, [Difference("answer", "the call was cut before it was answered")])
        }
        return (nil, MethodComparison(call, reply, duration: outcome.duration, Shown(redaction)).differences)
    }
}

/// What an example of a method expects beside what came.
struct MethodComparison {
    private(set) var differences: [Difference] = []
    private let shown: Shown

    init(_ call: MethodCall, _ reply: InMemoryCall.Reply, duration: Int64, _ shown: Shown) {
        self.shown = shown
        let number = reply.ending("grpc-status").flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        let code = number.flatMap { UInt8(exactly: $0) }.flatMap { Code(rawValue: $0) }
        guard reply.isWhole, let code else {
            differences.append(Difference("answer", "the call was cut before it was over"))
            return
        }
        let error = Self.text(reply.ending("grpc-message") ?? [])
        let codec = call.method.codec
        let messages = reply.messages.map { bytes -> JSONValue in
            guard case .success(let message) = codec.decode(bytes, as: call.method.output) else { return .null }
            return MethodCall.json(message, codec, writesDefaults: true)
        }
        if let expected = call.code, expected != code {
            let reason = error.isEmpty ? "" : ": " + shown.line(error)
            var difference = Difference("code", expected: "\(expected.name)", got: "\(code.name)\(reason)")
            difference.got = "\(code.name)"
            differences.append(difference)
            if code != .ok { return }
        }
        if let expected = call.message, !expected.utf8.elementsEqual(error.utf8) {
            differences.append(Difference("message", expected: shown.text(expected), got: shown.text(error)))
        }
        if let expected = call.expected { compare(expected, messages, isExact: call.isExact) }
        var seen = MethodReply(
            code: code, error: error, messages: messages, metadata: Self.texts(reply.fields),
            trailers: Self.texts(reply.trailers), duration: duration, time: Runner.time + duration)
        for assertion in call.assertions {
            if let difference = Difference(assertion, &seen, shown) { differences.append(difference) }
        }
    }

    private mutating func compare(_ expected: [JSONValue], _ got: [JSONValue], isExact: Bool) {
        if expected.count != got.count {
            differences.append(Difference("messages", expected: "\(expected.count)", got: "\(got.count)"))
        }
        let isOne = expected.count == 1 && got.count == 1
        for (index, (expected, got)) in zip(expected, got).enumerated() {
            for difference in JSONDiff(expected, got, isExact: isExact, shown).differences {
                let at = difference.at.dropFirst("json".count)
                differences.append(difference.moved(to: (isOne ? "response" : "response[\(index)]") + at))
            }
        }
    }

    /// `grpc-message` with its escapes undone (gRPC over HTTP2, "Responses").
    private static func text(_ bytes: [UInt8]) -> String {
        var out = ByteWriter(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { PathEscapes.append(decoded: $0, to: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static func texts(_ fields: InMemoryCall.Fields) -> [(name: String, value: String)] {
        fields.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
    }
}
