import Glibc

/// The file of a Unix socket, which outlives the process that made it unless somebody removes it.
enum UnixSocket {
    /// Removes a socket that nobody listens on any more, so that a restart after a crash works. One that answers, and
    /// anything that is no socket, stays: binding then fails and says so.
    static func removeStale(_ path: String) {
        guard isSocket(path), !answers(path) else { return }
        unlink(path)
    }

    static func remove(_ path: String) {
        if isSocket(path) { unlink(path) }
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    private static func answers(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isCopied = withUnsafeMutableBytes(of: &address.sun_path) { target in
            let bytes = Array(path.utf8)
            guard bytes.count < target.count else { return false }
            target.copyBytes(from: bytes)
            return true
        }
        guard isCopied else { return true }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
