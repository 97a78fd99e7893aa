import JSON
import NIOEmbedded
import Pipeline
import Testing

@testable import Transport

/// A frame as a test writes and reads it.
struct TestFrame: Equatable, CustomStringConvertible {
    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        var out = ByteWriter()
        out.append(frame: kind, FrameFlags(rawValue: flags), stream: stream, length: payload.count)
        return Array(out.bytes) + payload
    }

    /// The error of RST_STREAM or GOAWAY.
    var error: UInt32? {
        switch kind {
        case FrameKind.reset: Self.word(payload, 0)
        case FrameKind.goAway: Self.word(payload, 4)
        default: nil
        }
    }

    static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        bytes[at..<min(bytes.count, at + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func of(_ word: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(word >> ($0 * 8) & 0xFF) } }

    var description: String { "kind \(kind) flags \(flags) stream \(stream) \(payload.prefix(40))" }

    // MARK: Those that a client sends

    static func settings(_ values: [(UInt16, UInt32)] = []) -> TestFrame {
        TestFrame(
            kind: FrameKind.settings,
            payload: values.flatMap { name, value in [UInt8(name >> 8), UInt8(name & 255)] + of(value) })
    }

    static let settingsAck = TestFrame(kind: FrameKind.settings, flags: 1)

    static func data(_ stream: UInt32, _ text: String, ends: Bool = false) -> TestFrame {
        TestFrame(kind: FrameKind.data, flags: ends ? 1 : 0, stream: stream, payload: Array(text.utf8))
    }

    static func headers(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = true) -> TestFrame {
        TestFrame(kind: FrameKind.headers, flags: ends ? 5 : 4, stream: stream, payload: block(fields))
    }

    static func reset(_ stream: UInt32, _ error: UInt32 = 8) -> TestFrame {
        TestFrame(kind: FrameKind.reset, stream: stream, payload: of(error))
    }

    static func window(_ stream: UInt32, _ increment: UInt32) -> TestFrame {
        TestFrame(kind: FrameKind.windowUpdate, stream: stream, payload: of(increment))
    }

    static func ping(_ byte: UInt8 = 7) -> TestFrame {
        TestFrame(kind: FrameKind.ping, payload: Array(repeating: byte, count: 8))
    }

    /// Literals without indexing, so that no test depends on what came before.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var out = ByteWriter()
        for (name, value) in fields {
            out.append(0)
            HPACKInteger.write(name.utf8.count, bits: 7, pattern: 0, into: &out)
            out.append(name)
            HPACKInteger.write(value.utf8.count, bits: 7, pattern: 0, into: &out)
            out.append(value)
        }
        return Array(out.bytes)
    }

    static func fields(
        _ method: String = "GET", _ path: String = "/hello", _ more: [(String, String)] = []
    ) -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")] + more
    }
}

/// What came back on one stream.
struct HTTP2Answer {
    var status = 0
    /// Informational answers before it.
    var early: [Int] = []
    var fields: [(String, String)] = []
    var body: [UInt8] = []
    var trailers: [(String, String)] = []
    var isWhole = false
    var reset: UInt32?

    var text: String { String(decoding: body, as: UTF8.self) }
    subscript(name: String) -> String? { fields.first { $0.0 == name }?.1 }
}

/// An HTTP/2 connection without a channel, at a time that the test tells.
final class HTTP2Peer: Parker {
    static let second: Int64 = 1_000_000_000

    let recorder = Recorder()
    private(set) var now: Int64
    private(set) var frames: [TestFrame] = []
    private(set) var answers: [UInt32: HTTP2Answer] = [:]
    private(set) var waiting: [UInt8] = []
    var givesRoom = true
    /// Bytes that were written and not yet cut into frames.
    private var output: [UInt8] = []
    private var decoder = HPACKDecoder()
    private let state: UnsafeMutablePointer<LoopState>
    private let facts: UnsafeMutablePointer<ConnectionFacts>
    let connection: UnsafeMutablePointer<HTTP2Connection>

