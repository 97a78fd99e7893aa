import JSON

extension Exchange {
    /// The path as it came, escapes kept; `/` where an absolute target has none.
    @inlinable package var pathBytes: UnsafeBufferPointer<UInt8> {
        if !head.path.isEmpty { return head.slice(head.path) }
        return UnsafeBufferPointer(start: ("/" as StaticString).utf8Start, count: 1)
    }

    /// The value of a wildcard, decoded.
    @inline(__always) package func captured(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        if captures.isEscaped(index) {
            return UnsafeBufferPointer(rebasing: arena.bytes[decoded[index & 15].range])
        }
        return UnsafeBufferPointer(rebasing: pathBytes[captures[index].range])
    }

    /// The bytes that a wildcard took, escapes kept.
    @inline(__always) func rawCaptured(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: pathBytes[captures[index].range])
    }

    /// Decodes the wildcards that hold escapes, once, so that readers change nothing.
    mutating func decodeCaptures() {
        for index in 0..<captures.count where captures.isEscaped(index) {
            let start = arena.count
            PathEscapes.append(decoded: UnsafeBufferPointer(rebasing: pathBytes[captures[index].range]), to: &arena)
            decoded[index & 15] = ByteRange(start: start, end: arena.count)
        }
    }
}
