import Calling
import Compiler
import Diagnostics
import DryRun
import Examples
import JSON
import Manifests
import Pipeline
import Protobuf

// What is told of calls, and the commands.
extension Feature {
    private static let counters =
        "middleware: { metrics: { counters: { hello_count: { labels: { name: request.name }, on: parity.Unary } } } }"
    private static let example = "examples: [{ request: { name: Ann }, response: { name: Hello Ann } }]\n"
    private static let choice =
        "cases: [{ when: request.name == 'Ann', template: { message: { name: one } } }]\ntemplate: { message: {} }"

    static let seen = [
        Feature("access log: `rpc.method`, `rpc.status_code`") { desk in
            _ = try desk.call()
            let line = try desk.logLine()
            guard case .string(let method) = line["rpc.method"], case .string(let code) = line["rpc.status_code"]
            else { return false }
            return method == "parity.Parity/Unary" && code.lowercased() == "ok"
        },
        Feature("access log: `radicled.protocol`") { desk in
            _ = try desk.call()
            guard case .string(let name) = try desk.logLine()["radicled.protocol"] else { return false }
            return name == desk.speech.label
        },
        Feature("access log: a failure", "template: { error: { code: NOT_FOUND } }") { desk in
            _ = try desk.call()
            guard case .string(let code) = try desk.logLine()["rpc.status_code"] else { return false }
            return code.uppercased() == "NOT_FOUND"
        },
        Feature("metrics: `rpc_server_call_duration_seconds` with `radicled_protocol`") { desk in
            _ = try desk.call()
            let line = desk.metric("rpc_server_call_duration_seconds_count") ?? ""
            return line.contains(#"radicled_protocol="\#(desk.speech.label)""#)
                && line.contains(#"rpc_method="parity.Parity/Unary""#) && line.hasSuffix(" 1")
        },
        Feature("metrics: counters of your own that read the message", top: counters) { desk in
            _ = try desk.call()
            return desk.metric("hello_count_total") == #"hello_count_total{name="Ann"} 1"#
        },
        Feature("tracing: a span called by `rpc.method` that goes on with the client's trace") { desk in
            let trace = "4bf92f3577b34da6a3ce929d0e0e47" + desk.speech.digits
            _ = try desk.traced().call(metadata: [("traceparent", "00-\(trace)-00f067aa0ba902b7-01")])
            return Desk.collector?.texts.contains { text in
                text.contains(trace) && text.contains(#""name":"parity.Parity/Unary""#)
                    && text.contains(desk.speech.label)
            } ?? false
        },
        Feature("health") { desk in
            guard case .string("SERVING") = try desk.call(["{}"], of: Desk.health).call.messages.first?["status"]
            else { return false }
            return true
        },
        Feature("reflection") { desk in
            let answer = try desk.call([#"{"listServices":""}"#], of: Desk.reflection).call
            return "\(answer.messages)".contains("parity.Parity")
        },
        Feature("`radicled test`", example + hello) { desk in
            var run = TestRun(speaking: desk.speech, measure: { 0 })
            var findings = Findings()
            let loading = Loading(
                [Source(name: "parity.yaml", text: desk.text)], in: Desk.surroundings, &findings)
            run.add(loading, name: "parity.yaml", findings)
            return run.isGood && run.passed == 1
        },
        Feature("`radicled routes --explain`", choice) { desk in
            guard let rehearsal = Rehearsal(desk.compilation) else { return false }
            let decision = rehearsal.decide(try desk.asked())
            return "\(decision.face.protocolName)" == desk.speech.label && decision.chosenCase == 1
                && decision.route?.method?.name == "Unary"
        },
        Feature("`radicled call`") { desk in
            var options = Call.Options(target: .manifest("parity.yaml"))
            options.name = "parity.Parity/Unary"
            options.input = .text(#"{"name":"Ann"}"#)
            options.speech = desk.speech
            let answers = Answers()
            var output = CallOutput(
                answer: {
                    answers.text += $0
                    return true
                }, note: { _ in })
            output.format = .json
            let call = try Call(options, compilation: desk.compilation, in: Desk.surroundings, output)
            return try call.run() == 0 && answers.text == "{\"name\":\"Hello Ann\"}\n"
        },
    ]

    private final class Answers {
        var text = ""
    }
}

extension CallProtocol {
    /// Of a trace of its own.
    fileprivate var digits: String {
        switch self {
        case .grpc: "36"
        case .grpcWeb: "37"
        case .connect: "38"
        case .json: "39"
        }
    }
}

extension Desk {
    static let collector = try? Collector()

    /// The same with a collector, which has the spans when this goes.
    fileprivate func traced() throws -> Traced {
        guard let collector = Desk.collector else { throw Broken(description: "there is no collector") }
        return Traced(
            desk: try Desk(
                speech, "Unary", Feature.hello,
                overrides: ["middleware.tracing={ otlp: 'http://127.0.0.1:\(collector.port)', protocol: http/json }"]))
    }

    struct Traced {
        let desk: Desk

        func call(metadata: [(name: String, value: String)]) throws -> Answer {
            let answer = try desk.call(metadata: metadata)
            desk.sendSpans()
            return answer
        }
    }

    static let builtIn = MessageCodec(
        ProtoFiles.builtIn(["grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto"]))

    static var health: RPCMethod? { method("grpc.health.v1.Health", "Check") }
    static var reflection: RPCMethod? { method("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo") }

    private static func method(_ service: String, _ name: String) -> RPCMethod? {
        guard let service = builtIn.pool.service(named: service), let method = service.method(named: name) else {
            return nil
        }
        return RPCMethod(service: service, method, builtIn)
    }

    /// What is asked of `routes --explain`; the message of gRPC is given as JSON.
    fileprivate func asked() throws -> AskedRequest {
        let call = try dialled()
        let type =
            switch speech {
            case .grpc: "application/grpc"
            case .grpcWeb: "application/grpc-web"
            case .connect, .json: "application/json"
            }
        let body = speech == .grpc ? Array(#"{"name":"Ann"}"#.utf8) : call.body
        return try AskedRequest(
            "\(call.line.method) \(call.line.target)", headers: ["content-type: \(type)"], body: body)
    }
}
