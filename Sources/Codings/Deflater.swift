internal import CZlib
package import JSON

/// Compresses one body at a time; after `reset` the next one. Costs 256 KiB while it lives.
package final class Deflater {
    package let coding: ContentCoding
    package let level: Int
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory for it.
    /// - Parameter level: 1, the quickest, to 9, the smallest.
    package init?(_ coding: ContentCoding, level: Int) {
        self.coding = coding
        self.level = level
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard radicled_deflate_init(stream, Int32(clamping: level), coding.windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    package func reset() { deflateReset(stream) }

    /// Appends what a piece of the body becomes. What is not the last is flushed, so that the peer can read all of
    /// it at once: an event must not wait for the next one.
    package func compress(_ piece: UnsafeBufferPointer<UInt8>, isLast: Bool, into out: inout ByteWriter) {
        // Nothing to say, and no end: a flush would say so in five bytes.
        if piece.isEmpty && !isLast { return }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress)
        stream.pointee.avail_in = UInt32(clamping: piece.count)
        let flush = isLast ? Z_FINISH : Z_SYNC_FLUSH
        repeat {
            let room = 16 * 1024
            let start = out.count
            let stream = self.stream
            out.append(uninitialized: room) { target in
                stream.pointee.next_out = target
                stream.pointee.avail_out = UInt32(room)
                // It fails only for a stream that was not made, and with Z_BUF_ERROR where nothing is left to do.
                _ = deflate(stream, flush)
            }
            out.truncate(to: start + room - Int(stream.pointee.avail_out))
            // Room that is left over says that all is out (zlib.h, deflate).
        } while stream.pointee.avail_out == 0
        stream.pointee.next_in = nil
    }
}
