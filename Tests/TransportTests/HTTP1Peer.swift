import Diagnostics
import JSON
import NIOEmbedded
import Pipeline
import Testing

@testable import Transport

extension Plan {
    /// A plan of these routes, with `recorder` around each and around what matches none.
    static func scripted(_ routes: [ScriptedRoute], _ recorder: Recorder) -> Plan {
        var table = RouteTable(capacity: routes.count * 2)
        var patterns: [RoutePattern] = []
        var numbers: [Int] = []
        for route in routes {
            var findings = Findings()
            let text = PlacedText(
                verbatim: Array(route.pattern.utf8), in: Source(name: "test", text: route.pattern))
            guard let pattern = RoutePattern.parse(text, &findings) else {
                Issue.record("the pattern \(route.pattern) cannot be read")
                continue
            }
            patterns.append(pattern)
            numbers.append(table.count)
            func made(_ responder: any Responder) -> Route {
                Route(
                    stages: [recorder] + route.early + route.late, observers: 1, bodyStage: 1 + route.early.count,
                    responder: responder, needsBody: false, template: [], pattern: route.pattern, service: [],
                    serviceName: "", rpc: route.rpc)
            }
            if let method = route.rpc {
                table.append(made(route.responder), carried: made(FaceResponder(route.responder, of: method)))
            } else {
                table.append(made(route.responder))
            }
        }
        return Plan(
            name: "test", router: Router(patterns), numbers: numbers,
            unmatched: Route(
                stages: [recorder], observers: 1, bodyStage: 1, responder: UnmatchedResponder(), needsBody: false,
                template: [],
                pattern: "", service: [], serviceName: ""), routes: table)
    }
}

/// A connection without a channel, at a time that the test tells.
final class HTTP1Peer: Parker {
    static let second: Int64 = 1_000_000_000

    let recorder = Recorder()
    private(set) var now: Int64
    /// All that was sent to the client.
    private(set) var output: [UInt8] = []
    /// What the connection would not take yet.
    private(set) var waiting: [UInt8] = []
    /// Gives room to responders that want it at once.
    var givesRoom = true
    private var isWritable = true
    private var isOver = false
    private let state: UnsafeMutablePointer<LoopState>
    private let facts: UnsafeMutablePointer<ConnectionFacts>
    private let connection: UnsafeMutablePointer<HTTP1Connection>