    init(_ routes: [ScriptedRoute], limits: ConnectionLimits = ConnectionLimits()) {
        now = LoopClock.now() + 3600 * Self.second
        state = .allocate(capacity: 1)
        state.initialize(to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: .scripted(routes, recorder)))
        facts = .allocate(capacity: 1)
        facts.initialize(to: ConnectionFacts(clientAddress: Array("192.0.2.1".utf8), clientPort: 1, isTLS: false))
        connection = .allocate(capacity: 1)
        connection.initialize(
            to: HTTP2Connection(
                loop: LoopPointer(state), limits: limits, facts: UnsafePointer(facts), parker: self, now: now))
        take()
    }

    deinit {
        connection.deinitialize(count: 1)
        connection.deallocate()
        facts.deinitialize(count: 1)
        facts.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Runs a test behind the usual beginning, closes what is left, and looks for what must never be.
    static func run(
        _ routes: [ScriptedRoute] = [], limits: ConnectionLimits = ConnectionLimits(),
        settings: [(UInt16, UInt32)] = [], sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (HTTP2Peer) throws -> Void
    ) rethrows {
        let peer = HTTP2Peer([ScriptedRoute("/hello", .text("hello"))] + routes, limits: limits)
        peer.send(.settings(settings), .settingsAck)
        peer.forget()
        try body(peer)
        peer.finish(sourceLocation)
    }

    func finish(_ sourceLocation: SourceLocation = #_sourceLocation) {
        connection.pointee.closed(now: now)
        take()
        let record = recorder.current
        #expect(state.pointee.active == 0, "an exchange is leaked", sourceLocation: sourceLocation)
        #expect(record.strays == 0, "an exchange ended twice", sourceLocation: sourceLocation)
        #expect(record.methods.count == record.outcomes.count, sourceLocation: sourceLocation)
        #expect(connection.pointee.waitingOutput == 0, sourceLocation: sourceLocation)
        #expect(connection.pointee.nextDeadline() == .max, sourceLocation: sourceLocation)
    }

    // MARK: What it says

    var outcomes: [Outcome] { recorder.current.outcomes }
    var closing: ConnectionClosing { connection.pointee.closing }
    var active: Int { state.pointee.active }
    /// The error of the GOAWAY that ended it.
    var goAway: UInt32? { frames.last { $0.kind == FrameKind.goAway }?.error }
    func phase(_ id: UInt32) -> HTTP2Stream.Phase? { connection.pointee.streams.find(id)?.pointee.phase }
    func text(_ id: UInt32) -> String? { answers[id]?.text }
    func status(_ id: UInt32) -> Int? { answers[id]?.status }
    func count(_ kind: UInt8) -> Int { frames.count { $0.kind == kind } }
    func forget() { frames = [] }

    // MARK: What happens to it

    func send(_ list: TestFrame...) { send(list.flatMap(\.bytes)) }

    func send(_ bytes: [UInt8]) {
        waiting += bytes
        offer()
    }

    func get(_ id: UInt32, _ path: String = "/hello", method: String = "GET") {
        send(.headers(id, TestFrame.fields(method, path)))
    }

    private func offer() {
        take()
        while !waiting.isEmpty, connection.pointee.takesInput {
            let used = waiting.withUnsafeBufferPointer { connection.pointee.receive($0, now: now) }
            take()
            if used == 0 {
                Issue.record("input that is wanted is not used")
                break
            }
            waiting.removeFirst(used)
        }
        turn()
    }

    func turn() {
        take()
        while givesRoom, connection.pointee.wantsRoom {
            connection.pointee.roomReached(now: now)
            take()
        }
    }

    func pass(_ seconds: Double) {
        let end = now + Int64(seconds * 1e9)
        var stepsAtOnce = 0
        while connection.pointee.nextDeadline() <= end {
            let next = connection.pointee.nextDeadline()
            stepsAtOnce = next <= now ? stepsAtOnce + 1 : 0
            now = max(now, next)
            connection.pointee.timeReached(now: now)
            offer()
            if stepsAtOnce > 5 {
                Issue.record("a deadline that has passed stays")
                break
            }
        }
        now = max(now, end)
    }

    func writable(_ isWritable: Bool) {
        connection.pointee.writable(isWritable, now: now)
        offer()
    }

    func drain() {
        connection.pointee.drain(now: now)
        take()
    }

    func inputClosed() {
        connection.pointee.inputClosed(now: now)
        take()
    }

    func wake(_ ticket: UInt64, turn: Int) {
        guard connection.pointee.isParked(ticket, turn: turn) else { return }
        connection.pointee.woken(ticket, now: now)
        offer()
    }

    /// Who is parked on a stream, and where.
    func parked(_ id: UInt32) -> (ticket: UInt64, turn: Int)? {
        connection.pointee.streams.find(id)?.pointee.exchange.map { ($0.pointee.ticket, $0.pointee.admitted) }
    }

    // MARK: Reading

    private func take() {
        output += state.pointee.wire.bytes
        state.pointee.wire.clear()
        var at = 0
        while output.count - at >= FrameHeader.size {
            let header = output[at...].withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { FrameHeader($0) }
            }
            guard let header, output.count - at - FrameHeader.size >= header.length else { break }
            let start = at + FrameHeader.size
            at = start + header.length
            let frame = TestFrame(
                kind: header.kind, flags: header.flags.rawValue, stream: header.stream,
                payload: Array(output[start..<at]))
            frames.append(frame)
            read(frame)
        }
        output.removeFirst(at)
    }

    private var openBlock: (stream: UInt32, ends: Bool, bytes: [UInt8])?

    private func read(_ frame: TestFrame) {
        switch frame.kind {
        case FrameKind.headers:
            openBlock = (frame.stream, frame.flags & 1 != 0, frame.payload)
            if frame.flags & 4 != 0 { readBlock() }
        case FrameKind.continuation:
            openBlock?.bytes += frame.payload
            if frame.flags & 4 != 0 { readBlock() }
        case FrameKind.data:
            #expect(answers[frame.stream]?.isWhole == false, "DATA where none may be")
            answers[frame.stream]?.body += frame.payload
            if frame.flags & 1 != 0 { answers[frame.stream]?.isWhole = true }
        case FrameKind.reset: answers[frame.stream, default: HTTP2Answer()].reset = frame.error
        default: break
        }
    }

    private func readBlock() {
        guard let (stream, ends, bytes) = openBlock else { return }
        openBlock = nil
        var fields: [(String, String)] = []
        var out = ByteWriter()
        bytes.withUnsafeBufferPointer { block in
            var at = 0
            while case .field(let field) = decoder.next(block, &at, into: &out) {
                fields.append(
                    (
                        String(decoding: out.bytes[field.name.range], as: UTF8.self),
                        String(decoding: out.bytes[field.value.range], as: UTF8.self)
                    ))
            }
            #expect(at == block.count, "a header block that cannot be read")
        }
        var answer = answers[stream] ?? HTTP2Answer()
        let status = fields.first { $0.0 == ":status" }.flatMap { Int($0.1) }
        if let status, status < 200 {
            answer.early.append(status)
        } else if let status {
            #expect(answer.status == 0, "two answers on a stream")
            answer.status = status
            answer.fields = fields.filter { $0.0 != ":status" }
            answer.isWhole = ends
        } else {
            answer.trailers = fields
            answer.isWhole = ends
        }
        answers[stream] = answer
    }
}
