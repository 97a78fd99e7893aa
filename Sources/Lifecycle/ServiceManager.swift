import Glibc

/// systemd, or what speaks as it does, if it started this process: is told of each state by a datagram (sd_notify(3)).
struct ServiceManager {
    private let socket: String?
    /// How often it wants a sign of life, in nanoseconds: half of what it waits for one (sd_watchdog_enabled(3)).
    let watchdog: Int64?

    init() {
        socket = Self.variable("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
        let isMeant = Self.variable("WATCHDOG_PID").map { Int32($0) == getpid() } ?? true
        let limit = Self.variable("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        watchdog = isMeant && limit > 0 && limit < .max / 1000 ? limit * 500 : nil
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Serves; told again when a reload is over.
    func ready(_ status: String) { tell("READY=1\nSTATUS=\(Self.line(status))") }

    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        tell("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    func stopping() { tell("STOPPING=1\nSTATUS=draining") }

    func isAlive() { tell("WATCHDOG=1") }

    private static func line(_ text: String) -> String {
        String(text.unicodeScalars.map { scalar -> Character in scalar.value < 0x20 ? " " : Character(scalar) })
    }

    /// Nothing waits for it to be read, and nothing depends on whether it is.
    private func tell(_ state: String) {
        guard let socket else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socket.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A name without a file begins with NUL (unix(7)).
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t((MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2) + path.count)
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(state.utf8)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), $0, length)
            }
        }
    }
}
