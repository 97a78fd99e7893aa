import NIOCore
import Pipeline

/// Whether a listener's connections begin with a PROXY header.
package enum ProxyProtocol: UInt8, Sendable {
    case off
    case optional
    case required
}

/// A connection whose proxy has not said yet whose it is: waits for the PROXY header, then makes way for TLS or HTTP.
final class ProxyHandler: ChannelInboundHandler, RemovableChannelHandler, Connection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Makes the handler that goes on, for the client that the header names.
    private let next: (ProxyHeader.Client?) -> any ChannelHandler
    private let isRequired: Bool
    private let timeout: TimeAmount
    private let connections: LoopConnections
    private let peer: Peer
    private let listener: [UInt8]
    private let loop: LoopPointer
    private let opened = LoopClock.now()
    /// Told when a connection is closed since its header is not as it should be.
    private let refused: (String) -> Void
    private var context: ChannelHandlerContext?
    private var gathered = ByteBuffer()
    private var timer: Scheduled<Void>?
    private var isDone = false
    /// Where the loop's list keeps this connection.
    var position = 0

    init(
        isRequired: Bool, timeout nanoseconds: Int64, connections: LoopConnections, peer: Peer, listener: [UInt8],
        loop: LoopPointer,
        refused: @escaping (String) -> Void, next: @escaping (ProxyHeader.Client?) -> any ChannelHandler
    ) {
        self.isRequired = isRequired
        self.timeout = .nanoseconds(nanoseconds)
        self.connections = connections
        self.peer = peer
        self.listener = listener
        self.loop = loop
        self.refused = refused
        self.next = next
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        connections.add(self)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            timer = nil
            guard let context = self.context, !isDone else { return }
            // Who has sent nothing is told nothing; a port scan is no news.
            if gathered.readableBytes > 0 || isRequired { refused("no PROXY header came in time") }
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if isDone { return context.fireChannelRead(data) }
        gathered.writeBuffer(&buffer)
        let outcome = gathered.withUnsafeReadableBytes {
            ProxyHeader.read($0.assumingMemoryBound(to: UInt8.self))
        }
        switch outcome {
        case .needsMore: break
        case .whole(let client, let count):
            gathered.moveReaderIndex(forwardBy: count)
            makeWay(context, for: client)
        case .absent where !isRequired: makeWay(context, for: nil)
        case .absent: refuse(context, "the connection begins without a PROXY header")
        case .broken(let fault): refuse(context, "the PROXY header is wrong: \(fault.rawValue)")
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ reason: String) {
        refused(reason)
        context.close(promise: nil)
    }

    private func makeWay(_ context: ChannelHandlerContext, for client: ProxyHeader.Client?) {
        isDone = true
        timer?.cancel()
        timer = nil
        connections.remove(self)
        let rest = gathered
        gathered = ByteBuffer()
        do {
            try context.pipeline.syncOperations.addHandler(next(client), position: .after(self))
        } catch {
            isDone = false
            context.close(promise: nil)
            return
        }
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
        // HTTP settles now also where nothing was left over: the end of this read is passed on before we are gone.
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent, !isDone { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        if !isDone { connections.remove(self) }
        self.context = nil
        context.fireChannelInactive()
    }

    /// Comes for every channel, also for one that ended before it was active.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // Whoever follows counts the connection on.
        if !isDone { connections.leave() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func snapshot(now: Int64) -> ConnectionSnapshot {
        ConnectionSnapshot(
            peer: peer.withPort, listener: String(decoding: listener, as: UTF8.self), loop: loop.state.pointee.index,
            age: now &- opened, requests: 0, state: .readingHead, version: .http11, tls: nil, calls: [])
    }

    func drain() { context?.close(promise: nil) }
    func forceClose() { context?.close(promise: nil) }
}

@available(*, unavailable)
extension ProxyHandler: Sendable {}
