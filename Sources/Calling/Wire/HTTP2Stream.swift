import NIOCore
import NIOHPACK
import NIOHTTP2

/// A request over HTTP/2 on a stream of its own.
final class HTTP2Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = StreamPart
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let request: WireRequest
    private let scheme: String
    private let authority: String
    private let events: CallEvents
    private var hasStarted = false
    private var hasHead = false
    private var hasEnded = false

    init(_ request: WireRequest, scheme: String, authority: String, _ events: CallEvents) {
        self.request = request
        self.scheme = scheme
        self.authority = authority
        self.events = events
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard !hasStarted else { return }
        hasStarted = true
        var headers = HPACKHeaders([
            (":method", request.method), (":scheme", scheme), (":path", request.path), (":authority", authority),
        ])
        for field in request.fields { headers.add(name: field.name, value: field.value) }
        var endsStream = false
        if case .whole(let bytes) = request.body { endsStream = bytes.isEmpty }
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: endsStream))), promise: nil)
        if case .whole(let bytes) = request.body, !bytes.isEmpty {
            let buffer = context.channel.allocator.buffer(bytes: bytes)
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(buffer), endStream: true))), promise: nil)
        }
        context.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        start(context)
        let (buffer, ends) =
            switch unwrapOutboundIn(data) {
            case .bytes(let buffer): (buffer, false)
            case .end: (context.channel.allocator.buffer(capacity: 0), true)
            }
        context.write(
            wrapOutboundOut(.data(.init(data: .byteBuffer(buffer), endStream: ends))), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let content): read(content)
        case .data(let content):
            if case .byteBuffer(let buffer) = content.data, buffer.readableBytes > 0 {
                events.post(.wire(.body(Array(buffer.readableBytesView))))
            }
            if content.endStream { end([]) }
        default: break
        }
    }

    private func read(_ content: HTTP2Frame.FramePayload.Headers) {
        let fields = content.headers.filter { !$0.name.hasPrefix(":") }.map { (name: $0.name, value: $0.value) }
        if hasHead { return content.endStream ? end(fields) : () }
        guard let status = content.headers.first(name: ":status").flatMap({ Int($0) }), status >= 200 else { return }
        hasHead = true
        events.post(.wire(.head(status: status, fields)))
        if content.endStream { end([]) }
    }

    private func end(_ trailers: CallFields) {
        hasEnded = true
        events.post(.wire(.end(trailers)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(WireFailure(kind: .broken, reason: "the connection was closed before the answer was whole"))
        // The connection was for this alone.
        context.channel.parent?.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let closed = error as? NIOHTTP2Errors.StreamClosed {
            let code = UInt32(truncatingIfNeeded: closed.errorCode.networkCode)
            fail(WireFailure(kind: .reset(code), reason: "the stream was reset: \(closed.errorCode)"))
        } else {
            fail(WireFailure(kind: .broken, reason: NetworkWire.words(error)))
        }
        context.close(promise: nil)
    }

    private func fail(_ failure: WireFailure) {
        guard !hasEnded else { return }
        hasEnded = true
        events.add(.wire(.failed(failure)))
    }
}
