import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Pipeline
import Testing

@testable import Transport

/// NIOHTTP2 as the client: what it sends is understood, and what we send satisfies it.
@Suite struct HTTP2DifferentialTests {
    /// What its handler has read, by stream.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        typealias OutboundOut = HTTP2Frame
        var bodies: [HTTP2StreamID: [UInt8]] = [:]
        var statuses: [HTTP2StreamID: String] = [:]
        var ended: Set<HTTP2StreamID> = []
        var errors: [String] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            switch frame.payload {
            case .headers(let headers):
                if let status = headers.headers.first(name: ":status") { statuses[frame.streamID] = status }
                if headers.endStream { ended.insert(frame.streamID) }
            case .data(let data):
                if case .byteBuffer(let buffer) = data.data {
                    bodies[frame.streamID, default: []] += buffer.readableBytesView
                    // The handler opens no window by itself.
                    let update = HTTP2Frame(
                        streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: buffer.readableBytes))
                    if buffer.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(update), promise: nil) }
                }
                if data.endStream { ended.insert(frame.streamID) }
            case .rstStream(let code): errors.append("\(frame.streamID) \(code)")
            case .goAway(_, let code, _): errors.append("goaway \(code)")
            default: break
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { errors.append("\(error)") }
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Hands on what each side has written, until both are silent; in pieces as small as wanted.
    private static func exchange(_ channel: EmbeddedChannel, _ peer: HTTP2Peer, _ seen: inout Int) throws {
        var isMoving = true
        while isMoving {
            isMoving = false
            while var buffer = try channel.readOutbound(as: ByteBuffer.self) {
                isMoving = true
                while let piece = buffer.readBytes(length: min(buffer.readableBytes, Int.random(in: 1...40_000))) {
                    peer.send(piece)
                    if buffer.readableBytes == 0 { break }
                }
            }
            while seen < peer.frames.count {
                isMoving = true
                try channel.writeInbound(ByteBuffer(bytes: peer.frames[seen].bytes))
                seen += 1
            }
        }
    }

    @Test func talksWithNIO() throws {
        let routes = [
            ScriptedRoute("/hello", .text("hello")), ScriptedRoute("/echo", .echo), ScriptedRoute("/whole", .wholeBody),
            ScriptedRoute("/pieces", .pieces(50)),
        ]
        for _ in 0..<20 {
            let peer = HTTP2Peer(routes)
            let channel = EmbeddedChannel()
            let reader = Reader()
            try channel.pipeline.syncOperations.addHandlers(NIOHTTP2Handler(mode: .client), reader)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            // The preface has been read where the version was chosen.
            var first = try #require(try channel.readOutbound(as: ByteBuffer.self))
            #expect(first.readBytes(length: Self.preface.count) == Self.preface)
            peer.send(Array(first.readableBytesView))
            var seen = 0
            var expected: [HTTP2StreamID: [UInt8]] = [:]
            for round in 0..<30 {
                let id = HTTP2StreamID(round * 2 + 1)
                let path = ["/hello", "/echo", "/whole", "/pieces"].randomElement() ?? "/hello"
                let hasBody = path == "/echo" || path == "/whole"
                let headers: HPACKHeaders = [
                    ":method": hasBody ? "POST" : "GET", ":scheme": "http", ":path": path, ":authority": "localhost",
                    "user-agent": "nio", "x-round": "\(round)",
                ]
                channel.write(
                    HTTP2Frame(
                        streamID: id, payload: .headers(.init(headers: headers, endStream: !hasBody))), promise: nil)
                switch path {
                case "/hello": expected[id] = Array("hello".utf8)
                case "/pieces": expected[id] = Array(repeating: Array("0123456789".utf8), count: 50).flatMap { $0 }
                default:
                    expected[id] = []
                    for piece in 0..<4 {
                        let bytes = [UInt8](repeating: UInt8(round), count: Int.random(in: 0...4_000))
                        expected[id]? += bytes
                        let isLast = piece == 3
                        guard isLast || !bytes.isEmpty else { continue }
                        channel.write(
                            HTTP2Frame(
                                streamID: id,
                                payload: .data(
                                    .init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isLast))),
                            promise: nil)
                    }
                }
                channel.flush()
                if Bool.random() { try Self.exchange(channel, peer, &seen) }
            }
            try Self.exchange(channel, peer, &seen)
            #expect(reader.errors.isEmpty)
            #expect(reader.ended.count == 30)
            for (id, body) in expected {
                #expect(reader.statuses[id] == "200")
                // An echo of nothing has no bytes at all.
                #expect(reader.bodies[id, default: []].elementsEqual(body), "stream \(id)")
            }
            _ = try? channel.finish()
            peer.finish()
        }
    }
}
