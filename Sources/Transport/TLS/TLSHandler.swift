import Certificates
import NIOCore
import NIOSSL
import NIOTLS
import Pipeline

/// A connection whose TLS handshake is not done yet: looks whether it begins with one, waits for it, then makes way for
/// HTTP. The library's handler, which takes its memory then, is added when the first byte has come.
final class TLSHandler: ChannelInboundHandler, RemovableChannelHandler, Connection {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the handshake may take, from the connection's first moment (10 s; the limits on heads begin after it).
    private static let timeout = TimeAmount.seconds(10)

    private let tls: ServerTLS
    private let connections: LoopConnections
    private let peer: Peer
    private let listener: [UInt8]
    private let loop: LoopPointer
    private let failures: HandshakeFailures
    /// Makes the handler that goes on.
    private let next: (TLSFacts) -> any ChannelHandler
    private let opened = LoopClock.now()
    private var context: ChannelHandlerContext?
    private var library: NIOSSLServerHandler?
    private var timer: Scheduled<Void>?
    private var phase = Phase.waiting
    /// Where the loop's list keeps this connection.
    var position = 0

    private enum Phase {
        /// For the first byte, or for the end of the handshake.
        case waiting
        /// It came to nothing, and that is told.
        case failed
        /// HTTP goes on.
        case done
    }

    init(
        _ tls: ServerTLS, connections: LoopConnections, peer: Peer, listener: [UInt8], loop: LoopPointer,
        failures: HandshakeFailures, next: @escaping (TLSFacts) -> any ChannelHandler
    ) {
        self.tls = tls
        self.connections = connections
        self.peer = peer
        self.listener = listener
        self.loop = loop
        self.failures = failures
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
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.timeout) { [self] in
            timer = nil
            guard let context = self.context, phase != .done else { return }
            fail(.timeout, "it took too long")
            context.close(promise: nil)
        }
    }

    private func fail(_ reason: HandshakeFailures.Reason, _ detail: String) {
        guard phase == .waiting else { return }
        phase = .failed
        failures.add(reason, of: peer, detail)
    }

    // MARK: The first bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .done: context.fireChannelRead(data)
        case .failed: break
        case .waiting:
            let buffer = unwrapInboundIn(data)
            guard library == nil, let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return }
            begin(context, first, data)
        }
    }

    private func begin(_ context: ChannelHandlerContext, _ first: UInt8, _ data: NIOAny) {
        // A record of the handshake (RFC 8446 section 5.1). No method of HTTP begins so.
        guard first == 22 else {
            let isHTTP = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
            fail(isHTTP ? .plainHTTP : .notTLS, isHTTP ? "it is HTTP without TLS" : "it is no TLS")
            if isHTTP { answerPlainly(context) } else { context.close(promise: nil) }
            return
        }
        let library = tls.handler()
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(library, position: .before(self))
        } catch {
            context.close(promise: nil)
            return
        }
        self.library = library
        pipeline.fireChannelRead(data)
        pipeline.fireChannelReadComplete()
    }

    /// A client that forgot the `s` is told so, in the one language that it understands.
    private func answerPlainly(_ context: ChannelHandlerContext) {
        let text = "this port speaks TLS: write https:// in place of http://\n"
        var answer = context.channel.allocator.buffer(capacity: 256)
        answer.writeString(
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n" + text)
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        // The other half stays open until the client closes it, or the time is over: a reset would take the answer away.
        context.close(mode: .output, promise: nil)
    }

    // MARK: The end of the handshake

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent, phase == .waiting { makeWay(context) }
        if case .some(.inputClosed) = event as? ChannelEvent, phase != .done {
            // Who has sent nothing is told nothing of; a port scan is no news.
            if library != nil { fail(.left, "the peer went away") }
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func makeWay(_ context: ChannelHandlerContext) {
        guard let library else { return }
        phase = .done
        timer?.cancel()
        timer = nil
        connections.remove(self)
        let facts = TLSFacts(
            version: library.tlsVersion == .tlsv13 ? "1.3" : "1.2",
            identity: library.peerCertificate.map(PeerIdentity.of) ?? [])
        do {
            try context.pipeline.syncOperations.addHandler(next(facts), position: .after(self))
        } catch {
            phase = .failed
            context.close(promise: nil)
            return
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// The library closes after its errors, and the channel after those of the socket.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if phase == .done { return context.fireErrorCaught(error) }
        switch error as? NIOSSLError {
        case .handshakeFailed(.sslError(let stack)) where stack != [.eofDuringHandshake]:
            fail(.refused, Self.reason(stack))
        default: if library != nil { fail(.left, "the peer went away") }
        }
        if library == nil { context.close(promise: nil) }
    }

    /// The library's word, of `error:1000000a:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at FILE:LINE`.
    private static func reason(_ stack: NIOBoringSSLErrorStack) -> String {
        let text = stack.last?.description ?? ""
        guard let start = text.lastRange(of: "OPENSSL_internal:") else { return "it failed" }
        let word = text[start...].prefix { $0 != " " }
        return word.lowercased().split(separator: "_").joined(separator: " ")
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        if phase != .done { connections.remove(self) }
        self.context = nil
        context.fireChannelInactive()
    }

    /// Comes for every channel, also for one that ended before it was active.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // Whoever follows counts the connection on.
        if phase != .done { connections.leave() }
    }

    // MARK: As the server sees it

    func snapshot(now: Int64) -> ConnectionSnapshot {
        ConnectionSnapshot(
            peer: peer.withPort, listener: String(decoding: listener, as: UTF8.self), loop: loop.state.pointee.index,
            age: now &- opened, requests: 0, state: .handshaking, version: .http11, tls: nil, calls: [])
    }

    func drain() { context?.close(promise: nil) }
    func forceClose() { context?.close(promise: nil) }
}

@available(*, unavailable)
extension TLSHandler: Sendable {}

extension String {
    /// Where the text after the last such piece begins.
    fileprivate func lastRange(of piece: String) -> Index? {
        var found: Index?
        var rest = self[...]
        while let place = rest.firstRange(of: piece) {
            found = place.upperBound
            rest = self[place.upperBound...]
        }
        return found
    }
}
