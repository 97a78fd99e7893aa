import CEL
import Calling
import Catalog
import Compiler
import Diagnostics
import JSON
import Pipeline
import Protobuf
import Transport

// Examples of methods: a call by the protocol that is asked for, over HTTP/2, and its messages as ProtoJSON.
extension Runner {
    static func sent(_ call: MethodCall, _ shown: Shown) -> String {
        let messages = call.messages.isEmpty ? "no messages" : call.sent.joined(separator: " ")
        return shown.redacted(call.method.fullName) + " " + shown.line(messages)
    }

    /// A call that can be made.
    struct Dialled {
        let call: MemoryCall
        /// By an HTTP rule.
        var http: FaceCommand.HTTP?
        /// The field of the answer that alone is sent by it, by its name in JSON.
        var field: String?
    }

    enum Dialling {
        case call(Dialled)
        /// The protocol has no place for it, and why.
        case none(String)
    }

    func dialled(_ example: RouteExample, _ call: MethodCall) -> Dialling {
        do throws(CallMistake) {
            guard speech == .json else {
                return .call(Dialled(call: try MemoryCall(speech, call.method, call.messages, metadata: call.metadata)))
            }
            return try transcoded(example, call)
        } catch {
            return .none(error.message)
        }
    }

    /// By the first rule that has a place for its message.
    private func transcoded(_ example: RouteExample, _ call: MethodCall) throws(CallMistake) -> Dialling {
        let route = compilation.routes.first { $0.method === call.method && $0.service == example.service }
        var mistake: CallMistake?
        for binding in route?.bindings ?? [] {
            if binding.takesRaw || binding.answersRaw {
                mistake = mistake ?? CallMistake("its HTTP rule carries google.api.HttpBody, which is no JSON")
                continue
            }
            do throws(CallMistake) {
                let made = try MemoryCall(
                    .json, call.method, call.messages, metadata: call.metadata, rule: binding.rule)
                let type = call.method.codec.pool.messages[call.method.output]
                return .call(
                    Dialled(
                        call: made,
                        http: FaceCommand.HTTP(method: made.line.method, target: made.line.target, body: made.text),
                        field: binding.rule.responseBody.map { type.field(named: $0)?.jsonName ?? $0 }))
            } catch {
                mistake = mistake ?? error
            }
        }
        if let mistake { throw mistake }
        return .none(
            call.method.clientStreams
                ? "a request over HTTP is one message, and the method takes a stream" : "the method has no HTTP rule")
    }

    func compare(_ example: RouteExample, _ call: MethodCall, _ dialled: Dialled) -> Compared {
        let bytes = dialled.call.bytes(scheme: example.client.isTLS ? "https" : "http")
        let (sent, fault) = send(bytes, of: example, InMemoryCall.unhindered(limits))
        guard let outcome = sent else { return (nil, [fault]) }
        guard let answer = dialled.call.answer(outcome.bytes) else {
            return (nil, [Difference("answer", "the call was cut before it was answered")])
        }
        let comparison = MethodComparison(
            call, answer, only: dialled.field, duration: outcome.duration, Shown(compilation.redaction))
        return (nil, comparison.differences)
    }
}

/// What an example of a method expects beside what came.
struct MethodComparison {
    private(set) var differences: [Difference] = []
    private let shown: Shown

    /// - Parameter field: the only one of the answer's message that is sent.
    init(
        _ call: MethodCall, _ answer: MemoryCall.Answer, only field: String?, duration: Int64, _ shown: Shown
    ) {
        self.shown = shown
        guard answer.isWhole else {
            differences.append(Difference("answer", "the call was cut before it was over"))
            return
        }
        if let expected = call.code, expected != answer.code {
            let reason = answer.error.isEmpty ? "" : ": " + shown.line(answer.error)
            var difference = Difference("code", expected: "\(expected.name)", got: "\(answer.code.name)\(reason)")
            difference.got = "\(answer.code.name)"
            differences.append(difference)
            if answer.code != .ok { return }
        }
        if let expected = call.message, !expected.utf8.elementsEqual(answer.error.utf8) {
            differences.append(Difference("message", expected: shown.text(expected), got: shown.text(answer.error)))
        }
        if let expected = call.expected {
            compare(
                expected.map { Self.narrowed($0, to: field) }, answer.messages.map { Self.narrowed($0, to: field) },
                isExact: call.isExact)
        }
        var seen = MethodReply(
            code: answer.code, error: answer.error, messages: answer.messages, metadata: answer.metadata,
            trailers: answer.trailers, duration: duration, time: Runner.time + duration)
        for assertion in call.assertions {
            if let difference = Difference(assertion, &seen, shown) { differences.append(difference) }
        }
    }

    private static func narrowed(_ json: JSONValue, to field: String?) -> JSONValue {
        guard let field, case .object(let members) = json else { return json }
        return .object(members.filter { $0.key.utf8.elementsEqual(field.utf8) })
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
}
