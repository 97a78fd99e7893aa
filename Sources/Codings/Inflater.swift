internal import CZlib
package import JSON

/// Undoes the coding of one body at a time, within bounds.
package final class Inflater {
    package enum Outcome: Equatable {
        case more
        /// The coded body is whole.
        case ended
        /// It is not of that coding, or broken.
        case broken
        /// It becomes larger than it may.
        case tooLarge
    }

    package let coding: ContentCoding
    private let stream: UnsafeMutablePointer<z_stream>
    private var hasEnded = false

    /// Nil if there is no memory for it.
    package init?(_ coding: ContentCoding) {
        self.coding = coding
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard radicled_inflate_init(stream, coding.windowBits) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    package func reset() {
        inflateReset(stream)
        hasEnded = false
    }

    /// Appends what a piece of the coded body stands for.
    /// - Parameter limit: how many bytes `out` may hold in all.
    package func inflate(_ piece: UnsafeBufferPointer<UInt8>, limit: Int, into out: inout ByteWriter) -> Outcome {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress)
        stream.pointee.avail_in = UInt32(clamping: piece.count)
        defer { stream.pointee.next_in = nil }
        while true {
            if hasEnded {
                if stream.pointee.avail_in == 0 { return .ended }
                // A gzip body may be several members, one behind the other (RFC 1952 section 2.2).
                guard coding == .gzip, inflateReset(stream) == Z_OK else { return .broken }
                hasEnded = false
            }
            let room = min(16 * 1024, limit - out.count + 1)
            guard room > 0 else { return .tooLarge }
            let start = out.count
            var result = Z_OK
            let stream = self.stream
            out.append(uninitialized: room) { target in
                stream.pointee.next_out = target
                stream.pointee.avail_out = UInt32(room)
                result = CZlib.inflate(stream, Z_NO_FLUSH)
            }
            out.truncate(to: start + room - Int(stream.pointee.avail_out))
            if out.count > limit { return .tooLarge }
            switch result {
            case Z_OK, Z_BUF_ERROR:
                // Room that is left over says that it wants more to read.
                if stream.pointee.avail_out > 0 { return .more }
            case Z_STREAM_END: hasEnded = true
            default: return .broken
            }
        }
    }
}
