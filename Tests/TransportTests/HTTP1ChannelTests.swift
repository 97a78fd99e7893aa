import Glibc
import JSON
import Pipeline
import Testing

@testable import Transport

/// The connection on a real channel with real sockets.
@Suite(.serialized) struct HTTP1ChannelTests {
    private static let large = 10 << 20

    /// So much at once.
    private static let whole = ScriptedResponder(start: { exchange in
        exchange.loop.state.pointee.body.append(uninitialized: large) { $0.update(repeating: 0x78, count: large) }
        return .done
    })

    /// So much, as the client reads.
    private static let streamed: ScriptedResponder = {
        let step: ScriptedResponder.Action = { exchange in
            exchange.response.isStreaming = true
            exchange.response.declaredLength = large
            let count = min(exchange.room, large - exchange.position)
            exchange.loop.state.pointee.body.append(uninitialized: count) { $0.update(repeating: 0x78, count: count) }
            exchange.position += count
            return exchange.position == large ? .done : .blocked
        }
        return ScriptedResponder(start: step, resume: step)
    }()

    private static let routes = [
        ScriptedRoute("/hello", .text("hello")), ScriptedRoute("/whole", whole), ScriptedRoute("/streamed", streamed),
        ScriptedRoute("POST /echo", .echo), ScriptedRoute("POST /refused", early: [ScriptedStage.refuse], .wholeBody),
        ScriptedRoute("/asleep", early: [ScriptedStage.park(nil)], .text("")),
        ScriptedRoute("/part", .text(String(repeating: "x", count: 100_000))),
        ScriptedRoute(
            "/later",
            ScriptedResponder(
                start: { exchange in
                    exchange.wakeAt = LoopClock.now() + 100_000_000
                    return .wait
                }, resume: { $0.say("later") })),
    ]

