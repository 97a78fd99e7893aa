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
    private let loops: [Loop]
    private let limits: ConnectionLimits
    private let count: ConnectionCount

    /// One event loop with what it owns.
    private struct Loop: Sendable {
        let eventLoop: any EventLoop
        let state: LoopPointer
        let connections: NIOLoopBound<LoopConnections>
    }

    /// - Parameter workers: event loops, at least one.
    package init(plan: Plan, workers: Int, limits: ConnectionLimits) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, workers))
        let count = ConnectionCount(limit: limits.connections)
        var loops: [Loop] = []
        for eventLoop in group.makeIterator() {
            let state = UnsafeMutablePointer<LoopState>.allocate(capacity: 1)
            state.initialize(to: LoopState(index: loops.count, eventLoop: eventLoop, plan: plan))
            let pointer = LoopPointer(state)
            let made = eventLoop.submit {
                NIOLoopBound(LoopConnections(total: count), eventLoop: eventLoop)
            }
            // The loop has just been started and runs nothing else: this cannot fail, and does not wait long.
            guard let connections = try? made.wait() else { preconditionFailure("a new event loop takes work") }
            loops.append(Loop(eventLoop: eventLoop, state: pointer, connections: connections))
        }
        self.group = group
        self.loops = loops
        self.limits = limits
        self.count = count
    }

    /// Starts to listen. Returns the channel and where it really listens (a free port was chosen for port 0).
    package func listen(_ address: Address) throws -> Listener {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Accepted sockets inherit it on Linux, which saves a system call a connection.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: address.isTCP ? 1 : 0)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // Each channel keeps its last read buffer: two kibibytes, NIO's choice, would be half of an idle connection.
            // It grows with what comes.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 64 * 1024)
            )
            .childChannelInitializer { channel in self.accept(channel) }
        switch address {
        case .tcp(let host, let port):
            return Listener(channel: try bootstrap.bind(host: host, port: port).wait(), address: address)
        case .everywhere(let port):
            // One socket for both families where the system has IPv6, else IPv4 alone.
            let channel =
                try (try? bootstrap.bind(host: "::", port: port).wait())
                ?? bootstrap.bind(host: "0.0.0.0", port: port).wait()
            return Listener(channel: channel, address: address)
        case .unix(let path):
            UnixSocket.removeStale(path)
            return Listener(channel: try bootstrap.bind(unixDomainSocketPath: path).wait(), address: address)
        }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard count.enter() else {
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
            count.leave()
            return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
        }
        let remote = channel.remoteAddress
        let facts = ConnectionFacts(
            clientAddress: Array((remote?.ipAddress ?? "").utf8), clientPort: remote?.port ?? 0, isTLS: false,
            localAddress: Array((channel.localAddress?.shown ?? "").utf8))
        let handler = HTTP1Handler(
            loop: loop.state, limits: limitsOfOne(), facts: facts, connections: loop.connections.value)
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            count.leave()
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    /// The limits, with up to a tenth of the age taken off by chance: connections that began together, as after a
    /// start, must not all end together.
    private func limitsOfOne() -> ConnectionLimits {
        var limits = limits
        if limits.connectionAge != .max { limits.connectionAge -= Int64.random(in: 0...limits.connectionAge / 10) }
        return limits
    }

    /// How many connections are open.
    package var openConnections: Int { count.current }

    /// Tells every connection to finish what it does, and to take nothing new.
    package func drain() {
        for loop in loops { loop.eventLoop.execute { loop.connections.value.drain() } }
    }

    package func forceClose() {
        for loop in loops { loop.eventLoop.execute { loop.connections.value.forceClose() } }
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
    fileprivate var isTCP: Bool { if case .unix = self { false } else { true } }
}

/// A socket that takes connections.
package struct Listener: Sendable {
    private let channel: any Channel
    private let asked: Server.Address

    init(channel: any Channel, address: Server.Address) {
        self.channel = channel
        self.asked = address
    }

    /// Where it listens, as a client would write it: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/x.sock`.
    package var address: String {
        switch asked {
        case .unix(let path): return "unix:" + path
        case .everywhere(let port): return shown("::", port)
        case .tcp(let host, let port): return shown(host, port)
        }
    }

    private func shown(_ host: String, _ port: Int) -> String {
        let local = channel.localAddress
        return SocketAddress.shown(local?.ipAddress ?? host, local?.port ?? port)
    }

    /// Takes no more connections.
    package func close() {
        try? channel.close().wait()
        if case .unix(let path) = asked { UnixSocket.remove(path) }
    }
}

extension SocketAddress {
    /// As a manifest would write it.
    fileprivate var shown: String {
        if let ipAddress { return Self.shown(ipAddress, port ?? 0) }
        return "unix:" + (pathname ?? "")
    }

    fileprivate static func shown(_ host: String, _ port: Int) -> String {
        let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(host):\(port)"
    }
}
