import NIOCore
import NIOHTTP1

/// A request over HTTP/1.1 on a connection of its own.
final class HTTP1Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = StreamPart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: WireRequest
    private let authority: String
    private let events: CallEvents
    private var hasStarted = false
    private var hasEnded = false

    init(_ request: WireRequest, authority: String, _ events: CallEvents) {
        self.request = request
        self.authority = authority
        self.events = events
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    /// Who waits for the connection is told of it before the handlers are, and may write at once.
    private func start(_ context: ChannelHandlerContext) {
        guard !hasStarted else { return }
        hasStarted = true
        var headers = HTTPHeaders([("host", authority)])
        for field in request.fields { headers.add(name: field.name, value: field.value) }
        // What is sent piece by piece goes in chunks (RFC 9112 section 7.1).
        if case .whole(let bytes) = request.body, !bytes.isEmpty || request.method != "GET" {
            headers.add(name: "content-length", value: String(bytes.count))
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if case .whole(let bytes) = request.body {
            if !bytes.isEmpty {
                context.write(
                    wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
            }
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.flush()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        start(context)
        switch unwrapOutboundIn(data) {
        case .bytes(let buffer): context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
        case .end: context.write(wrapOutboundOut(.end(nil)), promise: promise)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return }
            events.post(.wire(.head(status: Int(head.status.code), Self.fields(head.headers))))
        case .body(let buffer): events.post(.wire(.body(Array(buffer.readableBytesView))))
        case .end(let trailers):
            hasEnded = true
            events.post(.wire(.end(trailers.map { Self.fields($0) } ?? [])))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("the connection was closed before the answer was whole")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(
            error is HTTPParserError ? "the answer is not HTTP/1.1" : NetworkWire.words(error),
            CallTLS.words(error) == nil ? .broken : .unreachable)
        context.close(promise: nil)
    }

    private func fail(_ reason: String, _ kind: WireFailure.Kind = .broken) {
        guard !hasEnded else { return }
        hasEnded = true
        events.add(.wire(.failed(WireFailure(kind: kind, reason: reason))))
    }

    private static func fields(_ headers: HTTPHeaders) -> CallFields {
        headers.map { ($0.name.lowercased(), $0.value) }
    }
}
