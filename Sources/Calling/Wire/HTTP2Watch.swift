import NIOCore
import NIOHTTP2

/// Looks at the first bytes of a server: one that has HTTP/1.1 alone answers in that.
final class HTTP2Guard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let events: CallEvents

    init(_ events: CallEvents) { self.events = events }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if unwrapInboundIn(data).readableBytesView.starts(with: "HTTP/1.".utf8) {
            events.add(
                .wire(
                    .failed(
                        WireFailure(
                            kind: .unreachable, reason: "the server answers in HTTP/1.1, not in HTTP/2, or wants TLS")))
            )
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

/// Tells of what ends a connection of HTTP/2 as a whole.
final class HTTP2Watch: ChannelInboundHandler {
    typealias InboundIn = Any

    private let events: CallEvents
    private var hasFailed = false

    init(_ events: CallEvents) { self.events = events }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What the library says of single streams their own handlers tell.
        guard !(error is NIOHTTP2Errors.StreamError), !hasFailed else { return }
        hasFailed = true
        let isTLS = CallTLS.words(error) != nil
        events.add(
            .wire(.failed(WireFailure(kind: isTLS ? .unreachable : .broken, reason: NetworkWire.words(error)))))
        context.close(promise: nil)
    }
}
