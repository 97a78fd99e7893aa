/// A query whose credentials are not shown (OpenTelemetry semantic conventions, `url.query`).
package enum RedactedQuery {
    /// The names whose values are replaced by `REDACTED`.
    package static let names = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
        "X-Goog-Signature",
    ].map { Array($0.utf8) }

    package static func of(_ query: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(query.count)
        for (index, pair) in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).enumerated() {
            if index > 0 { out.append(UInt8(ascii: "&")) }
            if let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                names.contains(where: { $0.elementsEqual(pair[..<equals]) })
            {
                out += pair[...equals]
                out += "REDACTED".utf8
            } else {
                out += pair
            }
        }
        return out
    }
}
