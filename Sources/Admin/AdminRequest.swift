import JSON
package import NIOCore
import Pipeline

/// What an endpoint is asked.
package struct AdminRequest: Sendable {
    /// How an answer can look.
    package enum Form: String, Sendable {
        case text
        case json
        case html

        fileprivate var type: String {
            switch self {
            case .text: "text/plain"
            case .json: "application/json"
            case .html: "text/html"
            }
        }
    }

    package let isPost: Bool
    /// Of the query, then of a form or a JSON object in the body.
    package let parameters: [(name: String, value: String)]
    package let accepts: AcceptedTypes
    /// The fields `Accept` and `Accept-Encoding` as they came, one or more of each.
    let acceptFields: [[UInt8]]
    let codingFields: [[UInt8]]
    /// The loop that it is answered on, for who must know when to wait no longer.
    package let clock: (any EventLoop)?

    package init(isPost: Bool = false, parameters: [(name: String, value: String)] = [], accept: String = "*/*") {
        acceptFields = [Array(accept.utf8)]
        codingFields = []
        self.isPost = isPost
        self.parameters = parameters
        self.accepts = AcceptedTypes(accept)
        clock = nil
    }

    init(_ exchange: borrowing Exchange) {
        isPost = exchange.head.method == .post
        var found: [(name: String, value: String)] = []
        QueryString.forEach(exchange.head.slice(exchange.head.query)) { name, value in
            found.append((QueryString.decode(name), QueryString.decode(value)))
        }
        switch MediaType(exchange.head).kind {
        case .form:
            QueryString.forEach(exchange.body.bytes) { name, value in
                found.append((QueryString.decode(name), QueryString.decode(value)))
            }
        case .json:
            if case .success(.object(let members)) = JSONReader.read(exchange.body.bytes) {
                for (name, value) in members { if case .string(let text) = value { found.append((name, text)) } }
            }
        default: break
        }
        parameters = found
        let accept = exchange.head.value(of: .accept).map { String(decoding: exchange.head.slice($0), as: UTF8.self) }
        accepts = AcceptedTypes(accept ?? "*/*")
        acceptFields = Self.fields(.accept, of: exchange.head)
        codingFields = Self.fields(.acceptEncoding, of: exchange.head)
        clock = exchange.loop.state.pointee.eventLoop
    }

    private static func fields(_ name: KnownField, of head: borrowing Head) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for index in 0..<head.fieldCount where head.fields[index].known == name {
            values.append(Array(head.slice(head.fields[index].value)))
        }
        return values
    }

    /// The first parameter of this name.
    package subscript(_ name: String) -> String? {
        parameters.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// How the client wants it: as `?format=` says, else as `Accept` does.
    /// - Parameter offered: the first is for who does not say.
    package func form(_ offered: Form...) -> Form {
        if let asked = self["format"], let form = offered.first(where: { $0.rawValue.utf8.elementsEqual(asked.utf8) }) {
            return form
        }
        var best = offered.first ?? .text
        for form in offered.dropFirst() where accepts.quality(of: form.type) > accepts.quality(of: best.type) {
            best = form
        }
        return best
    }
}

/// The field `Accept` (RFC 9110 section 12.5.1).
package struct AcceptedTypes: Sendable {
    private struct Range {
        /// In lower case: `text/html`, `text/*`, `*/*`.
        let name: String
        let quality: Double
    }

    private var ranges: [Range] = []

    /// What cannot be read of it is left out; nothing at all accepts anything.
    package init(_ field: String) {
        for member in field.split(separator: ",").prefix(64) {
            let parts = member.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first, !name.isEmpty else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            ranges.append(Range(name: name, quality: quality.isFinite ? min(max(quality, 0), 1) : 0))
        }
        if ranges.isEmpty { ranges = [Range(name: "*/*", quality: 1)] }
    }

    /// By the range that fits most closely; 0 if none does.
    /// - Parameter type: `text/plain`, in lower case.
    package func quality(of type: String) -> Double {
        let kind = type.prefix { $0 != "/" } + "/*"
        for name in [type, String(kind), "*/*"] {
            if let range = ranges.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) { return range.quality }
        }
        return 0
    }
}
