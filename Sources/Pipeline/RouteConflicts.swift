/// Two patterns that some request matches without either being the more specific.
package struct RouteConflict: Sendable, Equatable {
    /// The numbers of the patterns; `first` is the smaller.
    package let first: Int
    package let second: Int
    /// Lower case, names both patterns and a request that matches both.
    package let message: String
    package let help: String
}

extension RoutePattern {
    /// The conflicts among patterns, by the later pattern, then the earlier.
    ///
    /// Each pattern is compared only with those that could meet it, so ten thousand are quick.
    /// - Parameter limit: how many conflicts of one pattern with earlier ones are told; ten thousand copies of one
    ///   pattern are fifty million pairs that nobody reads.
    package static func conflicts(among patterns: [RoutePattern], limit: Int = 4) -> [RouteConflict] {
        var index: [RouteHost?: [String?: RouteIndex]] = [:]
        var found: [RouteConflict] = []
        for (number, pattern) in patterns.enumerated() {
            var earlier: [Int] = []
            let sameHost = index[pattern.host] ?? [:]
            // The methods that this one's requests can have: a disjoint method never conflicts.
            let methods: [String?] =
                switch pattern.method {
                case nil: Array(sameHost.keys)
                case "GET": ["GET", nil, "HEAD"]
                case "HEAD": ["HEAD", nil, "GET"]
                case let method: [method, nil]
                }
            for method in methods where earlier.count < limit {
                sameHost[method]?.forEachCandidate(of: pattern) { candidate in
                    switch pattern.comparePathsAndMethods(patterns[candidate]) {
                    case .equivalent, .overlaps: earlier.append(candidate)
                    case .moreSpecific, .moreGeneral, .disjoint: break
                    }
                    return earlier.count < limit
                }
            }
            for candidate in Set(earlier).sorted() {
                found.append(patterns[candidate].conflict(with: pattern, candidate, number))
            }
            index[pattern.host, default: [:]][pattern.method, default: RouteIndex()].insert(number, pattern)
        }
        return found
    }

    /// Which of some patterns can stand beside others without a conflict: those that others would conflict with give way.
    package static func standing(_ spare: [RoutePattern], beside patterns: [RoutePattern]) -> [Bool] {
        var standing = [Bool](repeating: true, count: spare.count)
        for conflict in conflicts(among: patterns + spare, limit: 1) where conflict.second >= patterns.count {
            standing[conflict.second - patterns.count] = false
        }
        return standing
    }

    private func conflict(with other: RoutePattern, _ first: Int, _ second: Int) -> RouteConflict {
        let example = example(matching: other)
        if comparePathsAndMethods(other) == .equivalent {
            return RouteConflict(
                first: first, second: second,
                message: "the routes `\(self)` and `\(other)` match the same requests, for example `\(example)`",
                help: "drop one of the two, or give them different methods, hosts or paths")
        }
        let reason =
            switch (compareMethods(other), comparePaths(other)) {
            case (.moreSpecific, _): "the first has the more specific method, the second the more specific path"
            case (.moreGeneral, _): "the second has the more specific method, the first the more specific path"
            default:
                segments.last?.restVerb == nil && other.segments.last?.restVerb == nil
                    ? "each has a literal where the other has a wildcard"
                    : "the one takes only what ends in the verb, the other not every path that does"
            }
        return RouteConflict(
            first: first, second: second,
            message: "the routes `\(self)` and `\(other)` both match `\(example)`, and neither is more specific",
            help: "\(reason); change one, so that it matches less than the other in every respect, or nothing of it")
    }
}

/// Patterns by what stands at each place, so that those which could meet a pattern are found without trying all.
private struct RouteIndex {
    private enum Key: Hashable {
        case literal([UInt8], Int)
        /// Patterns with this verb at this place, and literals that end in it.
        case verb([UInt8], Int)
        case wildcard(Int)
        case end(Int)
        /// Patterns whose rest starts at this place: they meet everything behind it.
        case rest(Int)
    }

    private var lists: [Key: [Int]] = [:]
    private var all: [Int] = []

    mutating func insert(_ number: Int, _ pattern: RoutePattern) {
        all.append(number)
        for (place, segment) in pattern.segments.enumerated() {
            switch segment {
            case .literal(let text):
                lists[.literal(text, place), default: []].append(number)
                if let verb = Self.verb(of: text) { lists[.verb(verb, place), default: []].append(number) }
            case .wildcard: lists[.wildcard(place), default: []].append(number)
            case .verb(_, let verb): lists[.verb(verb, place), default: []].append(number)
            case .rest, .restVerb: lists[.rest(place), default: []].append(number)
            case .end: lists[.end(place), default: []].append(number)
            }
        }
    }

    /// Calls `body` with every pattern that could conflict, and others, until it returns false.
    func forEachCandidate(of pattern: RoutePattern, _ body: (Int) -> Bool) {
        var best: [[Int]]?
        var fewest = Int.max
        var rests: [[Int]] = []
        var restCount = 0
        for (place, segment) in pattern.segments.enumerated() {
            if let list = lists[.rest(place)] {
                rests.append(list)
                restCount += list.count
            }
            let keys: [Key]
            switch segment {
            case .literal(let text):
                keys =
                    [.literal(text, place), .wildcard(place)] + (Self.verb(of: text).map { [.verb($0, place)] } ?? [])
            case .verb(_, let verb): keys = [.verb(verb, place), .wildcard(place)]
            case .end: keys = [.end(place)]
            case .wildcard, .rest, .restVerb: continue
            }
            let met = keys.compactMap { lists[$0] }
            let count = met.reduce(restCount) { $0 + $1.count }
            if count < fewest {
                fewest = count
                best = met + rests
            }
        }
        // Nothing but wildcards meets anything; there are few such patterns, unless they conflict with each other.
        for list in best ?? [all] {
            for number in list where !body(number) { return }
        }
    }

    private static func verb(of text: [UInt8]) -> [UInt8]? {
        text.lastIndex(of: UInt8(ascii: ":")).map { Array(text[($0 + 1)...]) }
    }
}
