import Glibc
import Transport

/// Listening sockets that the service manager has opened and handed over (sd_listen_fds(3)). A manifest still says where it
/// listens; an address that one of these is bound to is not bound again. They stay open for a later manifest.
struct InheritedSockets {
    private struct Socket {
        let descriptor: Int32
        let addresses: [Server.Address]
        let shown: String
    }

    private let sockets: [Socket]

    /// They begin behind standard error.
    private static let first: Int32 = 3

    init() {
        guard let pid = getenv("LISTEN_PID").flatMap({ Int32(String(cString: $0)) }), pid == getpid(),
            let count = getenv("LISTEN_FDS").flatMap({ Int32(String(cString: $0)) }), count > 0, count <= 1024
        else {
            sockets = []
            return
        }
        sockets = (Self.first..<Self.first + count).compactMap { descriptor in
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            return Self.socket(descriptor)
        }
    }

    /// A copy of the socket that is bound to this address.
    func socket(for address: Server.Address) -> Int32? {
        sockets.first { $0.addresses.contains(address) }
            .map { fcntl($0.descriptor, F_DUPFD_CLOEXEC, 0) }
            .flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Those that no listener is on, as a manifest would write them.
    func unused(by listeners: [Listener]) -> [String] {
        sockets.filter { socket in !listeners.contains { socket.addresses.contains($0.asked) } }.map(\.shown)
    }

    private static func socket(_ descriptor: Int32) -> Socket? {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let hasName = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening != 0, hasName
        else { return nil }
        return withUnsafePointer(to: &storage) { storage -> Socket? in
            switch Int32(storage.pointee.ss_family) {
            case AF_INET:
                return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    let port = Int(UInt16(bigEndian: $0.pointee.sin_port))
                    var address = $0.pointee.sin_addr
                    return tcp(descriptor, text(AF_INET, &address), port, isForAll: address.s_addr == 0)
                }
            case AF_INET6:
                return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    let port = Int(UInt16(bigEndian: $0.pointee.sin6_port))
                    var address = $0.pointee.sin6_addr
                    let host = text(AF_INET6, &address)
                    return tcp(descriptor, host, port, isForAll: host.utf8.elementsEqual("::".utf8))
                }
            case AF_UNIX:
                return storage.withMemoryRebound(to: sockaddr_un.self, capacity: 1) {
                    let path = withUnsafeBytes(of: $0.pointee.sun_path) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    return Socket(descriptor: descriptor, addresses: [.unix(path: path)], shown: "unix:" + path)
                }
            default: return nil
            }
        }
    }

    private static func tcp(_ descriptor: Int32, _ host: String, _ port: Int, isForAll: Bool) -> Socket {
        let shown = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        var addresses: [Server.Address] = [.tcp(host: host, port: port)]
        if isForAll { addresses.append(.everywhere(port: port)) }
        return Socket(descriptor: descriptor, addresses: addresses, shown: shown)
    }

    private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, address, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
