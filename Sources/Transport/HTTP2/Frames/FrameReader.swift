import JSON

/// Cuts what comes into whole frames: where they lie whole in what was read they stay there, else they are gathered, one
/// frame at most.
package struct FrameReader: ~Copyable {
    package enum Outcome {
        case more
        /// The payload is valid until the next call, or until the bytes go.
        case frame(FrameHeader, UnsafeBufferPointer<UInt8>)
        /// Longer than any frame may be; nothing behind it can be read.
        case tooLong(FrameHeader)
    }

    private var gathered = ByteWriter(capacity: 64)
    private var isTaken = false

    package init() {}

    /// The head of the frame of which only a part has come.
    package var partial: FrameHeader? {
        isTaken || gathered.count < FrameHeader.size ? nil : FrameHeader(UnsafePointer(gathered.base))
    }

    package mutating func next(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Outcome {
        if isTaken {
            isTaken = false
            gathered.clear()
        }
        if gathered.count == 0, let base = bytes.baseAddress, bytes.count &- at >= FrameHeader.size {
            let header = FrameHeader(base + at)
            if header.length > HTTP2.frameSize { return .tooLong(header) }
            if bytes.count &- at &- FrameHeader.size >= header.length {
                let start = at &+ FrameHeader.size
                at = start &+ header.length
                return .frame(header, UnsafeBufferPointer(start: base + start, count: header.length))
            }
        }
        if gathered.count < FrameHeader.size {
            take(FrameHeader.size &- gathered.count, bytes, &at)
            if gathered.count < FrameHeader.size { return .more }
        }
        let header = FrameHeader(UnsafePointer(gathered.base))
        if header.length > HTTP2.frameSize { return .tooLong(header) }
        take(header.length &+ FrameHeader.size &- gathered.count, bytes, &at)
        if gathered.count < header.length &+ FrameHeader.size { return .more }
        isTaken = true
        return .frame(header, UnsafeBufferPointer(rebasing: gathered.bytes[FrameHeader.size...]))
    }

    /// Gives back the memory for large frames, if none has begun.
    package mutating func rest() {
        guard isTaken || gathered.count == 0 else { return }
        isTaken = false
        gathered.clear()
        gathered.shrink(to: 64)
    }

    private mutating func take(_ count: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) {
        let end = min(bytes.count, at &+ max(0, count))
        gathered.append(UnsafeBufferPointer(rebasing: bytes[at..<end]))
        at = end
    }
}
