/// Which requests a route takes: `[METHOD ][HOST]/PATH`, with the meaning of Go 1.22's `net/http.ServeMux`
/// (https://pkg.go.dev/net/http#hdr-Patterns-ServeMux), and three things more: the last segment may be `{name}:verb` or
/// `{name...}:verb`, a host may be `*.example.com`, and literals may hold any UTF-8 text.
package struct RoutePattern: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        /// Matches a segment that, percent-decoded, is these bytes.
        case literal([UInt8])
        /// `{name}`: matches one segment.
        case wildcard(String)
        /// `{name}:verb`, last only: matches a segment that ends in `:verb` and has something before that.
        case verb(String, [UInt8])
        /// `{name...}`, or the nameless rest that a trailing slash stands for; last only.
        case rest(String?)
        /// `{name...}:verb`, last only: matches one or more segments of which the last ends in `:verb` and has something
        /// before that.
        case restVerb(String, [UInt8])
        /// `{$}`, last only: the path ends in this slash.
        case end
    }

    /// More would not fit the fixed captures of a request.
    package static let maxWildcards = Captures.capacity
    /// Matching recurses once a segment at most, so the stack must be bounded.
    package static let maxSegments = 64

    /// None takes every method; `GET` takes HEAD too.
    package let method: String?
    /// None takes every host.
    package let host: RouteHost?
    package let segments: [Segment]

    init(method: String?, host: RouteHost?, segments: [Segment]) {
        self.method = method
        self.host = host
        self.segments = segments
    }

    /// The pattern inside a service: below the service's prefix, on the service's host unless the pattern names its own.
    package func with(host: RouteHost?, prefix: RoutePrefix?) -> RoutePattern {
        let above = (prefix?.segments ?? []).map { Segment.literal($0) }
        return RoutePattern(method: method, host: self.host ?? host, segments: above + segments)
    }

    /// The names of the wildcards, in the order of the captures.
    package var wildcardNames: [String] { segments.compactMap(\.name) }

    /// Whether the last wildcard takes several segments.
    package var hasNamedRest: Bool {
        switch segments.last {
        case .rest(.some), .restVerb: true
        default: false
        }
    }

    /// The path that it matches, or the first of those below it; none if there are wildcards.
    package var onlyPath: String? {
        guard wildcardNames.isEmpty else { return nil }
        return segments.map { segment in
            if case .literal(let bytes) = segment { return "/" + RoutePattern.Segment.escaped(bytes) }
            return "/"
        }.joined()
    }

    /// The path as the pattern has it, without method and host: the value of `http.route`.
    package var path: String { segments.map { "/" + $0.text }.joined() }
}

extension RoutePattern: CustomStringConvertible {
    /// The canonical text: one space behind the method, the host in lower case, only needed escapes.
    package var description: String {
        (method.map { $0 + " " } ?? "") + (host?.description ?? "") + path
    }
}

extension RoutePattern.Segment {
    /// What a wildcard is called; none for literals, `{$}` and a trailing slash.
    var name: String? {
        switch self {
        case .wildcard(let name), .verb(let name, _), .restVerb(let name, _): name
        case .rest(let name): name
        case .literal, .end: nil
        }
    }

    /// The verb that ends a path of any length.
    var restVerb: [UInt8]? {
        if case .restVerb(_, let verb) = self { verb } else { nil }
    }

    /// As a pattern writes it, without the slash before it.
    package var text: String {
        switch self {
        case .literal(let bytes): Self.escaped(bytes)
        case .wildcard(let name): "{\(name)}"
        case .verb(let name, let verb): "{\(name)}:" + String(decoding: verb, as: UTF8.self)
        case .rest(let name): name.map { "{\($0)...}" } ?? ""
        case .restVerb(let name, let verb): "{\(name)...}:" + String(decoding: verb, as: UTF8.self)
        case .end: "{$}"
        }
    }

    /// The literal with those bytes escaped that would mean something else in a pattern, or are no text.
    static func escaped(_ bytes: [UInt8]) -> String {
        if bytes.allSatisfy({ isPlain($0) && $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        let isText = String(validating: bytes, as: UTF8.self) != nil
        var out: [UInt8] = []
        for byte in bytes {
            if !isPlain(byte) || (byte >= 0x80 && !isText) {
                out += [UInt8(ascii: "%"), PathEscapes.digit(byte >> 4), PathEscapes.digit(byte & 15)]
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "{"), UInt8(ascii: "?"),
            UInt8(ascii: "#"):
            false
        default: true
        }
    }
}
