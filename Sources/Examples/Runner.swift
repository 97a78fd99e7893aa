import CEL
package import Calling
import Catalog
package import Compiler
package import Diagnostics
import JSON
import Manifests
import Pipeline
import Transport

/// What became of an example.
package struct ExampleResult: Sendable {
    /// The example in the manifest.
    package let place: SourceRange
    package let service: String
    /// The route's pattern, as the manifest writes it.
    package let pattern: String
    /// The example's.
    package let name: String?
    /// Empty if all was as expected.
    package let differences: [Difference]
    /// What was sent, on one line.
    package let sent: String
    /// The line of a shell that sends it to a server: `curl`, or `buf curl` for a method.
    package let curl: String?
    /// What a method was called by; nil for an HTTP route.
    package let speech: CallProtocol?
    /// Why it was not run: the protocol has no place for it.
    package let passedOver: String?
    /// Of the answer; nil if there was none.
    package let status: Int?
    /// Nanoseconds that running it took.
    package let duration: Int64

    package var hasPassed: Bool { differences.isEmpty && passedOver == nil }
    package var hasFailed: Bool { !differences.isEmpty }

    /// What it is called: its name, or what it sends.
    package var title: String { name ?? sent }
}

/// Runs examples through the whole chain, over HTTP/1 and what methods are called by, without a socket and without waiting.
///
/// Each has a plan in which nothing has happened, a clock that stands, and random numbers from the same seed.
package struct Runner {
    /// 2026-01-01T00:00:00Z
    package static let time: Int64 = 1_767_225_600_000_000_000
    package static let seed: UInt64 = 1
    /// What an answer may be at most, and how long it may take by the clock of the test.
    package static let room = 16 * 1024 * 1024
    package static let patience: Int64 = 3600 * 1_000_000_000

    let compilation: Compilation
    /// What methods are called by.
    let speech: CallProtocol
    /// What tells how long a run took.
    private let measure: () -> Int64

    package init(_ compilation: Compilation, speaking speech: CallProtocol = .grpc, measure: @escaping () -> Int64) {
        self.compilation = compilation
        self.speech = speech
        self.measure = measure
    }

    package func run(_ example: RouteExample) -> ExampleResult {
        let start = measure()
        let shown = Shown(compilation.redaction)
        let (outcome, sent, curl): (Compared, String, String?)
        var speech: CallProtocol?
        var passedOver: String?
        switch example.content {
        case .request(let section, let call, let assertions):
            outcome = compare(example, section, call, assertions)
            sent = Self.sent(call, shown)
            let target = CommandTarget(listeners, of: example.client, speaking: .http1)
            curl = CurlCommand(call, to: target, compilation.redaction).text
        case .call(let call):
            speech = self.speech
            sent = Self.sent(call, shown)
            switch dialled(example, call) {
            case .call(let dialled):
                outcome = compare(example, call, dialled)
                curl = FaceCommand(call.method, call, from: example.client, to: listeners, compilation.redaction)
                    .text(self.speech, dialled.http)
            case .none(let reason):
                outcome = (nil, [])
                curl = nil
                passedOver = reason
            }
        }
        return ExampleResult(
            place: example.place, service: example.service, pattern: example.pattern,
            name: example.name.map(shown.redacted), differences: outcome.differences.map { $0.mapped(shown.redacted) },
            sent: sent, curl: example.client.identity == nil ? curl : nil, speech: speech, passedOver: passedOver,
            status: outcome.status,
            duration: max(0, measure() - start))
    }

    typealias Compared = (status: Int?, differences: [Difference])

    private var listeners: [Listen] { compilation.manifest?.listen.values ?? [] }

    private static func sent(_ call: ExampleCall, _ shown: Shown) -> String {
        let line = shown.redacted("\(call.method) \(String(decoding: call.target, as: UTF8.self))")
        guard let body = call.body, !body.isEmpty else { return line }
        let isText = body.withUnsafeBufferPointer { UTF8Scanner.firstInvalid($0) } == nil
        return line + " "
            + (isText ? shown.line(String(decoding: body, as: UTF8.self)) : "(\(body.count) bytes)")
    }

    /// Sends bytes over a connection of the example's own; nil, with what was wrong, if there was no answer.
    func send(
        _ bytes: [UInt8], of example: RouteExample, _ limits: ConnectionLimits
    ) -> (outcome: InMemoryConnection.Outcome?, fault: Difference) {
        guard let plan = compilation.plan(for: example) else {
            return (nil, Difference("manifest", "it has mistakes, so nothing is served"))
        }
        let client = example.client
        let connection = InMemoryConnection(
            plan: plan, limits: limits,
            client: ConnectionFacts(
                clientAddress: Array(client.address.utf8), clientPort: client.port, isTLS: client.isTLS,
                tls: client.isTLS ? TLSFacts(version: "1.3", identity: Array((client.identity ?? "").utf8)) : nil),
            wall: Self.time, seed: Self.seed)
        let outcome = connection.send(bytes, room: Self.room, time: Self.patience)
        switch outcome.ending {
        case .tooLarge: return (nil, Difference("answer", "it is larger than 16 MiB"))
        case .tooLate:
            let what = outcome.bytes.isEmpty ? "there is none" : "it is not over"
            return (nil, Difference("answer", "\(what) after an hour by the clock of the test"))
        case .answered, .cut: return (outcome, Difference("answer", ""))
        }
    }

    var limits: ConnectionLimits {
        compilation.manifest?.limits.connectionLimits(openFiles: 1024) ?? ConnectionLimits()
    }

    private func compare(
        _ example: RouteExample, _ section: ExampleSection, _ call: ExampleCall, _ assertions: [Program]
    ) -> Compared {
        let (sent, fault) = send(call.bytes, of: example, limits)
        guard let outcome = sent else { return (nil, [fault]) }
        let reply: Reply?
        do {
            reply = try Reply.read(outcome.bytes, method: call.method, isOver: true)
        } catch {
            return (nil, [Difference("answer", "it is not HTTP: \(error.reason)")])
        }
        let isCut = outcome.ending == .cut || reply?.isWhole != true
        let expected = section.response
        var differences: [Difference] = []
        if isCut != expected.cut {
            let what = reply == nil ? "before the answer" : "before the answer was whole"
            differences.append(
                isCut
                    ? Difference("answer", "the connection was closed \(what)")
                    : Difference("cut", "expected the connection to be closed, got an answer"))
        }
        guard let reply else {
            if expected.cut, expected.expectsAnswer {
                differences.append(Difference("answer", "the connection was closed before it began"))
            }
            return (nil, differences)
        }
        if isCut, !expected.cut { return (reply.status, differences) }
        var seen = ExampleReply(
            status: reply.status, fields: reply.fields, body: reply.body, duration: outcome.duration,
            time: Self.time + outcome.duration)
        let comparison = Comparison(
            expected, assertions: assertions, reply, &seen, Shown(compilation.redaction))
        return (reply.status, differences + comparison.differences)
    }
}
