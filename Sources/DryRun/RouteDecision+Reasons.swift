import Pipeline

// Why a pattern does not win, in words that go on behind it.
extension RouteDecision {
    package func words(_ other: Other) -> String {
        switch other.reason {
        case .isWider(let winner, let advantage):
            "takes it too, but is less specific: " + comparison(other.pattern, winner, advantage)
        case .doesNotTake(let fit): words(other.pattern, fit)
        }
    }

    private func comparison(
        _ pattern: RoutePattern, _ winner: RoutePattern, _ advantage: RoutePattern.Advantage
    ) -> String {
        switch advantage {
        case .host:
            let own = pattern.host.map { "the host `\($0)`" } ?? "any host"
            return "\(own) instead of `\(winner.host?.description ?? "")`"
        case .method:
            let own = pattern.method.map { "`\($0)`, which takes HEAD too," } ?? "any method"
            return "\(own) instead of `\(winner.method ?? "")`"
        case .segment(let place):
            return
                "\(words(pattern.segments[place])) instead of \(words(winner.segments[place])) in segment \(place + 1)"
        }
    }

    private func words(_ segment: RoutePattern.Segment) -> String {
        switch segment {
        case .rest(nil): "all that follows"
        case .end: "the end"
        default: "`\(segment.text)`"
        }
    }

    private func words(_ pattern: RoutePattern, _ fit: RoutePattern.Fit) -> String {
        switch fit.path {
        case .differs(let place): return differs(pattern.segments[place], part(place))
        case .ends(let place):
            let rest = pattern.segments[place...].map { "/" + $0.text }.joined()
            return "goes on with `\(rest)` where the path ends"
        case .goesOn(let place):
            let rest = RoutePattern.parts(of: path).dropFirst(place).map { "/" + String(decoding: $0, as: UTF8.self) }
            let text = rest.joined()
            return text == "/"
                ? "has no slash at its end, as the path has" : "ends where the path goes on with `\(text)`"
        case .lacksSlash: return "takes the path only with a slash at its end" + also(pattern, fit, " and ")
        case .takes: return "takes the path, but " + also(pattern, fit, "")
        }
    }

    private func differs(_ segment: RoutePattern.Segment, _ part: String) -> String {
        if case .verb(_, let verb) = segment {
            return
                "wants something that ends in `:\(String(decoding: verb, as: UTF8.self))` where the path has `\(part)`"
        }
        if case .restVerb(_, let verb) = segment {
            let last = RoutePattern.parts(of: path).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
            return
                "wants something that ends in `:\(String(decoding: verb, as: UTF8.self))` where the path ends in `\(last)`"
        }
        let isCase = segment.text.lowercased().utf8.elementsEqual(part.lowercased().utf8)
        return "has `\(segment.text)` where the path has `\(part)`" + (isCase ? ": case matters" : "")
    }

    /// What is wrong beside the path.
    private func also(_ pattern: RoutePattern, _ fit: RoutePattern.Fit, _ join: String) -> String {
        var parts: [String] = []
        if !fit.takesMethod { parts.append("only for `\(pattern.method ?? "")`") }
        if !fit.takesHost { parts.append("only on the host `\(pattern.host?.description ?? "")`") }
        return parts.isEmpty ? "" : join + parts.joined(separator: " and ")
    }

    /// A segment of the path as it came.
    private func part(_ place: Int) -> String {
        let parts = RoutePattern.parts(of: path)
        return place < parts.count ? String(decoding: parts[place], as: UTF8.self) : ""
    }
}
