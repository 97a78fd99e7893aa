import Pipeline

/// The target of a request that comes by itself, as HTTP/2 has it in `:path`.
enum RequestTarget {
    /// Origin form, or `*` of OPTIONS (RFC 9113 section 8.3.1); what may stand in it is the same as over HTTP/1.
    static func read(_ target: ByteRange, into head: inout Head) -> HeadStop? {
        let bytes = head.slice(target)
        let start = Int(target.start)
        head.target = target
        if bytes.count == 1, bytes[0] == UInt8(ascii: "*"), head.method == .options {
            head.path = target
            return nil
        }
        guard bytes.first == HeadByte.slash else { return .badTarget }
        let at = skipPath(bytes)
        head.path = ByteRange(start: start, end: start &+ at)
        if at == bytes.count { return nil }
        guard bytes[at] == HeadByte.question else { return .badTarget }
        let query = at &+ 1
        var end = query
        while end < bytes.count, bytes[end] >= 0x80 || HeadByteSet.query.contains(bytes[end]) { end &+= 1 }
        head.query = ByteRange(start: start &+ query, end: start &+ end)
        return end == bytes.count ? nil : .badTarget
    }
}
