package import JSON

/// A query whose credentials are not shown.
package struct RedactedQuery: Sendable {
    /// The names whose values never are (OpenTelemetry semantic conventions, `url.query`).
    package static let credentials = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
        "X-Goog-Signature",
    ]

    private let names: [[UInt8]]
    /// Whether a name of so many bytes may be among them: most need no closer look.
    private let lengths: UInt64

    package init(alsoHiding names: [String] = []) {
        self.names = (Self.credentials + names).map { Array($0.utf8) }
        lengths = self.names.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
    }

    /// Writes the query with `REDACTED` in place of what is hidden.
    ///
    /// - Parameter escape: appends a piece of what came.
    package func write(
        _ query: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter,
        _ escape: (inout ByteWriter, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        // From `clean` on nothing has been written.
        var clean = 0
        var start = 0
        while start < query.count {
            var equals = start
            while equals < query.count, query[equals] != UInt8(ascii: "="), query[equals] != UInt8(ascii: "&") {
                equals &+= 1
            }
            var end = equals
            while end < query.count, query[end] != UInt8(ascii: "&") { end &+= 1 }
            if equals &+ 1 < end, hides(UnsafeBufferPointer(rebasing: query[start..<equals])) {
                escape(&out, UnsafeBufferPointer(rebasing: query[clean...equals]))
                out.append("REDACTED")
                clean = end
            }
            start = end &+ 1
        }
        if clean < query.count { escape(&out, UnsafeBufferPointer(rebasing: query[clean...])) }
    }

    private func hides(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard lengths & 1 << UInt64(min(name.count, 63)) != 0 else { return false }
        return names.contains { $0.count == name.count && $0.elementsEqual(name) }
    }
}
