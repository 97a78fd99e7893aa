import JSON
import NIOCore
import NIOEmbedded
import Pipeline
import Testing

@testable import Transport

/// The handler on a channel without a socket.
@Suite struct HTTP1HandlerTests {
    private struct Bench {
        let channel: EmbeddedChannel
        let state: UnsafeMutablePointer<LoopState>
        let count = ConnectionCount(limit: 10)
        let connections: LoopConnections
        let recorder = Recorder()

        init(_ routes: [ScriptedRoute], limits: ConnectionLimits = ConnectionLimits()) throws {
            channel = EmbeddedChannel()
            state = .allocate(capacity: 1)
            state.initialize(
                to: LoopState(index: 0, eventLoop: channel.eventLoop, plan: .scripted(routes, recorder)))
            connections = LoopConnections(total: count, limits: limits)
            #expect(count.enter())
            try channel.pipeline.syncOperations.addHandler(
                ConnectionHandler(
                    loop: LoopPointer(state), limits: limits,
                    facts: ConnectionFacts(clientAddress: [], clientPort: 0, isTLS: false), connections: connections))
        }

        func connect() throws { try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait() }

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        func received() throws -> String {
            var text = ""
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
            return text
        }

        /// Nothing may be left of it.
        func end() {
            _ = try? channel.finish(acceptAlreadyClosed: true)
            #expect(count.current == 0)
            #expect(connections.isEmpty)
            #expect(state.pointee.active == 0)
            #expect(state.pointee.wire.count == 0)
            #expect(recorder.current.methods.count == recorder.current.outcomes.count)
            state.deinitialize(count: 1)
            state.deallocate()
        }
    }

    private static let routes = [
        ScriptedRoute("/hello", .text("hello")),
        ScriptedRoute("/asleep", early: [ScriptedStage.park(nil)], .text("awake")),
    ]
    private static let get = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"

    @Test func answers() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        try bench.send(Self.get + Self.get)
        let text = try bench.received()
        #expect(text.components(of: "HTTP/1.1 200 OK\r\n") == 2)
        #expect(bench.channel.isActive)
        bench.end()
    }

    @Test func closesBehindTheLastAnswer() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        try bench.send("GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        #expect(try bench.received().hasSuffix("hello"))
        bench.channel.embeddedEventLoop.run()
        #expect(!bench.channel.isActive)
        bench.end()
    }

    /// A channel that ends before it was active was counted all the same.
    @Test func isCountedNoMoreIfItWasNeverActive() throws {
        let bench = try Bench(Self.routes)
        #expect(bench.count.current == 1)
        #expect(bench.connections.isEmpty)
        bench.end()
    }

    @Test func isCountedNoMoreIfItWasActive() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        #expect(!bench.connections.isEmpty)
        bench.end()
    }

    @Test func keepsWhatComesWhileAnExchangeIsParked() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        try bench.send("GET /asleep HTTP/1.1\r\nhost: a\r\n\r\n" + Self.get)
        try bench.send(Self.get)
        #expect(try bench.received() == "")
        bench.connections.drain()
        #expect(try bench.received() == "")
        bench.connections.forceClose()
        bench.channel.embeddedEventLoop.run()
        #expect(!bench.channel.isActive)
        #expect(bench.recorder.current.outcomes.map(\.reason) == [.drained])
        bench.end()
    }

    @Test func endsWithWhatTheClientHadToSay() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        try bench.send(Self.get)
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try bench.received().hasSuffix("hello"))
        bench.channel.embeddedEventLoop.run()
        #expect(!bench.channel.isActive)
        bench.end()
    }

    /// A peer that reads as fast as we write must not keep the loop from all others.
    @Test func sendsALongAnswerInTurns() throws {
        let piece = String(repeating: "x", count: 64 * 1024)
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            exchange.position += 1
            _ = exchange.say(piece)
            return exchange.position == 100 ? .done : .blocked
        }
        let bench = try Bench([ScriptedRoute("/long", ScriptedResponder(start: step, resume: step))])
        try bench.connect()
        bench.channel.pipeline.fireChannelRead(ByteBuffer(string: "GET /long HTTP/1.1\r\nhost: a\r\n\r\n"))
        bench.channel.pipeline.fireChannelReadComplete()
        let first = try bench.received().utf8.count
        #expect(first > 0 && first < 2 << 20)
        #expect(bench.state.pointee.active == 1)
        bench.channel.embeddedEventLoop.run()
        #expect(try first + bench.received().utf8.count > 100 * 64 * 1024)
        #expect(bench.state.pointee.active == 0)
        bench.end()
    }

    @Test func closesAfterAnError() throws {
        let bench = try Bench(Self.routes)
        try bench.connect()
        try bench.send("GET /asleep HTTP/1.1\r\nhost: a\r\n\r\n")
        bench.channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "reset"))
        bench.channel.embeddedEventLoop.run()
        #expect(!bench.channel.isActive)
        #expect(bench.recorder.current.outcomes.map(\.reason) == [.clientGone])
        bench.end()
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
