import JSON

extension Exchange {
    /// The message that is there now: that of a call whose client sends one, or the one of a stream that its responder
    /// is given; nil where there is none. Encoded, not compressed.
    package var message: UnsafeBufferPointer<UInt8>? {
        guard face == .grpc, body.count >= 5 else { return nil }
        return UnsafeBufferPointer(rebasing: body.bytes[5...])
    }

    /// Begins a message of the answer in the loop's body writer; what is appended until `endMessage` is its encoded form.
    package mutating func beginMessage() -> Int {
        let start = loop.state.pointee.body.count
        loop.state.pointee.body.append("\0\0\0\0\0")
        return start
    }

    /// Ends the message that began at `start`.
    package mutating func endMessage(_ start: Int) {
        let count = UInt32(truncatingIfNeeded: loop.state.pointee.body.count &- start &- 5)
        for at in 0..<4 {
            let byte = UInt8(truncatingIfNeeded: count >> UInt32(24 &- 8 &* at))
            loop.state.pointee.body.replace(at: start &+ 1 &+ at, with: byte)
        }
    }
}
