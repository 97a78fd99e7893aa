import Catalog
import Compiler
import Diagnostics
import JSON
import Manifests
import Pipeline
import Telemetry
import Testing
import Transport

/// A manifest at work without a socket, and what is counted of it.
final class Served {
    let outputs: LogOutputs
    let states: SharedStates
    private let connection: InMemoryConnection

    /// - Parameters:
    ///   - text: a manifest without `radicle`; the access log is off.
    ///   - earlier: the plan that it replaces.
    init(_ text: String, after earlier: Served? = nil, at location: SourceLocation = #_sourceLocation) throws {
        outputs = earlier?.outputs ?? LogOutputs(loops: 1)
        states = SharedStates(after: earlier?.states)
        var findings = Findings()
        let source = Source(name: "a.yaml", text: "radicle: 1\n" + text)
        let loading = Loading(
            [source], overrides: ["middleware.access_log=off"], in: .examples, &findings)
        let plan = Compilation(loading, outputs: outputs, states: states, &findings).plan
        var shown = ByteWriter()
        HumanRenderer().render(findings.ordered(), to: &shown)
        try #require(
            plan != nil, "\(String(decoding: shown.bytes, as: UTF8.self))", sourceLocation: location)
        states.takeEffect()
        connection = InMemoryConnection(
            plan: try #require(plan), limits: ConnectionLimits(),
            client: ConnectionFacts(clientAddress: Array("192.0.2.7".utf8), clientPort: 4711, isTLS: false),
            wall: 1_764_115_200_000_000_000, seed: 1)
    }

    /// Sends a request; gives the status of the answer.
    @discardableResult
    func ask(_ line: String, headers: [String] = [], body: String = "") -> Int {
        var text = line + " HTTP/1.1\r\nHost: localhost\r\n"
        for header in headers { text += header + "\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        let outcome = connection.send(Array((text + "\r\n" + body).utf8), room: 1 << 20, time: 60_000_000_000)
        let status = outcome.bytes.dropFirst(9).prefix(3)
        return Int(String(decoding: status, as: UTF8.self)) ?? 0
    }

    func exposition(_ format: ExpositionFormat = .text) -> [String] {
        String(decoding: outputs.metrics.exposition(format), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The lines of one name.
    func lines(_ name: String, _ format: ExpositionFormat = .text) -> [String] {
        exposition(format).filter { $0.hasPrefix(name + "{") || $0.hasPrefix(name + " ") }
    }
}
