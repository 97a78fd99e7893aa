import NIOCore
import NIOPosix
import Synchronization

/// Takes requests on a port of its own, answers each with 200, and remembers their bodies.
final class CollectorStub: Sendable {
    private let channel: any Channel
    private let bodies: AsyncStream<[UInt8]>

    init() async throws {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        bodies = stream
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader { continuation.yield($0) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    func nextBody() async -> [UInt8]? {
        var iterator = bodies.makeAsyncIterator()
        return await iterator.next()
    }

    func close() async throws { try await channel.close() }

    /// One request a connection, with a `content-length`, as `HTTPPost` sends them.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let take: @Sendable ([UInt8]) -> Void
        private var received: [UInt8] = []

        init(_ take: @escaping @Sendable ([UInt8]) -> Void) { self.take = take }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += unwrapInboundIn(data).readableBytesView
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return }
            let head = String(decoding: received[..<end], as: UTF8.self).lowercased()
            let length = head.split(separator: "\r\n").lazy.compactMap { line -> Int? in
                guard line.hasPrefix("content-length:") else { return nil }
                return Int(line.dropFirst("content-length:".count).drop { $0 == " " })
            }.first
            guard let length, received.count - end >= length else { return }
            take(Array(received[end...]))
            received = []
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")), promise: nil)
        }
    }
}
