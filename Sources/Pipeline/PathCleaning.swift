package import JSON

/// Empty and dot segments: no route has them, and a client that sends them is redirected to the path without.
///
/// As Go's ServeMux: `/a/./b`, `/a//b` and `/a/x/../b` become `/a/b`; a last `.` or `..` leaves no slash behind.
/// `%2e` is a dot here (RFC 3986 section 6.2.2.2), or dot segments could be smuggled past; `%2F` is no slash.
package enum PathCleaning {
    /// Whether the path, which starts with a slash, would be changed.
    static func isNeeded(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        var start = 1
        while start < path.count {
            let end = segmentEnd(path, start)
            // A last empty segment is a trailing slash, which stays.
            if end == start || dots(path, start, end) != nil { return true }
            start = end &+ 1
        }
        return false
    }

    /// Writes the cleaned path into memory with room for `path.count + 1` bytes, and tells how many it wrote.
    static func clean(_ path: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>) -> Int {
        let slash = UInt8(ascii: "/")
        var written = 0
        var start = 1
        while start < path.count {
            let end = segmentEnd(path, start)
            if end == start || dots(path, start, end) == 1 {
                // Nothing of it stays.
            } else if dots(path, start, end) == 2 {
                // Back over the segment before and its slash; at the root there is none.
                while written > 0 {
                    written &-= 1
                    if out[written] == slash { break }
                }
            } else {
                out[written] = slash
                written &+= 1
                for index in start..<end {
                    out[written] = path[index]
                    written &+= 1
                }
            }
            start = end &+ 1
        }
        if written == 0 || path.last == slash {
            out[written] = slash
            written &+= 1
        }
        return written
    }

    /// The path, which starts with a slash, without empty and dot segments.
    package static func cleaned(_ path: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        Array(unsafeUninitializedCapacity: path.count + 1) { out, count in
            guard let start = out.baseAddress else { return }
            count = clean(path, into: start)
        }
    }

    /// Appends where a client is redirected to: the cleaned path, with a slash more if asked, its escapes kept.
    ///
    /// What may not stand in a URI is escaped, above all the backslash: browsers read `/\host` as `//host`, another
    /// server. The query is the caller's to append.
    package static func append(
        redirectFrom path: UnsafeBufferPointer<UInt8>, addingSlash: Bool, to writer: inout ByteWriter
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: path.count &+ 1) { scratch in
            guard let out = scratch.baseAddress else { return }
            let count = clean(path, into: out)
            for index in 0..<count {
                let byte = out[index]
                if PathEscapes.isPathByte(byte) {
                    writer.append(byte)
                } else {
                    writer.append(percentEscape: byte)
                }
            }
            if addingSlash, out[count &- 1] != UInt8(ascii: "/") { writer.append(UInt8(ascii: "/")) }
        }
    }

    private static func segmentEnd(_ path: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end &+= 1 }
        return end
    }

    /// 1 for `.`, 2 for `..`, none for any other segment.
    private static func dots(_ path: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
        // `%2e%2e` is the longest.
        guard end &- start <= 6 else { return nil }
        var count = 0
        var at = start
        while at < end {
            if path[at] == UInt8(ascii: ".") {
                at &+= 1
            } else if end &- at >= 3, path[at] == UInt8(ascii: "%"), path[at &+ 1] == UInt8(ascii: "2"),
                path[at &+ 2] | 0x20 == UInt8(ascii: "e")
            {
                at &+= 3
            } else {
                return nil
            }
            count &+= 1
        }
        return count == 1 || count == 2 ? count : nil
    }
}