    private static func run(
        _ limits: ConnectionLimits = ConnectionLimits(),
        _ body: (_ server: Server, _ address: String, _ recorder: Recorder) throws -> Void
    ) throws {
        let recorder = Recorder()
        let server = Server(plan: .scripted(routes, recorder), workers: 2, limits: limits)
        let listener = try server.listen(.tcp(host: "127.0.0.1", port: 0))
        listener.open()
        try body(server, listener.address, recorder)
        listener.close()
        server.forceClose()
        #expect(wait { server.openConnections == 0 }, "a connection is left")
        server.onEachLoop { #expect($0.state.pointee.active == 0, "an exchange is left") }
        let record = recorder.current
        #expect(record.strays == 0)
        #expect(record.methods.count == record.outcomes.count)
        server.shutdown()
    }

    /// Whether it comes true within five seconds.
    private static func wait(_ condition: () -> Bool) -> Bool {
        for _ in 0..<5000 {
            if condition() { return true }
            usleep(1000)
        }
        return false
    }

    private static func read(_ bytes: [UInt8]?, _ methods: [String]) -> [WireAnswer] {
        guard let bytes else { return [] }
        let reading = WireReading(bytes, methods: methods, isOver: true)
        #expect(reading.isWhole)
        return reading.answers
    }

    @Test func answersAClientThatHasFinishedSending() throws {
        try Self.run { _, address, _ in
            let client = try #require(LoopbackClient(address))
            client.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            client.finishSending()
            #expect(Self.read(client.receiveAll(), ["GET", "GET"]).map(\.text) == ["hello", "hello"])

            let reader = try #require(LoopbackClient(address))
            reader.send("GET /streamed HTTP/1.1\r\nhost: a\r\n\r\n")
            reader.finishSending()
            #expect(Self.read(reader.receiveAll(), ["GET"]).map(\.body.count) == [Self.large])
        }
    }

    @Test(arguments: ["/whole", "/streamed"])
    func sendsALargeAnswerToASlowReader(_ path: String) throws {
        try Self.run { server, address, _ in
            let client = try #require(LoopbackClient(address, receiveBuffer: 16 * 1024))
            client.send("GET \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            usleep(200_000)
            let answers = Self.read(client.receiveAll(128 * 1024, pausing: 2000), ["GET"])
            #expect(answers.map(\.body.count) == [Self.large])
            #expect(Self.wait { server.openConnections == 0 })
        }
    }

    /// Writability changes within writes, many times, while more requests wait.
    @Test func answersManyRequestsThatNobodyReadsYet() throws {
        try Self.run { _, address, _ in
            let client = try #require(LoopbackClient(address, receiveBuffer: 16 * 1024))
            let number = 200
            for _ in 0..<number { client.send("GET /part HTTP/1.1\r\nhost: a\r\n\r\n") }
            client.finishSending()
            usleep(200_000)
            let methods = [String](repeating: "GET", count: number)
            let answers = Self.read(client.receiveAll(256 * 1024, pausing: 500), methods)
            #expect(answers.count == number)
            #expect(answers.allSatisfy { $0.body.count == 100_000 })
        }
    }

    @Test func echoesWhatItCannotHold() throws {
        try Self.run { _, address, _ in
            let client = try #require(LoopbackClient(address, receiveBuffer: 16 * 1024))
            let sender = try #require(
                Sender(client, bytes: Self.large, head: "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"))
            let answers = Self.read(client.receiveAll(128 * 1024, pausing: 1000), ["POST"])
            #expect(answers.map(\.body.count) == [Self.large])
            sender.join()
        }
    }

    /// The client sends all before it reads: a reset must not take the answer from it.
    @Test func refusesABodyWithoutAReset() throws {
        try Self.run { _, address, _ in
            for _ in 0..<5 {
                let client = try #require(LoopbackClient(address))
                client.send("POST /refused HTTP/1.1\r\nhost: a\r\ncontent-length: 4194304\r\n\r\n")
                #expect(client.send([UInt8](repeating: 0x78, count: 4_194_304)))
                #expect(Self.read(client.receiveAll(), ["POST"]).map(\.status) == [403])
            }
        }
    }

    @Test(arguments: [true, false])
    func noticesThatAClientHasGone(_ byReset: Bool) throws {
        try Self.run { server, address, recorder in
            let client = try #require(LoopbackClient(address))
            client.send("GET /asleep HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(Self.wait { recorder.current.methods.count == 1 })
            if byReset { client.reset() } else { client.close() }
            #expect(Self.wait { recorder.current.outcomes.map(\.reason) == [.clientGone] })
            #expect(Self.wait { server.openConnections == 0 })
        }
    }

    @Test(arguments: ["/whole", "/streamed"], ["close", "keep-alive"])
    func endsAClientThatDoesNotRead(_ path: String, _ connection: String) throws {
        var limits = ConnectionLimits()
        limits.sendStall = 300_000_000
        try Self.run(limits) { server, address, _ in
            let client = try #require(LoopbackClient(address, receiveBuffer: 16 * 1024))
            client.send("GET \(path) HTTP/1.1\r\nhost: a\r\nconnection: \(connection)\r\n\r\n")
            #expect(Self.wait { server.openConnections == 1 })
            #expect(Self.wait { server.openConnections == 0 })
        }
    }

    /// Slow is not stalled.
    @Test(arguments: ["close", "keep-alive"])
    func allowsAClientThatReadsSlowly(_ connection: String) throws {
        var limits = ConnectionLimits()
        limits.sendStall = 1_000_000_000
        try Self.run(limits) { _, address, recorder in
            let client = try #require(LoopbackClient(address, receiveBuffer: 64 * 1024))
            client.send("GET /whole HTTP/1.1\r\nhost: a\r\nconnection: \(connection)\r\n\r\n")
            if connection == "keep-alive" { client.finishSending() }
            let answers = Self.read(client.receiveAll(64 * 1024, pausing: 20_000), ["GET"])
            #expect(answers.map(\.body.count) == [Self.large])
            #expect(recorder.current.outcomes.map(\.reason) == [.none])
        }
    }

    @Test func takesNoMoreConnectionsThanItsLimit() throws {
        var limits = ConnectionLimits()
        limits.connections = 2
        try Self.run(limits) { server, address, _ in
            for _ in 0..<5 {
                let first = try #require(LoopbackClient(address))
                let second = try #require(LoopbackClient(address))
                for client in [first, second] {
                    client.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
                    #expect(client.receive()?.isEmpty == false)
                }
                let third = LoopbackClient(address)
                third?.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
                #expect(third?.receive() ?? [] == [])
                #expect(server.openConnections == 2)
                first.close()
                second.close()
                #expect(Self.wait { server.openConnections == 0 })
            }
        }
    }

    /// Connections that are gone before anything is said on them must not be counted for ever.
    @Test func forgetsConnectionsThatSayNothing() throws {
        try Self.run { server, address, _ in
            for number in 0..<300 {
                let client = LoopbackClient(address)
                if number % 3 == 0 { client?.reset() } else { client?.close() }
            }
            #expect(Self.wait { server.openConnections == 0 })
        }
    }

    @Test func drains() throws {
        try Self.run { server, address, _ in
            let busy = try #require(LoopbackClient(address))
            let idle = try #require(LoopbackClient(address))
            idle.send("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(idle.receive()?.isEmpty == false)
            busy.send("GET /later HTTP/1.1\r\nhost: a\r\n\r\n")
            usleep(20_000)
            server.drain()
            #expect(idle.receive() == [])
            let answers = Self.read(busy.receiveAll(), ["GET"])
            #expect(answers.map(\.text) == ["later"])
            #expect(answers.first?.saysClose == true)
            busy.close()
            #expect(Self.wait { server.openConnections == 0 })
        }
    }

    /// Sends from another thread, so that a test can read at the same time.
    private final class Sender: @unchecked Sendable {
        // @unchecked: the socket may be read and written by two threads.
        private let client: LoopbackClient
        private let bytes: Int
        private let head: String
        private var thread = pthread_t()

        init?(_ client: LoopbackClient, bytes: Int, head: String) {
            self.client = client
            self.bytes = bytes
            self.head = head
            let context = Unmanaged.passRetained(self)
            let result = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Sender>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, context.toOpaque())
            if result != 0 {
                context.release()
                return nil
            }
        }

        private func run() {
            client.send(head + "content-length: \(bytes)\r\n\r\n")
            client.send([UInt8](repeating: 0x78, count: bytes))
        }

        func join() { pthread_join(thread, nil) }
    }
}
