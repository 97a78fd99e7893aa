import NIOCore
import NIOPosix
package import Pipeline

/// Listeners, loops and connections: a plan at work on the network.
package final class Server: Sendable {
    /// Where to listen.
    package enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int)
        /// Every address of the machine.
        case everywhere(port: Int)
        case unix(path: String)
    }

    private let group: MultiThreadedEventLoopGroup
    let loops: [Loop]
    private let count: ConnectionCount
    /// Told of the peer of a connection that is closed for its PROXY header, and why.
    private let refused: @Sendable (_ peer: String, _ reason: String) -> Void
    private let failures: HandshakeFailures

    /// One event loop with what it owns.
    struct Loop: Sendable {
        let eventLoop: any EventLoop
        let state: LoopPointer
        let connections: NIOLoopBound<LoopConnections>
    }

    /// - Parameter workers: event loops, at least one.
    package init(
        plan: Plan, workers: Int, limits: ConnectionLimits,
        refused: @escaping @Sendable (_ peer: String, _ reason: String) -> Void = { _, _ in },
        failures: HandshakeFailures = HandshakeFailures()
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, workers))
        let count = ConnectionCount(limit: limits.connections)
        var loops: [Loop] = []
        for eventLoop in group.makeIterator() {
            let state = UnsafeMutablePointer<LoopState>.allocate(capacity: 1)
            state.initialize(to: LoopState(index: loops.count, eventLoop: eventLoop, plan: plan))
            let pointer = LoopPointer(state)
            let made = eventLoop.submit {
                NIOLoopBound(LoopConnections(total: count, limits: limits), eventLoop: eventLoop)
            }
            // The loop has just been started and runs nothing else: this cannot fail, and does not wait long.
            guard let connections = try? made.wait() else { preconditionFailure("a new event loop takes work") }
            loops.append(Loop(eventLoop: eventLoop, state: pointer, connections: connections))
        }
        self.group = group
        self.loops = loops
        self.count = count
        self.refused = refused
        self.failures = failures
    }

    /// Binds a listener, which takes no connection before it is opened: until then they wait in its queue.
    ///
    /// - Parameters:
    ///   - overlapping: a listener may be bound on an address that one of these holds too, as one host's port is within that
    ///     of all hosts; they are about to be closed.
    ///   - socket: one that listens there already; is taken.
    package func listen(_ address: Address, overlapping: [Listener] = [], on socket: Int32? = nil) throws -> Listener {
        if let socket {
            let setting = ListenerSetting()
            let channel = try bootstrap(address, setting).withBoundSocket(socket).wait()
            return Listener(channel: channel, address: address, setting: setting, isInherited: true)
        }
        for listener in overlapping { listener.sharesPort(true) }
        defer { for listener in overlapping { listener.sharesPort(false) } }
        let listener = try bind(address, sharesPort: !overlapping.isEmpty)
        if !overlapping.isEmpty { listener.sharesPort(false) }
        return listener
    }

    private func bootstrap(_ address: Address, _ setting: ListenerSetting) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Accepted sockets inherit it on Linux, which saves a system call a connection.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: address.isTCP ? 1 : 0)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // Each channel keeps its last read buffer: two kibibytes, NIO's choice, would be half of an idle connection.
            // It grows with what comes.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 64 * 1024)
            )
            .childChannelInitializer { channel in self.accept(channel, setting.current) }
    }

    private func bind(_ address: Address, sharesPort: Bool) throws -> Listener {
        let setting = ListenerSetting()
        var bootstrap = self.bootstrap(address, setting)
        if sharesPort { bootstrap = bootstrap.serverChannelOption(.socketOption(.reusePort), value: 1) }
        switch address {
        case .tcp(let host, let port):
            return Listener(
                channel: try bootstrap.bind(host: host, port: port).wait(), address: address,
                setting: setting)
        case .everywhere(let port):
            // One socket for both families where the system has IPv6, else IPv4 alone.
            let channel =
                try (try? bootstrap.bind(host: "::", port: port).wait())
                ?? bootstrap.bind(host: "0.0.0.0", port: port).wait()
            return Listener(channel: channel, address: address, setting: setting)
        case .unix(let path):
            UnixSocket.removeStale(path)
            return Listener(
                channel: try bootstrap.bind(unixDomainSocketPath: path).wait(), address: address,
                setting: setting)
        }
    }

    private func accept(_ channel: any Channel, _ start: ListenerSetting.Start) -> EventLoopFuture<Void> {
        guard count.enter() else {
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
            count.leave()
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        let peer = Peer(channel.remoteAddress)
        let local = Array((channel.localAddress?.shown ?? "").utf8)
        let connections = loop.connections.value
        let http: (ProxyHeader.Client?, TLSFacts?) -> ConnectionHandler = {
            [limits = connections.limitsOfOne()] client, tls in
            ConnectionHandler(
                loop: loop.state, limits: limits, versions: start.versions,
                facts: peer.facts(for: client, localAddress: local, tls: tls), connections: connections)
        }
        let secured: (ProxyHeader.Client?) -> any ChannelHandler = { [failures] client in
            guard let tls = start.tls else { return http(client, nil) }
            return TLSHandler(
                tls, connections: connections, peer: peer, listener: local, loop: loop.state, failures: failures,
                next: { http(client, $0) })
        }
        var handler: any ChannelHandler
        let trusts = loop.state.state.pointee.plan.proxies?.trusts(peer: peer.address) ?? true
        switch start.proxyProtocol {
        case .off: handler = secured(nil)
        case .optional where !trusts: handler = secured(nil)
        case .required where !trusts:
            refused(peer.shown, "it is none of trusted_proxies, so it may send no PROXY header")
            count.leave()
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        case .optional, .required:
            handler = ProxyHandler(
                isRequired: start.proxyProtocol == .required, timeout: connections.limits.headerTimeout,
                connections: connections, peer: peer, listener: local, loop: loop.state,
                refused: { [refused] in refused(peer.shown, $0) }, next: secured)
        }
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            count.leave()
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    /// How many connections are open.
    package var openConnections: Int { count.current }
    /// How many may be.
    package var connectionLimit: Int { count.most }
    /// How many were closed at once, being too many, since the start.
    package var refusedConnections: Int { count.turnedAway }

    /// Tells every connection to finish what it does, and to take nothing new.
    package func drain() {
        for loop in loops { loop.eventLoop.execute { loop.connections.value.drain() } }
    }

    package func forceClose() {
        for loop in loops { loop.eventLoop.execute { loop.connections.value.forceClose() } }
    }

    /// Puts a plan in force, loop by loop, and waits until it is on all of them. Calls that run keep the plan that they
    /// began with.
    ///
    /// - Parameter whenLeft: called by each loop when it has left the plan before, with the last call of that. The plan is
    ///   handed over so that a large one is not taken down on a loop.
    package func change(
        to plan: Plan, limits: ConnectionLimits, whenLeft: @escaping @Sendable (Plan) -> Void
    ) {
        count.change(limit: limits.connections)
        let changes = loops.map { loop in
            loop.eventLoop.submit {
                loop.connections.value.limits = limits
                loop.state.state.pointee.change(to: plan, whenLeft: whenLeft)
            }
        }
        for change in changes { try? change.wait() }
    }

    /// Runs `body` on every loop, one after the other, and waits.
    package func onEachLoop(_ body: @escaping @Sendable (LoopPointer) -> Void) {
        for loop in loops { try? loop.eventLoop.submit { body(loop.state) }.wait() }
    }

    /// Ends the loops. Nothing may be open any more.
    package func shutdown() {
        try? group.syncShutdownGracefully()
        for loop in loops {
            loop.state.state.deinitialize(count: 1)
            loop.state.state.deallocate()
        }
    }
}

extension Server.Address {
    /// As it was asked for; nil for a Unix socket.
    package var port: Int? {
        switch self {
        case .tcp(_, let port), .everywhere(let port): port
        case .unix: nil
        }
    }

    var isTCP: Bool { if case .unix = self { false } else { true } }
}
