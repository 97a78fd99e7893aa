import Certificates
import NIOCore
import NIOEmbedded
import NIOSSL
import Pipeline
import Testing

@testable import Transport

/// The handler before and after the handshake, on a channel without a socket and with a clock that is set.
@Suite struct TLSHandlerTests {
    private struct Bench {
        let channel = EmbeddedChannel()
        let state: UnsafeMutablePointer<LoopState>
        let count = ConnectionCount(limit: 10)
        let connections: LoopConnections
        let failures = HandshakeFailures()

        init() throws {
            state = .allocate(capacity: 1)
            state.initialize(
                to: LoopState(
                    index: 0, eventLoop: channel.eventLoop,
                    plan: .scripted([ScriptedRoute("/hello", .text("hello"))], Recorder())))
            let connections = LoopConnections(total: count, limits: ConnectionLimits())
            self.connections = connections
            #expect(count.enter())
            let made = try DevelopmentCertificate(hosts: ["localhost"], addresses: [], now: 1_800_000_000)
            let pair = try KeyPair(certificate: Array(made.certificate.utf8), key: Array(made.key.utf8))
            let loop = LoopPointer(state)
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(
                    try ServerTLS([pair], minimum: .v12), connections: connections, peer: Peer(nil), listener: [],
                    loop: loop, failures: failures
                ) { tls in
                    ConnectionHandler(
                        loop: loop, limits: ConnectionLimits(),
                        facts: Peer(nil).facts(for: nil, localAddress: [], tls: tls), connections: connections)
                })
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func send(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

        func received() throws -> String {
            var text = ""
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
            return text
        }

        var shown: ConnectionSnapshot.State? { connections.snapshots(atMost: 1).described.first?.state }

        /// How many of each kind failed, but for those of which none did.
        var failed: [HandshakeFailures.Reason] {
            HandshakeFailures.Reason.allCases.flatMap { Array(repeating: $0, count: failures.count($0)) }
        }

        /// Nothing may be left of it.
        func end() {
            TLSHandlerTests.close(channel)
            #expect(count.current == 0)
            #expect(connections.isEmpty)
            state.deinitialize(count: 1)
            state.deallocate()
        }
    }

    /// A client of the library's, whose bytes are carried by hand.
    private static func client() throws -> EmbeddedChannel {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["http/1.1"]
        let handler = try NIOSSLClientHandler(
            context: try NIOSSLContext(configuration: configuration), serverHostname: "localhost")
        let channel = EmbeddedChannel(handler: handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    /// The library waits for the other end's close_notify, on the channel's clock.
    private static func close(_ channel: EmbeddedChannel) {
        channel.close(promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    private static func carry(_ client: EmbeddedChannel, _ server: EmbeddedChannel) throws {
        var isMoving = true
        while isMoving {
            isMoving = false
            while let buffer = try client.readOutbound(as: ByteBuffer.self) {
                try server.writeInbound(buffer)
                isMoving = true
            }
            while let buffer = try server.readOutbound(as: ByteBuffer.self) {
                try client.writeInbound(buffer)
                isMoving = true
            }
        }
    }

    @Test func handshakeMakesWayForHTTP() throws {
        let bench = try Bench()
        let client = try Self.client()
        #expect(bench.shown == .handshaking)
        try Self.carry(client, bench.channel)
        #expect(bench.shown == .idle)
        #expect(bench.connections.snapshots(atMost: 1).described.first?.tls?.description == "1.3")
        try client.writeOutbound(ByteBuffer(string: "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n"))
        try Self.carry(client, bench.channel)
        let answer = try #require(try client.readInbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasSuffix("hello"))
        // The time for handshakes is over, and means nothing any more.
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(11))
        #expect(bench.channel.isActive)
        #expect(bench.failed.isEmpty)
        bench.end()
        Self.close(client)
    }

    @Test(arguments: [[], [22], [22, 3, 1, 2, 0, 1]] as [[UInt8]]) func silenceEndsInTime(_ first: [UInt8]) throws {
        let bench = try Bench()
        if !first.isEmpty { try bench.send(first) }
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(bench.channel.isActive)
        bench.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!bench.channel.isActive)
        #expect(bench.failed == [.timeout])
        bench.end()
    }

    @Test func plainHTTPIsToldSo() throws {
        let bench = try Bench()
        try bench.send(Array("GET /hello HTTP/1.1\r\n".utf8))
        #expect(try bench.received().contains("https://"))
        try bench.send(Array("host: a\r\n\r\n".utf8))
        #expect(try bench.received().isEmpty)
        #expect(bench.failed == [.plainHTTP])
        bench.end()
    }

    @Test(arguments: [0, 0x61, 0x80, 21] as [UInt8]) func somethingElseIsClosed(_ first: UInt8) throws {
        let bench = try Bench()
        try bench.send([first, 1, 2, 3])
        #expect(!bench.channel.isActive)
        #expect(bench.failed == [.notTLS])
        bench.end()
    }

    @Test(arguments: [[], [22, 3, 1, 2, 0, 1]] as [[UInt8]]) func peerMayLeave(_ first: [UInt8]) throws {
        let bench = try Bench()
        if !first.isEmpty { try bench.send(first) }
        bench.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!bench.channel.isActive)
        // Who has sent nothing looked whether the port is open.
        #expect(bench.failed == (first.isEmpty ? [] : [.left]))
        bench.end()
    }

    @Test func brokenHandshakeIsCountedOnce() throws {
        let bench = try Bench()
        try bench.send([22, 3, 1, 0, 5] + Array("hello".utf8))
        #expect(!bench.channel.isActive)
        #expect(bench.failed == [.refused])
        bench.end()
    }

    @Test(arguments: [true, false]) func drainClosesWhatHasNotBegun(_ isDrain: Bool) throws {
        let bench = try Bench()
        if isDrain { bench.connections.drain() } else { bench.connections.forceClose() }
        #expect(!bench.channel.isActive)
        #expect(bench.failed.isEmpty)
        bench.end()
    }
}
