import JSON
import NIOCore
import NIOEmbedded
import Pipeline
import Testing

@testable import Transport

/// A connection of a listener that speaks one version of HTTP, or both.
@Suite struct HTTPVersionsTests {
    private static let get = Array("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n".utf8)
    private static let preface = HTTP2.preface.withUTF8Buffer { Array($0) }
    private static let call =
        preface + TestFrame.settings().bytes + TestFrame.headers(1, TestFrame.fields("GET", "/hello")).bytes
    private static let refusal = "this listener speaks HTTP/2 only"

    /// What became of a connection.
    private struct End {
        var text = ""
        var isClosed = false
        var reasons: [Reason] = []
    }

    /// Sends bytes, in pieces of a size; then the client stops to send, if it does.
    private static func send(
        _ bytes: [UInt8], to versions: HTTPVersions, size: Int = .max, closesInput: Bool = false
    ) throws -> End {
        let channel = EmbeddedChannel()
        let recorder = Recorder()
        let state = UnsafeMutablePointer<LoopState>.allocate(capacity: 1)
        state.initialize(
            to: LoopState(
                index: 0, eventLoop: channel.eventLoop,
                plan: .scripted([ScriptedRoute("/hello", .text("hello"))], recorder)))
        let count = ConnectionCount(limit: 10)
        let connections = LoopConnections(total: count, limits: ConnectionLimits())
        #expect(count.enter())
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(
                loop: LoopPointer(state), limits: ConnectionLimits(), versions: versions,
                facts: ConnectionFacts(clientAddress: [], clientPort: 0, isTLS: false), connections: connections))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        var end = End()
        var rest = bytes[...]
        while !rest.isEmpty {
            try channel.writeInbound(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        if closesInput { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        channel.embeddedEventLoop.run()
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            end.text += String(decoding: buffer.readableBytesView, as: UTF8.self)
        }
        end.isClosed = !channel.isActive
        _ = try? channel.finish(acceptAlreadyClosed: true)
        end.reasons = recorder.current.outcomes.map(\.reason)
        #expect(count.current == 0)
        #expect(state.pointee.active == 0)
        state.deinitialize(count: 1)
        state.deallocate()
        return end
    }

    private static let sizes = [1, 2, 3, 7, 23, 24, 25, .max]

    @Test(arguments: [HTTPVersions.all, .http1], sizes) func speaksHTTP1(_ versions: HTTPVersions, _ size: Int) throws {
        let end = try Self.send(Self.get, to: versions, size: size)
        #expect(end.text.hasPrefix("HTTP/1.1 200 OK\r\n") && end.text.hasSuffix("hello"))
        #expect(!end.isClosed)
    }

    @Test(arguments: [HTTPVersions.all, .http2], sizes) func speaksHTTP2(_ versions: HTTPVersions, _ size: Int) throws {
        let end = try Self.send(Self.call, to: versions, size: size)
        #expect(end.text.hasSuffix("hello") && !end.text.contains("HTTP/1.1"))
        #expect(!end.isClosed)
    }

    @Test(arguments: sizes) func prefaceIsAnUnknownVersionForHTTP1(_ size: Int) throws {
        let end = try Self.send(Self.call, to: .http1, size: size)
        #expect(end.text.hasPrefix("HTTP/1.1 505 "))
        #expect(end.text.lowercased().contains("\r\nconnection: close\r\n"))
        #expect(end.reasons == [.malformed])
    }

    /// `POST` begins as the preface does, and what follows its first line may be wrong too.
    @Test(
        arguments: ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "POST / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nXX", "\0"],
        sizes)
    func somethingElseIsRefusedByHTTP2(_ text: String, _ size: Int) throws {
        let end = try Self.send(Array(text.utf8), to: .http2, size: size)
        #expect(end.text.hasPrefix("HTTP/1.1 505 "))
        #expect(end.text.lowercased().contains("\r\nconnection: close\r\n"))
        #expect(end.text.contains(Self.refusal))
        #expect(end.text.ranges(of: "HTTP/1.1 ").count == 1)
        #expect(end.reasons == [.malformed])
    }

    /// Who leaves before it has said what it speaks gets no answer.
    @Test(arguments: [0, 1, 14, 23]) func peerMayLeaveBeforeThePreface(_ count: Int) throws {
        let end = try Self.send(Array(Self.preface.prefix(count)), to: .http2, closesInput: true)
        #expect(end.text.isEmpty)
        #expect(end.isClosed)
        #expect(end.reasons.isEmpty)
    }
}
