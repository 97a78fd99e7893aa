import Glibc
import JSON
import Synchronization

/// Where the program's own lines go. It may have a reader that stands still, and nobody waits for that: a line that finds no
/// room is dropped, and the next one that is written says how many were.
final class LineOutput: Sendable {
    private struct State {
        var lost = 0
        /// A line of which a part was written still stands there without its end.
        var isBroken = false
    }

    /// One for all loggers of the process.
    static let standardError = LineOutput(2)

    private let descriptor: Int32
    /// Lines of several threads stay whole.
    private let state = Mutex(State())

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Writes one line.
    ///
    /// - Parameter line: writes it with its break; it is given how many before it were lost.
    func write(_ line: (_ lost: Int, inout ByteWriter) -> Void) {
        state.withLock { state in
            var out = ByteWriter(capacity: 512)
            if state.isBroken { out.append(UInt8(ascii: "\n")) }
            line(state.lost, &out)
            let written = write(UnsafeRawBufferPointer(out.bytes))
            let isWhole = written == out.count
            state.lost = isWhole ? 0 : state.lost + 1
            if written > 0 { state.isBroken = !isWhole }
        }
    }

    /// How much there was room for. A pipe that takes anything takes this much at once, and does not block (pipe(7)).
    private static let piece = 4096

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        var written = 0
        while written < bytes.count {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&poller, 1, 0)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return written }
            let piece = UnsafeRawBufferPointer(rebasing: bytes[written..<min(bytes.count, written + Self.piece)])
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return written }
            written += count
        }
        return written
    }
}
