extension RoutePattern {
    /// How the requests that one pattern takes lie to those that another takes.
    package enum Relation: Sendable, Equatable {
        case equivalent
        case moreSpecific
        case moreGeneral
        /// Some requests match both, and some only one, on either side; the example is one that matches both.
        case overlaps(example: String)
        case disjoint
    }

    /// Compares method, host and path together, as Go does: the method and the path must not pull in different
    /// directions, but a pattern with the more specific host wins whatever the rest says.
    package func compare(_ other: RoutePattern) -> Relation {
        let hosts = Self.compareHosts(host, other.host)
        let rest = comparePathsAndMethods(other)
        switch hosts {
        case .equivalent: return rest == .overlaps ? .overlaps(example: example(matching: other)) : rest.relation
        case .disjoint, .overlaps: return .disjoint
        case .moreSpecific, .moreGeneral: return rest == .disjoint ? .disjoint : hosts
        }
    }

    private static func compareHosts(_ a: RouteHost?, _ b: RouteHost?) -> Relation {
        switch (a, b) {
        case (nil, nil): .equivalent
        case (_?, nil): .moreSpecific
        case (nil, _?): .moreGeneral
        case (let a?, let b?): a.compare(b)
        }
    }

    /// A relation without its example, which is made only where somebody will read it.
    enum Order: Equatable {
        case equivalent
        case moreSpecific
        case moreGeneral
        case overlaps
        case disjoint

        var relation: Relation {
            switch self {
            case .equivalent: .equivalent
            case .moreSpecific: .moreSpecific
            case .moreGeneral: .moreGeneral
            case .overlaps: .overlaps(example: "")
            case .disjoint: .disjoint
            }
        }

        /// The relation of two products whose factors relate so.
        func combined(with other: Order) -> Order {
            switch (self, other) {
            case (.disjoint, _), (_, .disjoint): .disjoint
            case (.overlaps, _), (_, .overlaps): .overlaps
            case (.equivalent, let only), (let only, .equivalent): only
            default: self == other ? self : .overlaps
            }
        }
    }

    func comparePathsAndMethods(_ other: RoutePattern) -> Order {
        let methods = compareMethods(other)
        return methods == .disjoint ? .disjoint : methods.combined(with: comparePaths(other))
    }

    func compareMethods(_ other: RoutePattern) -> Order {
        switch (method, other.method) {
        case (nil, nil): .equivalent
        case (nil, _): .moreGeneral
        case (_, nil): .moreSpecific
        case ("GET", "HEAD"): .moreGeneral
        case ("HEAD", "GET"): .moreSpecific
        case (let a, let b): a == b ? .equivalent : .disjoint
        }
    }

    func comparePaths(_ other: RoutePattern) -> Order {
        var order = Order.equivalent
        for (a, b) in zip(segments, other.segments) {
            order = order.combined(with: a.compare(b))
            if order == .disjoint { return .disjoint }
        }
        // Only a rest reaches further than its own place; there it takes whatever the longer pattern goes on with.
        if segments.count < other.segments.count {
            return segments.last?.isRest == true ? order.combined(with: .moreGeneral) : .disjoint
        }
        if segments.count > other.segments.count {
            return other.segments.last?.isRest == true ? order.combined(with: .moreSpecific) : .disjoint
        }
        return order
    }

    /// A request that both patterns match; they must not be disjoint.
    func example(matching other: RoutePattern) -> String {
        // HEAD is below GET, and both are below none.
        let method =
            switch (method, other.method) {
            case ("HEAD", _), (_, "HEAD"): "HEAD"
            case (let a?, _): a
            case (nil, let b): b ?? "GET"
            }
        var path = ""
        for index in 0..<max(segments.count, other.segments.count) {
            let a = index < segments.count ? segments[index] : .rest(nil)
            let b = index < other.segments.count ? other.segments[index] : .rest(nil)
            path += "/" + (a.isNarrower(than: b) ? a : b).sample
        }
        // Of two nested hosts the narrower.
        let narrow = Self.compareHosts(host, other.host) == .moreGeneral ? other.host : host
        let host = narrow.map { ($0.isSuffix ? "www." : "") + String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        return method + " " + host + path
    }
}

extension RoutePattern.Segment {
    func compare(_ other: Self) -> RoutePattern.Order {
        switch (self, other) {
        case (.rest, .rest), (.wildcard, .wildcard), (.end, .end): .equivalent
        case (.rest, _): .moreGeneral
        case (_, .rest): .moreSpecific
        // A wildcard takes a segment, never the slash that ends a path.
        case (.end, _), (_, .end): .disjoint
        case (.wildcard, _): .moreGeneral
        case (_, .wildcard): .moreSpecific
        case (.literal(let a), .literal(let b)): a == b ? .equivalent : .disjoint
        case (.verb(_, let a), .verb(_, let b)): a == b ? .equivalent : .disjoint
        case (.literal(let text), .verb(_, let verb)): Self.ends(text, in: verb) ? .moreSpecific : .disjoint
        case (.verb(_, let verb), .literal(let text)): Self.ends(text, in: verb) ? .moreGeneral : .disjoint
        }
    }

    /// Whether the text is something, a colon, then the verb.
    private static func ends(_ text: [UInt8], in verb: [UInt8]) -> Bool {
        text.count > verb.count + 1 && text[text.count - verb.count - 1] == UInt8(ascii: ":")
            && text.suffix(verb.count).elementsEqual(verb)
    }

    fileprivate func isNarrower(than other: Self) -> Bool { compare(other) != .moreGeneral }

    /// Something that the segment matches.
    fileprivate var sample: String {
        switch self {
        case .literal(let bytes): Self.escaped(bytes)
        case .wildcard: "x"
        case .verb(_, let verb): "x:" + String(decoding: verb, as: UTF8.self)
        case .rest, .end: ""
        }
    }
}
