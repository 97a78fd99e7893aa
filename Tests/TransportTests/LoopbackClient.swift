import Glibc

/// A client with a blocking socket, which does what no good client would.
final class LoopbackClient {
    private let descriptor: Int32
    private var isOpen = true

    /// - Parameters:
    ///   - address: `127.0.0.1:PORT`.
    ///   - receiveBuffer: bytes that the system may hold for it.
    init?(_ address: String, receiveBuffer: Int32? = nil) {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else { return nil }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // As `sockaddr_in` lies in memory: its fields belong to whichever module has loaded the header first.
        var name = [UInt8](repeating: 0, count: 16)
        name.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt16(AF_INET), as: UInt16.self)
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            bytes.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
        }
        let isConnected = name.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, 16) == 0 }
        }
        guard isConnected else { return nil }
    }

    deinit { close() }

    func send(_ text: String) { send(Array(text.utf8)) }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + at }, bytes.count - at, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            at += count
        }
        return true
    }

    /// Sends no more, and goes on reading.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Up to `limit` bytes; empty at the end, nil after a reset or ten seconds.
    func receive(_ limit: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &bytes, limit, 0)
        guard count >= 0 else { return nil }
        return Array(bytes[..<count])
    }

    /// All until the end; nil if there is none but a reset.
    func receiveAll(_ limit: Int = 65_536, pausing microseconds: UInt32 = 0) -> [UInt8]? {
        var all: [UInt8] = []
        while let piece = receive(limit) {
            if piece.isEmpty { return all }
            all += piece
            if microseconds > 0 { usleep(microseconds) }
        }
        return nil
    }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    /// Closes as a process does that was killed: by a reset.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}
