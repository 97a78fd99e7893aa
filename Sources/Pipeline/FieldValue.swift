/// Values of header fields.
enum FieldValue {
    /// Without the spaces around it, which are no part of it (RFC 9110 section 5.5) and malformed over HTTP/2 (RFC 9113 section
    /// 8.2.1).
    @inline(__always) static func trimmed(_ value: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard let first = value.first, let last = value.last, first <= 0x20 || last <= 0x20 else { return value }
        return trim(value)
    }

    @inline(never) private static func trim(_ value: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var (start, end) = (0, value.count)
        while end > start, isSpace(value[end &- 1]) { end &-= 1 }
        while start < end, isSpace(value[start]) { start &+= 1 }
        return UnsafeBufferPointer(rebasing: value[start..<end])
    }
}
