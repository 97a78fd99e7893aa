/// Which paths a rule of `google.api.http` takes, and which parts of them are fields (google/api/http.proto, "Path
/// template syntax"): `/v1/{name=shelves/*}/books:sort`.
package struct PathTemplate: Sendable, Equatable {
    package enum Segment: Sendable, Equatable {
        /// A segment that, percent-decoded, is these bytes.
        case literal([UInt8])
        /// `*`: one segment.
        case one
        /// `**`, last only: zero or more segments.
        case rest
    }

    package struct Variable: Sendable, Equatable {
        /// The names of the fields on the way: `shelf`, `theme`.
        package let path: [String]
        /// Where they stand in the text.
        package let place: Range<Int>
        /// Those that make up its value, by their positions.
        package let segments: Range<Int>
        /// Whether its value can have slashes of its own, so that an escaped one must stay escaped.
        package let isMultiSegment: Bool

        package var name: String { path.joined(separator: ".") }
    }

    /// A piece of a variable's value.
    package enum Part: Sendable, Equatable {
        case text([UInt8])
        /// What a wildcard took, as the router numbers them.
        case capture(Int)
        /// What a `**` took, with a slash before it unless it is empty.
        case rest(Int)
    }

    /// None in `/`.
    package let segments: [Segment]
    package let variables: [Variable]
    /// What must follow behind a colon, where that is not part of a last literal.
    package let verb: [UInt8]?

    /// What makes up the value of a variable, in order.
    package func parts(of variable: Variable) -> [Part] {
        var parts: [Part] = []
        var text: [UInt8] = []
        func flush() {
            if !text.isEmpty { parts.append(.text(text)) }
            text = []
        }
        var capture = segments[..<variable.segments.lowerBound].count { !$0.isLiteral }
        for index in variable.segments {
            let isFirst = index == variable.segments.lowerBound
            if segments[index] == .rest {
                flush()
                parts.append(isFirst ? .capture(capture) : .rest(capture))
                continue
            }
            if !isFirst { text.append(UInt8(ascii: "/")) }
            guard case .literal(let bytes) = segments[index] else {
                flush()
                parts.append(.capture(capture))
                capture += 1
                continue
            }
            for byte in bytes {
                if byte == UInt8(ascii: "/"), variable.isMultiSegment {
                    text += Array("%2F".utf8)
                } else {
                    text.append(byte)
                }
            }
        }
        flush()
        return parts
    }

    // MARK: Routing

    /// What the router looks for. Where the template ends in `**`, paths without any of its segments need `spare` too.
    package func pattern(method: String?) -> RoutePattern {
        let routed = routedSegments
        let last = routed.last.map { $0.ending(in: verb) } ?? .end
        return RoutePattern(method: method, host: nil, segments: routed.dropLast() + [last])
    }

    /// Takes the paths where a last `**` has no segment at all. Another template that takes just these is the more specific of
    /// the two: `/v1/{name=operations}` beside `/v1/{name=operations/**}`. Its captures are those of the other pattern but for
    /// the last.
    package func spare(method: String?) -> RoutePattern? {
        guard segments.last == .rest else { return nil }
        let before = routedSegments.dropLast()
        // The rest below `/` takes `/` itself, but with a verb there is more to it than the slash.
        guard let last = before.last ?? (verb == nil ? nil : .literal([])) else { return nil }
        return RoutePattern(method: method, host: nil, segments: before.dropLast() + [last.ending(in: verb)])
    }

    private var routedSegments: [RoutePattern.Segment] {
        var names: Set<String> = []
        return segments.enumerated().map { index, segment in
            if case .literal(let text) = segment { return .literal(text) }
            let start = variables.first { $0.segments.contains(index) }?.path.joined(separator: "_") ?? "segment"
            var name = start
            var number = 1
            while !names.insert(name).inserted {
                number += 1
                name = "\(start)_\(number)"
            }
            return segment == .rest ? .rest(name) : .wildcard(name)
        }
    }
}

extension PathTemplate.Segment {
    fileprivate var isLiteral: Bool {
        if case .literal = self { true } else { false }
    }
}

extension RoutePattern.Segment {
    /// The same as the last segment before a verb.
    fileprivate func ending(in verb: [UInt8]?) -> Self {
        guard let verb else { return self }
        return switch self {
        case .literal(let text): .literal(text + [UInt8(ascii: ":")] + verb)
        case .wildcard(let name): .verb(name, verb)
        case .rest(let name): .restVerb(name ?? "", verb)
        case .verb, .restVerb, .end: self
        }
    }
}
