import Compiler
import Pipeline

/// The patterns that do not win, each with the reason.
enum Others {
    /// - Parameters:
    ///   - patterns: all of them.
    ///   - winner: the router's choice, if it made one.
    ///   - route: the winner's, which may have a pattern for each of several hosts.
    static func nearestFirst(
        _ patterns: [(pattern: RoutePattern, route: RouteSummary)], winner: RoutePattern?, of route: RouteSummary?,
        method: [UInt8], host: [UInt8], path: [UInt8]
    ) -> [RouteDecision.Other] {
        var wider: [RouteDecision.Other] = []
        var rest: [(distance: (Int, Int), other: RouteDecision.Other)] = []
        for (pattern, owner) in patterns where owner.place != route?.place {
            let fit = pattern.fit(method: method, host: host, path: path)
            if fit.takesAll, let winner, let advantage = winner.advantage(over: pattern) {
                wider.append(.init(pattern: pattern, route: owner, reason: .isWider(than: winner, advantage)))
            } else {
                rest.append((distance(fit), .init(pattern: pattern, route: owner, reason: .doesNotTake(fit))))
            }
        }
        // All that take one request lie within each other.
        wider.sort { $0.pattern.advantage(over: $1.pattern) != nil }
        let order = rest.indices.sorted { a, b in
            rest[a].distance == rest[b].distance ? a < b : rest[a].distance < rest[b].distance
        }
        return wider + order.map { rest[$0].other }
    }

    /// How far a pattern is from taking the request: first those whose path is right, then by the segments that agree.
    private static func distance(_ fit: RoutePattern.Fit) -> (Int, Int) {
        switch fit.path {
        case .takes: (0, 0)
        case .lacksSlash: (1, 0)
        case .differs, .ends, .goesOn: (2, -fit.path.agreeing)
        }
    }
}
