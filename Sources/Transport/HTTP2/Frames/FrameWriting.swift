import JSON

// Frames for the peer (RFC 9113 section 6), appended to a writer.
extension ByteWriter {
    @inline(__always)
    mutating func append(frame kind: UInt8, _ flags: FrameFlags = [], stream: UInt32, length: Int) {
        append(uninitialized: FrameHeader.size) { bytes in
            bytes[0] = UInt8(truncatingIfNeeded: length >> 16)
            bytes[1] = UInt8(truncatingIfNeeded: length >> 8)
            bytes[2] = UInt8(truncatingIfNeeded: length)
            bytes[3] = kind
            bytes[4] = flags.rawValue
            UnsafeMutableRawPointer(bytes + 5).storeBytes(of: stream.bigEndian, as: UInt32.self)
        }
    }

    /// Four bytes, the highest first.
    @inline(__always) mutating func append(word: UInt32) {
        append(uninitialized: 4) { UnsafeMutableRawPointer($0).storeBytes(of: word.bigEndian, as: UInt32.self) }
    }

    mutating func append(reset stream: UInt32, _ error: HTTP2Error) {
        append(frame: FrameKind.reset, stream: stream, length: 4)
        append(word: error.rawValue)
    }

    mutating func append(windowUpdate stream: UInt32, _ increment: Int) {
        append(frame: FrameKind.windowUpdate, stream: stream, length: 4)
        append(word: UInt32(truncatingIfNeeded: increment))
    }

    mutating func append(goAway last: UInt32, _ error: HTTP2Error, _ text: StaticString) {
        append(frame: FrameKind.goAway, stream: 0, length: 8 &+ text.utf8CodeUnitCount)
        append(word: last)
        append(word: error.rawValue)
        append(text)
    }

    mutating func append(ping: UnsafeBufferPointer<UInt8>, _ flags: FrameFlags) {
        append(frame: FrameKind.ping, flags, stream: 0, length: ping.count)
        append(ping)
    }

    mutating func append(setting name: UInt16, _ value: Int) {
        append(UInt8(truncatingIfNeeded: name >> 8))
        append(UInt8(truncatingIfNeeded: name))
        append(word: UInt32(truncatingIfNeeded: value))
    }

    /// Ends the header block that begins behind the frame at `start`: writes its length, and cuts it into CONTINUATION
    /// frames where it is longer than a frame may be (section 6.10).
    mutating func close(headersAt start: Int) {
        var at = start
        var length = count &- at &- FrameHeader.size
        while length > HTTP2.frameSize {
            setLength(HTTP2.frameSize, at)
            if at == start {
                // END_HEADERS moves to the last of them.
                replace(at: at &+ 4, with: base[at &+ 4] & ~FrameFlags.endHeaders.rawValue)
            }
            let stream = bigEndianWord(UnsafePointer(base + at + 5))
            at &+= FrameHeader.size &+ HTTP2.frameSize
            length &-= HTTP2.frameSize
            insert(FrameHeader.size, at: at)
            replace(at: at &+ 3, with: FrameKind.continuation)
            replace(at: at &+ 4, with: length > HTTP2.frameSize ? 0 : FrameFlags.endHeaders.rawValue)
            replace(bigEndian: stream, at: at &+ 5)
        }
        setLength(length, at)
    }

    private mutating func setLength(_ length: Int, _ at: Int) {
        replace(at: at, with: UInt8(truncatingIfNeeded: length >> 16))
        replace(at: at &+ 1, with: UInt8(truncatingIfNeeded: length >> 8))
        replace(at: at &+ 2, with: UInt8(truncatingIfNeeded: length))
    }
}
