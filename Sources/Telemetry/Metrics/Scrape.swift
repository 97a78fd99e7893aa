import Codings
import JSON

/// An answer to a scraper.
package struct Scrape: Sendable {
    package let contentType: String
    package let body: [UInt8]
    /// By gzip.
    package let isCompressed: Bool
}

extension MetricRegistry {
    /// Everything, in the form and coding that the scraper likes best.
    ///
    /// - Parameters:
    ///   - accept: values of `Accept`.
    ///   - acceptEncoding: values of `Accept-Encoding`.
    package func scrape(accept: [[UInt8]], acceptEncoding: [[UInt8]]) -> Scrape {
        let format = ExpositionFormat.negotiated(accept)
        let text = exposition(format)
        var codings = AcceptedCodings()
        for field in acceptEncoding { field.withUnsafeBufferPointer { codings.read($0) } }
        // A fast level: a scrape is read once, by somebody near.
        guard codings.best(of: [.gzip]) == .gzip, let deflater = Deflater(.gzip, level: 1) else {
            return Scrape(contentType: format.contentType, body: text, isCompressed: false)
        }
        var out = ByteWriter(capacity: text.count / 4)
        text.withUnsafeBufferPointer { deflater.compress($0, isLast: true, into: &out) }
        return Scrape(contentType: format.contentType, body: Array(out.bytes), isCompressed: true)
    }
}
