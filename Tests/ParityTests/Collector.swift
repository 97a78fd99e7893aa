import NIOCore
import NIOPosix
import Synchronization

/// Takes spans on a port of its own, answers each request with 200, and remembers their bodies.
final class Collector: Sendable {
    private let channel: any Channel
    private let bodies = Bodies()

    private final class Bodies: Sendable {
        let texts = Mutex<[String]>([])
    }

    init() throws {
        let bodies = bodies
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Reader { body in bodies.texts.withLock { $0.append(body) } })
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
    }

    deinit { channel.close(promise: nil) }

    var port: Int { channel.localAddress?.port ?? 0 }

    var texts: [String] { bodies.texts.withLock { $0 } }

    /// One request a connection, with a `content-length`, as the exporter sends them.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let take: @Sendable (String) -> Void
        private var received: [UInt8] = []

        init(_ take: @escaping @Sendable (String) -> Void) { self.take = take }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += unwrapInboundIn(data).readableBytesView
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return }
            let head = String(decoding: received[..<end], as: UTF8.self).lowercased()
            let length = head.split(separator: "\r\n").lazy.compactMap { line -> Int? in
                guard line.hasPrefix("content-length:") else { return nil }
                return Int(line.dropFirst("content-length:".count).drop { $0 == " " })
            }.first
            guard let length, received.count - end >= length else { return }
            take(String(decoding: received[end...], as: UTF8.self))
            received = []
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")), promise: nil)
        }
    }
}
