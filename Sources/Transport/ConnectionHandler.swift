import JSON
import NIOCore
import Pipeline

/// Joins a connection to its channel, whatever its version of HTTP: hands it what comes and does what it wishes.
///
/// The connection never calls the channel, so nothing that the channel does in return can meet it half-way.
final class ConnectionHandler: ChannelDuplexHandler, NIOScheduledCallbackHandler, Parker, Connection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How many pieces of an answer are sent before the loop's other connections have their turn.
    private static let piecesAtOnce = 16

    private let loop: LoopPointer
    private let facts: UnsafeMutablePointer<ConnectionFacts>
    private let connections: LoopConnections
    private let connection: UnsafeMutablePointer<WireConnection>
    private var context: ChannelHandlerContext?
    /// What each request touches, at a fixed address: a class's own variable costs a check of exclusivity each time.
    private let desk: UnsafeMutablePointer<Desk>
    private var isInputClosed = false
    private var isClosing = false
    private var timer: NIOScheduledCallback?
    /// How many bytes were waiting for the peer when that was last looked at.
    private var waitingBytes = 0
    /// Where the loop's list keeps this connection.
    var position = 0

    init(
        loop: LoopPointer, limits: ConnectionLimits, versions: HTTPVersions = .all, facts: consuming ConnectionFacts,
        connections: LoopConnections
    ) {
        self.loop = loop
        self.facts = .allocate(capacity: 1)
        self.facts.initialize(to: facts)
        self.connections = connections
        self.connection = .allocate(capacity: 1)
        self.desk = .allocate(capacity: 1)
        desk.initialize(to: Desk())
        connection.initialize(
            to: WireConnection(
                loop: loop, limits: limits, versions: versions, facts: UnsafePointer(self.facts), parker: self,
                now: LoopClock.now()))
    }

    deinit {
        connection.deinitialize(count: 1)
        connection.deallocate()
        desk.deinitialize(count: 1)
        desk.deallocate()
        facts.deinitialize(count: 1)
        facts.deallocate()
    }

    // MARK: Inbound

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
        settle(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if desk.pointee.pending != nil {
            desk.pointee.pending?.writeBuffer(&buffer)
            return drainPending(context)
        }
        let used = buffer.withUnsafeReadableBytes {
            connection.pointee.receive($0.assumingMemoryBound(to: UInt8.self), now: turn())
        }
        if used < buffer.readableBytes {
            buffer.moveReaderIndex(forwardBy: used)
            desk.pointee.pending = buffer
            gather(context)
            return drainPending(context)
        }
        gather(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        settle(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // Told of later: this event can come from within a write of ours.
        context.eventLoop.assumeIsolated().execute { [self] in
            guard let context = self.context else { return }
            let isWritable = context.channel.isWritable
            waitingBytes = bufferedBytes(context)
            connection.pointee.writable(isWritable, now: turn())
            if isWritable { drainPending(context) }
            settle(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            isInputClosed = true
            if desk.pointee.pending == nil {
                connection.pointee.inputClosed(now: turn())
                settle(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        connection.pointee.closed(now: turn())
        loop.state.pointee.wire.clear()
        connections.remove(self)
        self.context = nil
        context.fireChannelInactive()
    }

    /// Comes for every channel, also for one that ended before it was active.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connections.leave()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken pipe: the peer is gone, which is no news worth more than a closed connection.
        context.close(promise: nil)
    }

    /// NIO asks for the next read after each one; while the connection can use nothing it must wait, so that the
    /// peer feels it.
    func read(context: ChannelHandlerContext) {
        if connection.pointee.takesInput, desk.pointee.pending == nil {
            context.read()
        } else {
            desk.pointee.isReadHeld = true
        }
    }

    /// The time of what happens now, for all that comes of it.
    private func turn() -> Int64 { loop.state.pointee.clock.turn() }

    // MARK: Outside events

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        desk.pointee.timerAt = .max
        guard let context else { return }
        let now = turn()
        noteProgress(context, now)
        connection.pointee.timeReached(now: now)
        drainPending(context)
        settle(context)
    }

    func wake(_ ticket: UInt64, turn: Int) {
        guard let context else { return }
        context.eventLoop.assumeIsolated().execute { [self] in
            guard let context = self.context else { return }
            connection.pointee.wake(ticket, turn: turn, now: self.turn())
            drainPending(context)
            settle(context)
        }
    }

    func drain() {
        guard let context else { return }
        connection.pointee.drain(now: turn())
        settle(context)
    }

    func snapshot(now: Int64) -> ConnectionSnapshot { connection.pointee.snapshot(now: now) }

    func forceClose() {
        guard let context else { return }
        connection.pointee.forceClose(now: turn())
        settle(context)
    }

    // MARK: Doing what the connection wishes

    /// Offers what was left over, as long as it is used.
    private func drainPending(_ context: ChannelHandlerContext) {
        while var buffer = desk.pointee.pending, connection.pointee.takesInput {
            desk.pointee.pending = nil
            let used = buffer.withUnsafeReadableBytes {
                connection.pointee.receive($0.assumingMemoryBound(to: UInt8.self), now: turn())
            }
            buffer.moveReaderIndex(forwardBy: used)
            if buffer.readableBytes > 0 { desk.pointee.pending = buffer }
            gather(context)
            if desk.pointee.needsFlush { flush(context) }
            if !context.channel.isWritable { break }
        }
        if isInputClosed, desk.pointee.pending == nil {
            connection.pointee.inputClosed(now: turn())
        }
    }

    /// Moves the loop's bytes for the wire into the channel's queue.
    @inline(__always) private func gather(_ context: ChannelHandlerContext) {
        guard loop.state.pointee.wire.count > 0 else { return }
        // One large answer must not stay resident for ever.
        if loop.state.pointee.out.storageCapacity > 256 * 1024 {
            loop.state.pointee.out = ByteBuffer()
        } else {
            loop.state.pointee.out.clear()
        }
        loop.state.pointee.out.writeBytes(UnsafeRawBufferPointer(loop.state.pointee.wire.bytes))
        loop.state.pointee.wire.clear()
        loop.state.pointee.wire.shrink(to: 256 * 1024)
        context.write(wrapOutboundOut(loop.state.pointee.out), promise: nil)
        desk.pointee.needsFlush = true
    }

    private func flush(_ context: ChannelHandlerContext) {
        desk.pointee.needsFlush = false
        context.flush()
    }

    /// Sends, closes, arms the timer and reads on, as the connection's state asks.
    private func settle(_ context: ChannelHandlerContext) {
        gather(context)
        if desk.pointee.needsFlush { flush(context) }
        var pieces = 0
        while connection.pointee.wantsRoom, context.channel.isWritable {
            if pieces == Self.piecesAtOnce {
                context.eventLoop.assumeIsolated().execute { [self] in
                    if let context = self.context { settle(context) }
                }
                break
            }
            pieces &+= 1
            connection.pointee.roomReached(now: turn())
            gather(context)
            if desk.pointee.needsFlush { flush(context) }
        }
        switch connection.pointee.closing {
        case .open: break
        case .now:
            context.close(promise: nil)
            return
        case .afterWrite, .linger: closeBehindWrites(context)
        }
        let next = connection.pointee.nextDeadline()
        if next < desk.pointee.timerAt { arm(context, next) }
        if desk.pointee.isReadHeld, connection.pointee.takesInput, desk.pointee.pending == nil {
            desk.pointee.isReadHeld = false
            context.read()
        }
    }

    private func arm(_ context: ChannelHandlerContext, _ time: Int64) {
        timer?.cancel()
        desk.pointee.timerAt = time
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time)))
        timer = try? context.eventLoop.assumeIsolated().scheduleCallback(at: deadline, handler: self)
    }

    /// Closes when all that was written before has left.
    private func closeBehindWrites(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        waitingBytes = bufferedBytes(context)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in
            guard let context = self.context else { return }
            // This comes from within a flush: TLS's close_notify would be queued behind that, and the close overtake it.
            if facts.pointee.isTLS {
                context.eventLoop.assumeIsolated().execute { [self] in closeFlushed() }
            } else {
                closeFlushed()
            }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    private func closeFlushed() {
        guard let context else { return }
        connection.pointee.flushed(now: turn())
        context.close(mode: connection.pointee.closing == .linger ? .output : .all, promise: nil)
        settle(context)
    }

    /// A peer that reads slowly, but reads, is not stalled.
    private func noteProgress(_ context: ChannelHandlerContext, _ now: Int64) {
        guard isClosing || !context.channel.isWritable else { return }
        let waiting = bufferedBytes(context)
        if waiting < waitingBytes { connection.pointee.progressed(now: now) }
        waitingBytes = waiting
    }

    private func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
    }
}

private struct Desk: ~Copyable {
    /// Bytes that came while the connection could not use them.
    var pending: ByteBuffer?
    var needsFlush = false
    /// NIO has asked for a read that the connection could not use yet.
    var isReadHeld = false
    /// When the timer is armed for.
    var timerAt = Int64.max
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