    init(_ routes: [ScriptedRoute], limits: ConnectionLimits = ConnectionLimits()) {
        // Later than any clock that runs beside it.
        now = LoopClock.now() + 3600 * Self.second
        state = .allocate(capacity: 1)
        state.initialize(
            to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: .scripted(routes, recorder)))
        facts = .allocate(capacity: 1)
        facts.initialize(to: ConnectionFacts(clientAddress: Array("192.0.2.1".utf8), clientPort: 1, isTLS: false))
        connection = .allocate(capacity: 1)
        connection.initialize(
            to: HTTP1Connection(
                loop: LoopPointer(state), limits: limits, facts: UnsafePointer(facts), parker: self, now: now))
    }

    deinit {
        connection.deinitialize(count: 1)
        connection.deallocate()
        facts.deinitialize(count: 1)
        facts.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Runs a test, closes what is left, and looks for what must never be.
    static func run(
        _ routes: [ScriptedRoute], limits: ConnectionLimits = ConnectionLimits(),
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (HTTP1Peer) throws -> Void
    ) rethrows {
        let peer = HTTP1Peer(routes, limits: limits)
        try body(peer)
        peer.finish(sourceLocation)
    }

    func finish(_ sourceLocation: SourceLocation) {
        let wasCut = closing == .now
        let closing = closing
        disappear()
        let record = recorder.current
        #expect(active == 0, "an exchange is leaked", sourceLocation: sourceLocation)
        #expect(record.strays == 0, "an exchange ended twice", sourceLocation: sourceLocation)
        #expect(record.methods.count == record.outcomes.count, sourceLocation: sourceLocation)
        let reading = reading
        #expect(reading.fault == nil, sourceLocation: sourceLocation)
        let isBrokenOff = closing != .open && record.outcomes.last?.reason == .fault
        let isCut = wasCut || isBrokenOff || record.outcomes.last?.reason == .clientGone
        #expect(reading.isWhole || isCut, "an answer without its end", sourceLocation: sourceLocation)
        #expect(connection.pointee.nextDeadline() == .max, sourceLocation: sourceLocation)
    }

    // MARK: What it says

    var phase: HTTP1Connection.Phase { connection.pointee.phase }
    var closing: HTTP1Connection.Closing { connection.pointee.closing }
    var takesInput: Bool { connection.pointee.takesInput }
    var wantsRoom: Bool { connection.pointee.wantsRoom }
    var nextDeadline: Int64 { connection.pointee.nextDeadline() }
    var active: Int { state.pointee.active }
    var outcomes: [Outcome] { recorder.current.outcomes }
    var reasons: [Reason] { outcomes.map(\.reason) }
    var loop: LoopPointer { LoopPointer(state) }

    var reading: WireReading {
        WireReading(output, methods: recorder.current.methods, isOver: isOver || closing != .open)
    }
    var answers: [WireAnswer] { reading.answers }
    var statuses: [Int] { answers.map(\.status) }
    var texts: [String] { answers.map(\.text) }

    // MARK: What happens to it

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        waiting += bytes
        offer()
    }

    /// Sends in pieces that end at `cuts`.
    func send(_ text: String, cuts: [Int]) {
        let bytes = Array(text.utf8)
        var start = 0
        for end in cuts + [bytes.count] where end >= start {
            send(Array(bytes[start..<end]))
            start = end
        }
    }

    /// Offers bytes once, and returns how many were used.
    func receiveOnce(_ bytes: [UInt8]) -> Int {
        let used = bytes.withUnsafeBufferPointer { connection.pointee.receive($0, now: now) }
        take()
        return used
    }

    private func offer() {
        collect()
        while !waiting.isEmpty, takesInput {
            let used = waiting.withUnsafeBufferPointer { connection.pointee.receive($0, now: now) }
            collect()
            if used == 0, takesInput {
                Issue.record("input that is wanted is not used")
                break
            }
            waiting.removeFirst(used)
        }
    }

    private func collect() {
        take()
        while givesRoom, isWritable, wantsRoom {
            connection.pointee.roomReached(now: now)
            take()
        }
    }

    private func take() {
        output += state.pointee.wire.bytes
        state.pointee.wire.clear()
    }

    /// Lets time pass; what is due is done in its order.
    func pass(_ seconds: Double) {
        let end = now + Int64(seconds * 1e9)
        // What is due may make something else due, but not for ever.
        var stepsAtOnce = 0
        while nextDeadline <= end {
            stepsAtOnce = nextDeadline <= now ? stepsAtOnce + 1 : 0
            now = max(now, nextDeadline)
            connection.pointee.timeReached(now: now)
            offer()
            if stepsAtOnce > 5 {
                Issue.record("a deadline that has passed stays, in \(phase)")
                break
            }
        }
        now = max(now, end)
    }

    /// Time goes on, but nobody looks.
    func skip(_ nanoseconds: Int64) { now += nanoseconds }

    func look() {
        connection.pointee.timeReached(now: now)
        offer()
    }

    func wake(_ ticket: UInt64, turn: Int) {}

    /// Who is parked, and where.
    var parked: (ticket: UInt64, turn: Int)? {
        connection.pointee.exchange.map { ($0.pointee.ticket, $0.pointee.admitted) }
    }

    func isParked(_ ticket: UInt64, turn: Int) -> Bool { connection.pointee.isParked(ticket, turn: turn) }

    /// What the handler does after `wake`.
    func woken() {
        connection.pointee.woken(now: now)
        offer()
    }

    func room() {
        connection.pointee.roomReached(now: now)
        offer()
    }

    func writable(_ isWritable: Bool) {
        self.isWritable = isWritable
        connection.pointee.writable(isWritable, now: now)
        offer()
    }

    func progress() { connection.pointee.progressed(now: now) }

    /// What the handler says when all has left.
    func flush() { connection.pointee.flushed(now: now) }

    func closeInput() {
        connection.pointee.inputClosed(now: now)
        offer()
    }

    func drain() {
        connection.pointee.drain(now: now)
        offer()
    }

    func forceClose() {
        connection.pointee.forceClose(now: now)
        offer()
    }

    func disappear() {
        connection.pointee.closed(now: now)
        isOver = true
        take()
    }
}
