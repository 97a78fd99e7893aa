package import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// `rate_limit`: how many calls come through in a stretch of time.
package struct RateLimit: PolicySection {
    package var rate: Placed<Rate>?
    package var burst: Placed<Int>?
    package var key: Expression?
    package var cost: Expression?
    package var policies = Named<RateLimitPolicy>()
    package var controls = PolicyControls()

    package init() {}

    package static let key = "rate_limit"
    package static let doc = """
        Lets so many calls through in a stretch of time, for each value of a key or in all; what is more is refused \
        with 429. A bucket holds `burst` calls and fills at `rate`. Answers say in `RateLimit-Policy` and `RateLimit` what \
        holds and what is left, refusals in `Retry-After` when to come again. It stands before the body is read, unless \
        it reads that. Up to 2^20 buckets are kept for each policy, in at most 24 MiB; where more are in use at once, the \
        fullest begin anew.
        """
    package static let short: String? = "rate"
    static let largestBurst = 1_000_000_000

    enum Docs {
        static let rate = "How many calls a second, minute, hour or day."
        static let burst = "How many may come at once after a pause; the number in `rate` without it."
        static let key = """
            An expression: each value of it has a bucket of its own. A text, a number, a truth value, a time, an address, \
            a list of these, or nothing. Only a hash of it is kept. Without a key all calls share one bucket. If it fails \
            on what the client sent, the answer is 400.
            """
        static let cost = "An expression: how many calls this one counts for, 0 or more; 1 without it."
    }

    package static let fields: [Field<RateLimit>] =
        [
            Field("rate", \.rate, doc: Docs.rate + " It is the policy `default`.", example: "100/s"),
            Field("burst", \.burst, doc: Docs.burst, example: "200", check: within(1...largestBurst)),
            Field("key", \.key, doc: Docs.key, example: "client.address"),
            Field("cost", \.cost, doc: Docs.cost, example: "\"request.method == 'POST' ? 5 : 1\""),
            Field(
                "policies", \.policies,
                doc: """
                    Several by name, instead of `rate` or beside it. A call needs room in all of them, and one that is \
                    refused takes nothing from any. `RateLimit` tells of the tightest.
                    """,
                example: "{ second: { rate: 10/s, key: client.address }, day: { rate: 5000/d, key: client.address } }"),
        ] + policyFields

    package func lint(_ node: Node, _ findings: inout Findings) {
        // A scope may leave out what a wider one says, so what is missing shows when they are merged.
        guard node.entries != nil || node.isNull else { return }
        let needy = ["burst", "key", "cost"].first { node.entry($0) != nil }
        if rate == nil, node["rate"] == nil, policies.isEmpty || needy != nil {
            let what =
                policies.isEmpty ? "rate_limit needs `rate` or `policies`" : "`\(needy ?? "")` needs `rate` beside it"
            findings.report(
                ManifestRules.missingKey, what, at: node.heading,
                label: policies.isEmpty ? nil : "`rate` is missing",
                help: "add `rate: 100/s`" + (policies.isEmpty ? " or `policies`" : ", or move it into a policy"))
        }
        for entry in policies.entries {
            if entry.name == Self.standardName, rate != nil {
                findings.report(
                    CatalogRules.badLimit, "`default` is already the name of the policy that `rate` makes",
                    at: entry.key.whole, help: "give this one another name")
            }
            if !entry.key.bytes.allSatisfy({ (0x20...0x7E).contains($0) }) || entry.key.bytes.isEmpty {
                findings.report(
                    CatalogRules.badLimit,
                    entry.key.bytes.isEmpty
                        ? "a policy needs a name" : "the name `\(entry.name)` cannot stand in a header",
                    at: entry.key.whole,
                    help: "use letters, digits and signs of ASCII: answers name it in `RateLimit-Policy`")
            }
        }
    }

    private static let standardName = "default"

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? { nil }

    package func stages(
        _ scope: CompileScope, at place: MiddlewareEntry.Place, _ findings: inout Findings
    ) -> [PlacedStage] {
        var all: [(quota: Quota, isLate: Bool)] = []
        let waits =
            controls.when.map { scope.checkEarly($0, expecting: .bool, &findings)?.moment == .afterBody } ?? false
        for (name, place, policy) in named(at: scope.place) {
            guard let made = policy.quota(named: name, scope.at(place), &findings) else { continue }
            all.append((made.quota, made.isLate || waits))
        }
        let report = LimitReport(all.map(\.quota).filter { $0.note == nil }, scope.words)
        let early = all.filter { !$0.isLate }.map(\.quota)
        let late = all.filter(\.isLate).map(\.quota)
        let isSplit = !early.isEmpty && !late.isEmpty
        func part(_ quotas: [Quota], after earlier: [Quota], _ place: MiddlewareEntry.Place) -> PlacedStage? {
            if quotas.isEmpty { return nil }
            let names = quotas.map(\.plainName).joined(separator: ", ")
            return PlacedStage(
                name: isSplit ? "\(Self.key)(\(names))" : Self.key,
                stage: LimiterStage(quotas, earlier: earlier, report: report), place: place)
        }
        return [part(early, after: [], place), part(late, after: early, .afterBody)].compactMap(\.self)
    }

    /// The policies with their names and places.
    private func named(at place: ManifestPlace) -> [(String, ManifestPlace, RateLimitPolicy)] {
        var all = policies.entries.map { entry in
            (entry.name, place.key("policies").key(entry.name), entry.value)
        }
        if rate != nil {
            var policy = RateLimitPolicy()
            policy.rate = rate
            policy.burst = burst
            policy.key = key
            policy.cost = cost
            all.insert((Self.standardName, place, policy), at: 0)
        }
        return all
    }
}
