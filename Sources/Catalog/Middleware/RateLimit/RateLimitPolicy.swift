package import CEL
import Diagnostics
package import Manifests
import Pipeline

/// One of several policies of a rate limit.
package struct RateLimitPolicy: ManifestSection {
    package var rate: Placed<Rate>?
    package var burst: Placed<Int>?
    package var key: Expression?
    package var cost: Expression?
    package var when: Expression?
    package var mode: PolicyMode?

    package init() {}

    package static let key = "a policy of rate_limit"
    package static let doc =
        "A rate of its own, by a key of its own. A call needs room in every policy that holds for it."
    package static let short: String? = "rate"
    package static let fields: [Field<RateLimitPolicy>] = [
        Field("rate", \.rate, doc: RateLimit.Docs.rate, example: "1000/h", required: true),
        Field("burst", \.burst, doc: RateLimit.Docs.burst, example: "50", check: within(1...RateLimit.largestBurst)),
        Field("key", \.key, doc: RateLimit.Docs.key, example: "client.address"),
        Field("cost", \.cost, doc: RateLimit.Docs.cost, example: "\"request.method == 'POST' ? 5 : 1\""),
        Field(
            "when", \.when, doc: "A condition: the policy does not hold for other calls.",
            example: "\"request.method == 'POST'\""),
        Field(
            "mode", \.mode,
            doc: """
                `enforce`, the default, or `shadow`: this policy alone is tried out, and named in the access log under \
                `radicled.shadow` as `rate_limit.NAME`.
                """,
            example: "shadow"),
    ]
}

extension RateLimitPolicy {
    /// The policy at work, and whether it reads the body; nil if it never holds, or has mistakes.
    ///
    /// - Parameter scope: at the place whose buckets it uses.
    func quota(
        named name: String, _ scope: CompileScope, _ findings: inout Findings
    ) -> (quota: Quota, isLate: Bool)? {
        guard let rate else { return nil }
        let burst = self.burst?.value ?? rate.value.count
        let period = rate.value.unit.timespan.nanoseconds
        var isLate = false
        func program(_ expression: Expression?, _ type: ValueType?, _ findings: inout Findings) -> Program? {
            guard let checked = expression.flatMap({ scope.checkEarly($0, expecting: type, &findings) }) else {
                return nil
            }
            if checked.moment == .afterBody { isLate = true }
            return checked.program
        }
        var when = program(self.when, .bool, &findings)
        let key = program(self.key, nil, &findings)
        let cost = program(self.cost, .int, &findings)
        if let key, let text = self.key?.text { check(key, text, scope, &findings) }
        if let cost, let text = self.cost?.text { check(cost, text, burst: burst, &findings) }
        let filling = BucketRate(calls: rate.value.count, per: period, burst: burst)
        if filling == nil, let range = rate.range {
            let isFast = Int64(rate.value.count) > BucketRate.mostCalls(in: period)
            findings.report(
                CatalogRules.badLimit,
                isFast
                    ? "more than a million calls a second cannot be counted"
                    : "a burst of \(burst) would take more than a hundred years to fill",
                at: isFast ? range : self.burst?.range ?? range,
                help: isFast ? "use at most `1000000/s`, or `off`" : "use a smaller burst, or a faster rate")
        }
        let isMistaken =
            (self.when != nil && when == nil) || (self.key != nil && key == nil)
            || (self.cost != nil && cost == nil)
        guard let filling, !isMistaken else { return nil }
        switch when?.constant {
        case .bool(true): when = nil
        case .bool(false): return nil
        default: break
        }
        let buckets = scope.shared {
            Buckets(filling)
        } adjust: {
            $0.adjust(filling, now: LoopClock.now())
        }
        let note = mode == .shadow ? scope.words.takeNote(of: Quota.escaped("\(RateLimit.key).\(name)")) : nil
        let quota = Quota(
            name: name, rate: rate.value, burst: burst, buckets: buckets, when: when, key: key, cost: cost, note: note,
            words: scope.words)
        return (quota, isLate)
    }

    private func check(_ key: Program, _ text: PlacedText, _ scope: CompileScope, _ findings: inout Findings) {
        if !Quota.canBeKey(key.type) {
            findings.report(
                ExpressionRules.typeMismatch, "\(key.type.inWords) cannot be the key of a rate limit", at: text.whole,
                help: "use text, a number, an address, or a list of these")
        }
        guard scope.canBeForged(key) else { return }
        let isAddress = Self.addressHeaders.contains { text.string.contains($0) }
        findings.report(
            CatalogRules.forgeableKey, "a client can choose this key, and have a new bucket with each call",
            at: text.whole,
            help: isAddress
                ? "write `client.address`: it is the address of the connection, or what the proxies under `trusted_proxies` say"
                : "use what a client cannot choose, such as `client.address`",
            suggestion: isAddress ? "client.address" : nil)
    }

    private static let addressHeaders = [
        "x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip",
    ]

    private func check(_ cost: Program, _ text: PlacedText, burst: Int, _ findings: inout Findings) {
        guard case .int(let value) = cost.constant else { return }
        if value < 0 {
            findings.report(
                CatalogRules.badLimit, "a call cannot cost less than nothing", at: text.whole, help: "use 0 or more")
        } else if value > burst {
            findings.report(
                CatalogRules.badLimit,
                "a call costs \(value), but a full bucket holds \(burst): every call would be refused", at: text.whole,
                help: "use a smaller cost, or `burst: \(value)`")
        }
    }
}
