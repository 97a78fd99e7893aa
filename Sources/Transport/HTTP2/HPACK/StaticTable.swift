import Pipeline

/// The static table of HPACK (RFC 7541 appendix A), with the meaning of each name: made once for the process.
package final class StaticTable: Sendable {
    package static let shared = StaticTable()
    package static let count = 61

    /// Where `:status` begins; its first seven values are those that have an entry of their own.
    static let status = 8

    // Written once, before anybody has them.
    nonisolated(unsafe) private let bytes: UnsafePointer<UInt8>
    nonisolated(unsafe) private let entries: UnsafePointer<TableEntry>
    /// The first index of a name of each length, and behind each index the next one of that length; 0 where
    /// there is none.
    nonisolated(unsafe) private let firstOfLength: UnsafePointer<UInt8>
    nonisolated(unsafe) private let nextOfLength: UnsafePointer<UInt8>
    private static let longest = 31

    private init() {
        let text = Self.fields.map { Array($0.0.description.utf8) + Array($0.1.description.utf8) }.flatMap { $0 }
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count)
        for (index, byte) in text.enumerated() { bytes[index] = byte }
        let entries = UnsafeMutablePointer<TableEntry>.allocate(capacity: Self.count)
        var start = 0
        for (index, (name, value)) in Self.fields.enumerated() {
            let (nameCount, valueCount) = (name.utf8CodeUnitCount, value.utf8CodeUnitCount)
            let (meaning, known) = FieldMeaning.of(UnsafeBufferPointer(start: bytes + start, count: nameCount))
            let value = UnsafeBufferPointer(start: bytes + start + nameCount, count: valueCount)
            (entries + index).initialize(
                to: TableEntry(
                    start: UInt16(truncatingIfNeeded: start), nameCount: UInt16(truncatingIfNeeded: nameCount),
                    valueCount: UInt16(truncatingIfNeeded: valueCount), meaning: meaning, known: known,
                    fits: meaning.fits(value)))
            start += nameCount + valueCount
        }
        let first = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.longest + 1)
        first.initialize(repeating: 0, count: Self.longest + 1)
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.count + 1)
        next.initialize(repeating: 0, count: Self.count + 1)
        // From the end, so that the first of a name comes first.
        for index in stride(from: Self.count, through: 1, by: -1) {
            let length = entries[index - 1].name.count
            next[index] = first[length]
            first[length] = UInt8(index)
        }
        firstOfLength = UnsafePointer(first)
        nextOfLength = UnsafePointer(next)
        self.bytes = UnsafePointer(bytes)
        self.entries = UnsafePointer(entries)
    }

    deinit {
        bytes.deallocate()
        entries.deallocate()
        firstOfLength.deallocate()
        nextOfLength.deallocate()
    }

    /// The entry at an index from 1 to 61; nil for another.
    @inline(__always) package func entry(_ index: Int) -> UnsafePointer<TableEntry>? {
        index > 0 && index <= Self.count ? entries + (index &- 1) : nil
    }

    /// The name, and behind it the value.
    @inline(__always) func both(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.both)
    }

    @inline(__always) package func name(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.name)
    }

    @inline(__always) package func value(_ entry: UnsafePointer<TableEntry>) -> UnsafeBufferPointer<UInt8> {
        bytes(entry.pointee.value)
    }

    @inline(__always) private func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    }

    /// The first index of a name; 0 if it has none.
    func index(of name: UnsafeBufferPointer<UInt8>) -> Int {
        guard name.count <= Self.longest else { return 0 }
        var index = Int(firstOfLength[name.count])
        while index > 0 {
            let own = bytes + Int(entries[index &- 1].start)
            var at = 0
            while at < name.count, own[at] == name[at] { at &+= 1 }
            if at == name.count { return index }
            index = Int(nextOfLength[index])
        }
        return 0
    }

    private static let fields: [(StaticString, StaticString)] = [
        (":authority", ""),
        (":method", "GET"),
        (":method", "POST"),
        (":path", "/"),
        (":path", "/index.html"),
        (":scheme", "http"),
        (":scheme", "https"),
        (":status", "200"),
        (":status", "204"),
        (":status", "206"),
        (":status", "304"),
        (":status", "400"),
        (":status", "404"),
        (":status", "500"),
        ("accept-charset", ""),
        ("accept-encoding", "gzip, deflate"),
        ("accept-language", ""),
        ("accept-ranges", ""),
        ("accept", ""),
        ("access-control-allow-origin", ""),
        ("age", ""),
        ("allow", ""),
        ("authorization", ""),
        ("cache-control", ""),
        ("content-disposition", ""),
        ("content-encoding", ""),
        ("content-language", ""),
        ("content-length", ""),
        ("content-location", ""),
        ("content-range", ""),
        ("content-type", ""),
        ("cookie", ""),
        ("date", ""),
        ("etag", ""),
        ("expect", ""),
        ("expires", ""),
        ("from", ""),
        ("host", ""),
        ("if-match", ""),
        ("if-modified-since", ""),
        ("if-none-match", ""),
        ("if-range", ""),
        ("if-unmodified-since", ""),
        ("last-modified", ""),
        ("link", ""),
        ("location", ""),
        ("max-forwards", ""),
        ("proxy-authenticate", ""),
        ("proxy-authorization", ""),
        ("range", ""),
        ("referer", ""),
        ("refresh", ""),
        ("retry-after", ""),
        ("server", ""),
        ("set-cookie", ""),
        ("strict-transport-security", ""),
        ("transfer-encoding", ""),
        ("user-agent", ""),
        ("vary", ""),
        ("via", ""),
        ("www-authenticate", ""),
    ]
}
