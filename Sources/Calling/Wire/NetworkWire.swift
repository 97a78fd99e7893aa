import Glibc
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

/// Requests over sockets, each over a connection of its own.
struct NetworkWire: Wire {
    private static let patience = TimeAmount.seconds(10)
    /// What may be on its way to us: enough to fill a fast line, and no more than a message or two.
    private static let window = 1 << 20

    let peer: CallPeer
    let authority: String
    let tls: CallTLS?

    init(_ peer: CallPeer, authority: String?, tls: CallTLS?) {
        self.peer = peer
        self.authority = authority ?? peer.authority
        self.tls = tls
    }

    func open(_ request: WireRequest, _ events: CallEvents) -> any WireStream {
        // Not earlier: its threads are to have the signals that `Interrupts` leaves them.
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let channel =
            switch request.version {
            case .http1: http1(request, loop, events)
            case .http2: http2(request, loop, events)
            }
        return NetworkStream(channel: channel)
    }

    private func bootstrap(_ loop: any EventLoop, _ version: WireRequest.Version) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(Self.patience)
            // Small messages of a stream are not to wait for each other.
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    private func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
        switch peer.address {
        case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private func http1(
        _ request: WireRequest, _ loop: any EventLoop, _ events: CallEvents
    ) -> EventLoopFuture<any Channel> {
        let connected = bootstrap(loop, .http1)
            .channelInitializer { [tls, peer, authority] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.handler(for: peer, "http/1.1")) }
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(HTTP1Stream(request, authority: authority, events))
                }
            }
        let channel = connect(connected)
        channel.whenFailure { events.add(.wire(.failed(Self.unreachable($0)))) }
        return channel
    }

    private func http2(
        _ request: WireRequest, _ loop: any EventLoop, _ events: CallEvents
    ) -> EventLoopFuture<any Channel> {
        let scheme = peer.isTLS ? "https" : "http"
        let multiplexer = loop.makePromise(of: NIOHTTP2Handler.StreamMultiplexer.self)
        let connected = bootstrap(loop, .http2)
            .channelInitializer { [tls, peer] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.handler(for: peer, "h2")) }
                    try pipeline.addHandler(HTTP2Guard(events))
                    var connection = NIOHTTP2Handler.ConnectionConfiguration()
                    connection.initialSettings = [
                        HTTP2Setting(parameter: .enablePush, value: 0),
                        HTTP2Setting(parameter: .initialWindowSize, value: Self.window),
                        HTTP2Setting(parameter: .maxHeaderListSize, value: 1 << 16),
                    ]
                    connection.targetWindowSize = Self.window
                    var stream = NIOHTTP2Handler.StreamConfiguration()
                    stream.targetWindowSize = Self.window
                    multiplexer.succeed(
                        try pipeline.configureHTTP2Pipeline(
                            mode: .client, connectionConfiguration: connection, streamConfiguration: stream
                        ) { $0.close() })
                    try pipeline.addHandler(HTTP2Watch(events))
                }
            }
        let channel = connect(connected).flatMapErrorThrowing { error in
            multiplexer.fail(error)
            throw error
        }.flatMap { [authority] _ in
            multiplexer.futureResult.flatMap { multiplexer in
                multiplexer.createStreamChannel { stream in
                    stream.eventLoop.makeCompletedFuture {
                        try stream.pipeline.syncOperations.addHandler(
                            HTTP2Stream(request, scheme: scheme, authority: authority, events))
                    }
                }
            }
        }
        channel.whenFailure { events.add(.wire(.failed(Self.unreachable($0)))) }
        return channel
    }

    // MARK: Words

    private static func unreachable(_ error: any Error) -> WireFailure {
        WireFailure(kind: .unreachable, reason: words(error))
    }

    /// What went wrong, in a few words.
    static func words(_ error: any Error) -> String {
        switch error {
        case ChannelError.connectTimeout: "no answer within 10 s"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { words($0.error) } ?? "the name \(error.host) is not known"
        case let error as SocketAddressError: "\(error)"
        default: CallTLS.words(error) ?? String(describing: error)
        }
    }
}

/// A request on its way, once there is a connection.
private struct NetworkStream: WireStream {
    let channel: EventLoopFuture<any Channel>

    func send(_ bytes: [UInt8], whenSent: @escaping @Sendable () -> Void) {
        channel.flatMap { $0.writeAndFlush(StreamPart.bytes($0.allocator.buffer(bytes: bytes))) }
            .whenComplete { _ in whenSent() }
    }

    func finish() {
        channel.whenSuccess { $0.writeAndFlush(StreamPart.end, promise: nil) }
    }

    func cancel() {
        // What fails here is over anyway.
        _ = try? channel.flatMap { $0.close() }.wait()
    }
}

/// What `WireStream` writes into the channel of a request.
enum StreamPart: Sendable {
    case bytes(ByteBuffer)
    case end
}
