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

        /// The other way round.
        var reversed: Order {
            switch self {
            case .moreSpecific: .moreGeneral
            case .moreGeneral: .moreSpecific
            case .equivalent, .overlaps, .disjoint: self
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
        if segments.count > other.segments.count { return other.comparePaths(self).reversed }
        guard let last = segments.last, let far = other.segments.last else {
            return other.segments.isEmpty ? .equivalent : .disjoint
        }
        var order = Order.equivalent
        for (a, b) in zip(segments.dropLast(), other.segments) {
            order = order.combined(with: a.compare(b))
            if order == .disjoint { return .disjoint }
        }
        // Only a rest reaches further than its own place; there it takes what the longer pattern goes on with.
        return order.combined(
            with: segments.count == other.segments.count ? last.compare(far) : last.compareBelow(endingIn: far))
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
        let count = max(segments.count, other.segments.count)
        let verb = segments.last?.restVerb ?? other.segments.last?.restVerb
        for index in 0..<count {
            let a = index < segments.count ? segments[index].withoutRestVerb : .rest(nil)
            let b = index < other.segments.count ? other.segments[index].withoutRestVerb : .rest(nil)
            let narrow = a.isNarrower(than: b) ? a : b
            switch narrow {
            case .wildcard, .rest:
                path += "/" + (index == count - 1 ? verb.map { Segment.verb("", $0) } ?? narrow : narrow).sample
            default: path += "/" + narrow.sample
            }
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
        case (.restVerb, .wildcard), (.wildcard, .restVerb): .overlaps
        case (.restVerb(_, let verb), _): Self.verb(verb, over: other)
        case (_, .restVerb(_, let verb)): Self.verb(verb, over: self).reversed
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

    /// How what this last segment takes lies to what a longer pattern takes from its place on.
    func compareBelow(endingIn far: Self) -> RoutePattern.Order {
        switch (self, far) {
        case (.rest, _): .moreGeneral
        // It takes one segment alone too, and the other does not; the other takes paths without the verb.
        case (.restVerb, .wildcard), (.restVerb, .rest): .overlaps
        case (.restVerb, .restVerb): restVerb == far.restVerb ? .moreGeneral : .disjoint
        case (.restVerb(_, let verb), _): Self.verb(verb, over: far)
        default: .disjoint
        }
    }

    /// How `{name...}:verb` lies to a last segment that is no wildcard and no rest.
    private static func verb(_ verb: [UInt8], over last: Self) -> RoutePattern.Order {
        switch last {
        case .literal(let text): ends(text, in: verb) ? .moreGeneral : .disjoint
        case .verb(_, let other): verb == other ? .moreGeneral : .disjoint
        case .restVerb(_, let other): verb == other ? .equivalent : .disjoint
        case .wildcard, .rest, .end: .disjoint
        }
    }

    /// The same without what it wants of the end.
    fileprivate var withoutRestVerb: Self { restVerb == nil ? self : .rest(nil) }

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
        case .rest, .restVerb, .end: ""
        }
    }
}
