import Diagnostics
import JSON
import NIOEmbedded
import Pipeline
import Testing

/// An exchange at a loop of its own, its head filled by hand.
final class RequestExchange {
    let state: UnsafeMutablePointer<LoopState>
    let exchange: UnsafeMutablePointer<Exchange>
    private let facts: UnsafeMutablePointer<ConnectionFacts>

    var loop: LoopPointer { LoopPointer(state) }

    init(
        _ method: Method = .get, path: String = "/", query: String = "", host: String = "example.com",
        fields: [(String, String)] = [], stages: [any Middleware] = [], observers: Int = 0, bodyStage: Int = 0,
        words: StageWords? = nil, pattern: String = "/{rest...}"
    ) {
        var findings = Findings()
        let text = PlacedText(verbatim: Array(pattern.utf8), in: Source(name: "test", text: pattern))
        let patterns = RoutePattern.parse(text, &findings).map { [$0] } ?? []
        #expect(patterns.count == 1)
        var table = RouteTable(capacity: 1)
        table.append(Self.route(stages, observers, bodyStage, words, pattern))
        let plan = Plan(
            name: "test", router: Router(patterns), numbers: [0],
            unmatched: Self.route(stages, observers, bodyStage, words, ""),
            routes: table)
        state = .allocate(capacity: 1)
        state.initialize(to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: plan))
        facts = .allocate(capacity: 1)
        facts.initialize(
            to: ConnectionFacts(
                clientAddress: Array("192.0.2.7".utf8), clientPort: 4711, isTLS: false,
                localAddress: Array("192.0.2.1:8080".utf8)))
        exchange = state.pointee.take(LoopPointer(state))
        exchange.pointee.connection = UnsafePointer(facts)
        fill(method, path, query, host, fields)
    }

    deinit {
        state.pointee.give(exchange)
        #expect(state.pointee.active == 0)
        state.deinitialize(count: 1)
        state.deallocate()
        facts.deinitialize(count: 1)
        facts.deallocate()
    }

    private static func route(
        _ stages: [any Middleware], _ observers: Int, _ bodyStage: Int, _ words: StageWords?, _ pattern: String
    ) -> Route {
        Route(
            stages: stages, observers: observers, bodyStage: bodyStage, responder: UnmatchedResponder(),
            needsBody: false, template: [], pattern: pattern, service: [], serviceName: "web", words: words)
    }

    private func append(_ text: String) -> ByteRange {
        let start = exchange.pointee.head.bytes.count
        exchange.pointee.head.bytes.append(text)
        return ByteRange(start: start, end: exchange.pointee.head.bytes.count)
    }

    private func fill(
        _ method: Method, _ path: String, _ query: String, _ host: String, _ fields: [(String, String)]
    ) {
        exchange.pointee.head.method = method
        exchange.pointee.head.methodName = append("\(method)".uppercased())
        exchange.pointee.head.path = append(path)
        exchange.pointee.head.query = append(query)
        exchange.pointee.head.target = append(query.isEmpty ? path : path + "?" + query)
        exchange.pointee.head.host = append(host)
        for (name, value) in fields {
            let known = Array(name.utf8).withUnsafeBufferPointer { KnownField.named($0) }
            let field = HeaderField(name: append(name), value: append(value), known: known)
            let isAdded = exchange.pointee.head.add(field)
            #expect(isAdded)
            exchange.pointee.head.note(known, at: exchange.pointee.head.fieldCount - 1)
        }
    }

    func begin() { exchange.pointee.begin(now: LoopClock.now()) }

    var body: String { String(decoding: state.pointee.body.bytes, as: UTF8.self) }
}
