import Glibc
import JSON
import Synchronization

/// The system's log: a datagram for each line, as RFC 3164 section 4 has them on a local socket, without a host.
final class SyslogSocket: Sendable {
    private let path: String
    private let descriptor: Mutex<Int32>

    /// Facility local0, severity informational.
    private static let priority = 16 * 8 + 6

    /// - Throws: why nobody takes lines there, in a few words.
    init(path: String) throws(LogOutputs.OpenError) {
        self.path = path
        descriptor = Mutex(try Self.connect(path))
    }

    /// Sends lines, each with its break. Returns how many were lost.
    func send(_ lines: UnsafeRawBufferPointer) -> Int {
        let header = Self.header()
        var lost = 0
        var message = ByteWriter(capacity: 1024)
        for line in lines.split(separator: 0x0A) {
            message.clear()
            message.append(header)
            message.append(UnsafeRawBufferPointer(rebasing: line))
            if !send(message.bytes) { lost += 1 }
        }
        return lost
    }

    private func send(_ message: UnsafeBufferPointer<UInt8>) -> Bool {
        descriptor.withLock { descriptor in
            if Self.send(message, descriptor) { return true }
            // The daemon may have been started again.
            guard let fresh = try? Self.connect(path) else { return false }
            Glibc.close(descriptor)
            descriptor = fresh
            return Self.send(message, descriptor)
        }
    }

    private static func send(_ message: UnsafeBufferPointer<UInt8>, _ descriptor: Int32) -> Bool {
        while true {
            let count = Glibc.send(descriptor, message.baseAddress, message.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return true }
            if errno != EINTR { return false }
        }
    }

    private static func connect(_ path: String) throws(LogOutputs.OpenError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else {
            throw LogOutputs.OpenError(reason: "its path is longer than \(room) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LogOutputs.OpenError(reason: String(cString: strerror(errno))) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw LogOutputs.OpenError(reason: reason)
        }
        return descriptor
    }

    /// `<134>Nov 25 09:25:06 radicled[4711]: `, in local time, as the daemon expects it.
    private static func header() -> [UInt8] {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%b %e %H:%M:%S", &local)
        let stamp = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Array("<\(priority)>\(stamp) radicled[\(getpid())]: ".utf8)
    }

    func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }
}
