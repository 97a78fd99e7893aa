import Codings
package import Diagnostics
import JSON
package import Manifests
package import Pipeline

/// `compression`: smaller answers for clients that take them.
package struct Compression: ConditionalSection {
    package enum Algorithm: String, Choice {
        case gzip
        case deflate

        fileprivate var coding: ContentCoding { self == .gzip ? .gzip : .deflate }
    }

    package var algorithms = [Algorithm.gzip, .deflate]
    package var minimum = Size.kibibytes(1)
    package var types = Self.textual
    package var level = 5
    package var controls = PolicyControls()

    package init() {}

    package static let key = "compression"
    package static let doc = """
        Compresses answers that are worth it, for clients whose `Accept-Encoding` says that they take it. A stream is \
        flushed with each piece. Answers that have a `content-encoding` already, ranges of files and those with \
        `cache-control: no-transform` are left alone. Not for answers that hold a secret beside what a client sent: \
        their size would tell of it.
        """
    package static let fields: [Field<Compression>] = [
        Field(
            "algorithms", \.algorithms, doc: "Which, the preferred first; the client's own preference goes before.",
            example: "[gzip]"),
        Field("minimum", \.minimum, doc: "The smallest body that is compressed; streams always are.", example: "1KiB"),
        Field(
            "types", \.types, doc: "The content types that are; `text/*` is all of a kind, `*+json` all of a suffix.",
            example: "[text/*, application/json]"),
        Field(
            "level", \.level, doc: "From 1, the quickest, to 9, the smallest.", example: "5",
            check: within(1...9)),
        whenField(),
    ]

    private static let textual = [
        "text/*", "application/json", "*+json", "application/x-ndjson", "application/json-seq", "application/xml",
        "*+xml", "application/javascript", "application/wasm",
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        for item in node["types"]?.items ?? [] {
            guard let text = item.scalar?.text, TypePattern(text.string) == nil else { continue }
            findings.report(
                CatalogRules.badCompression, "`\(text.string)` is not a content type", at: item.range,
                help: "write `text/html`, `text/*` for all of a kind, or `*+json` for all of a suffix")
        }
        if let list = node["algorithms"], list.items?.isEmpty == true {
            findings.report(
                CatalogRules.badCompression, "`algorithms` is empty: nothing could be compressed", at: list.range,
                help: "name `gzip` or `deflate`, or write `compression: off`")
        }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        Stage(
            codings: algorithms.map(\.coding), minimum: minimum.bytes, types: types.compactMap(TypePattern.init),
            level: level)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.decorate]
        private let codings: [ContentCoding]
        private let minimum: Int
        private let types: [TypePattern]
        private let level: Int

        init(codings: [ContentCoding], minimum: Int, types: [TypePattern], level: Int) {
            self.codings = codings
            self.minimum = minimum
            self.types = types
            self.level = level
        }

        func decorate(_ exchange: inout Exchange) {
            let status = exchange.response.status
            // Where messages have envelopes it is they that are compressed.
            guard status != 204, status != 206, status != 304, !exchange.face.isEnveloped,
                let type = exchange.response.value(of: "content-type"), types.contains(where: { $0.matches(type) }),
                exchange.response.value(of: "content-encoding") == nil,
                exchange.response.value(of: "content-range") == nil, !forbidsChange(exchange)
            else { return }
            let count = exchange.loop.state.pointee.body.count
            // What HEAD would have in its body is not made; its fields are those of the body as it is.
            if exchange.head.method != .head, !exchange.answerIsWhole || count >= minimum,
                let coding = accepted(exchange).best(of: codings),
                let encoder = exchange.loop.state.pointee.codings.deflater(coding, level: level)
            {
                exchange.encoder = encoder
                exchange.response.declaredLength = nil
                exchange.response.add("content-encoding") { $0.append(coding.name) }
                weakenTag(&exchange)
                if exchange.answerIsWhole {
                    exchange.encodeBody(isLast: true)
                    exchange.giveBackEncoder()
                }
            }
            // Also where it is not compressed now: a cache must not give this one to everybody.
            exchange.vary(on: "accept-encoding")
        }

        private func accepted(_ exchange: borrowing Exchange) -> AcceptedCodings {
            var accepted = AcceptedCodings()
            guard exchange.head.value(of: .acceptEncoding) != nil else { return accepted }
            for index in 0..<exchange.head.fieldCount
            where exchange.head.fields[index].known == .acceptEncoding {
                accepted.read(exchange.head.slice(exchange.head.fields[index].value))
            }
            return accepted
        }

        /// RFC 9110 section 7.7.
        private func forbidsChange(_ exchange: borrowing Exchange) -> Bool {
            guard let field = exchange.response.value(of: "cache-control") else { return false }
            return ListField.contains(field, "no-transform")
        }

        /// The bytes are others now, though they mean the same (RFC 9110 section 8.8.1).
        private func weakenTag(_ exchange: inout Exchange) {
            guard let tag = exchange.response.value(of: "etag").map(Array.init), tag.first == UInt8(ascii: "\"") else {
                return
            }
            exchange.response.remove("etag")
            exchange.response.add("etag") { out in
                out.append("W/")
                out.append(tag)
            }
        }
    }
}

/// `text/html`, `text/*` or `*+json`.
private struct TypePattern: Sendable {
    private enum Kind: Sendable {
        case exactly([UInt8])
        case begins([UInt8])
        case ends([UInt8])
    }

    private let kind: Kind

    init?(_ text: String) {
        let lower = Array(text.lowercased().utf8)
        let isToken = { (bytes: ArraySlice<UInt8>) in
            !bytes.isEmpty && bytes.allSatisfy { HeaderName.isToken($0) && $0 != UInt8(ascii: "*") }
        }
        if lower.starts(with: "*+".utf8) {
            guard isToken(lower[2...]) else { return nil }
            kind = .ends(Array(lower[1...]))
            return
        }
        guard let slash = lower.firstIndex(of: UInt8(ascii: "/")), isToken(lower[..<slash]) else { return nil }
        if lower[(slash + 1)...].elementsEqual("*".utf8) {
            kind = .begins(Array(lower[...slash]))
        } else {
            guard isToken(lower[(slash + 1)...]) else { return nil }
            kind = .exactly(lower)
        }
    }

    /// - Parameter field: a `content-type`; its parameters do not count.
    func matches(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        let type = MediaType.name(in: field)
        switch kind {
        case .exactly(let bytes): return type.count == bytes.count && Self.equals(type[...], bytes)
        case .begins(let bytes): return type.count > bytes.count && Self.equals(type[..<bytes.count], bytes)
        case .ends(let bytes):
            return type.count > bytes.count && Self.equals(type[(type.count - bytes.count)...], bytes)
        }
    }

    private static func equals(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ lower: [UInt8]) -> Bool {
        zip(text, lower).allSatisfy { byte, other in (byte &- 65 < 26 ? byte | 0x20 : byte) == other }
    }
}
