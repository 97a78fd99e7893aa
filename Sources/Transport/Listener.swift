import Glibc
import NIOCore

/// A socket that takes connections.
package struct Listener: Sendable {
    private let channel: any Channel
    /// As it was asked for; port 0 stays that.
    package let asked: Server.Address
    /// What the connections that it takes from now on begin with.
    package let setting: ListenerSetting

    /// Somebody else has opened the socket, and keeps its file.
    private let isInherited: Bool

    init(
        channel: any Channel, address: Server.Address, setting: ListenerSetting, isInherited: Bool = false
    ) {
        self.channel = channel
        self.asked = address
        self.setting = setting
        self.isInherited = isInherited
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

    /// The port that it is bound to; nil for a Unix socket.
    package var port: Int? { channel.localAddress?.port }

    /// Takes connections from now on, those first that came since it was bound.
    package func open() { try? channel.setOption(.autoRead, value: true).wait() }

    /// Whether another listener that says so too may be bound within the same port; ours alone do, and only while one takes
    /// the place of the other.
    func sharesPort(_ isShared: Bool) {
        guard asked.isTCP else { return }
        try? channel.setOption(.socketOption(.reusePort), value: isShared ? 1 : 0).wait()
    }

    /// Takes no more connections.
    package func close() {
        try? channel.close().wait()
        if case .unix(let path) = asked, !isInherited { UnixSocket.remove(path) }
    }
}

extension NIOBSDSocket.Option {
    static let reusePort = Self(rawValue: SO_REUSEPORT)
}

extension SocketAddress {
    /// As a manifest would write it.
    var shown: String {
        if let ipAddress { return Self.shown(ipAddress, port ?? 0) }
        return "unix:" + (pathname ?? "")
    }

    fileprivate static func shown(_ host: String, _ port: Int) -> String {
        let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(host):\(port)"
    }
}
