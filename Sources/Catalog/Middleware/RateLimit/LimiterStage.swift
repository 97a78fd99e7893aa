import CEL
import JSON
import Manifests
import Pipeline

/// The policies of a rate limit that stand at one place of the chain: all of them must have room for a call.
final class LimiterStage: Middleware {
    let moments: Moments
    /// Those that count first, then those on trial.
    private let quotas: FixedList<Quota>
    /// Those of the same limit that were asked before this stage.
    private let earlier: FixedList<Quota>
    private let report: LimitReport

    /// - Parameters:
    ///   - earlier: the policies of a stage before this one, which give back what they took if this one refuses. That one
    ///     writes the answer's fields for both.
    init(_ quotas: [Quota], earlier: [Quota], report: LimitReport) {
        self.quotas = FixedList(quotas.filter { $0.note == nil } + quotas.filter { $0.note != nil })
        self.earlier = FixedList(earlier)
        self.report = report
        moments = earlier.isEmpty ? [.admit, .decorate] : .admit
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        let now = exchange.loop.state.pointee.clock.now
        var refusal: (index: Int, answer: Buckets.Answer)?
        for index in 0..<quotas.count {
            if quotas.with(index, { failure(of: $0, at: index, &refusal, &exchange, now) }) { return .refuse }
        }
        guard let refusal else { return .proceed }
        giveBack(&exchange)
        quotas.with(refusal.index) { refuse(&exchange, $0, refusal.answer) }
        return .refuse
    }

    /// Asks one policy; whether the call has failed over it. `refusal` becomes the policy that refuses it the longest.
    private func failure(
        of quota: Quota, at index: Int, _ refusal: inout (index: Int, answer: Buckets.Answer)?,
        _ exchange: inout Exchange, _ now: Int64
    ) -> Bool {
        // Who is refused is not counted by those on trial either.
        if quota.note != nil, refusal != nil { return false }
        switch quota.take(&exchange, now: now) {
        case .passed: break
        case .failed(let error, let readsClient):
            if let note = quota.note {
                exchange[note] = 1
            } else {
                giveBack(&exchange)
                _ = exchange.failEvaluation(error, readsClient: readsClient)
                return true
            }
        case .asked(let answer):
            if let note = quota.note {
                if case .taken = answer {} else { exchange[note] = 1 }
            } else if case .taken(let remaining, let untilFull) = answer {
                report.note(quota, remaining: remaining, untilFull: untilFull, &exchange)
            } else if refusal.map({ Self.waits(answer) > Self.waits($0.answer) }) ?? true {
                refusal = (index, answer)
            }
        }
        return false
    }

    private func giveBack(_ exchange: inout Exchange) {
        for index in 0..<quotas.count { quotas.with(index) { $0.giveBack(&exchange) } }
        for index in 0..<earlier.count { earlier.with(index) { $0.giveBack(&exchange) } }
    }

    private static func waits(_ answer: Buckets.Answer) -> Int64 {
        switch answer {
        case .taken: 0
        case .refused(_, let wait): wait
        case .tooDear: .max
        }
    }

    private func refuse(_ exchange: inout Exchange, _ quota: Quota, _ answer: Buckets.Answer) {
        let name = String(decoding: quota.quotedName, as: UTF8.self)
        var message = "a call that costs this much never fits into the rate limit \(name), which holds \(quota.burst)"
        var seconds: Int?
        if case .refused(let remaining, let wait) = answer {
            seconds = report.refuse(quota, remaining: remaining, wait: wait, &exchange)
            message = "the rate limit \(name) of \(quota.rate) is used up"
        }
        exchange.fail(
            Failure(
                .resourceExhausted, message, retryAfter: seconds, reason: .rate, type: .quotaExceeded,
                violated: [quota.name]))
    }

    func decorate(_ exchange: inout Exchange) { report.write(&exchange) }

    func foretold(_ exchange: inout Exchange) -> String? {
        let parts = (0..<quotas.count).map { index in
            let quota = quotas.with(index) { copy $0 }
            let whom = quota.key.map { "for each `\($0.text)`" } ?? "in all"
            let trial = quota.note == nil ? "" : ", on trial"
            return "\(quota.rate) \(whom), \(quota.burst) at once\(trial)"
        }
        return "lets " + parts.joined(separator: " and ") + " through; what is more is refused with 429"
    }
}

/// What the fields of an answer say of a rate limit (draft-ietf-httpapi-ratelimit-headers-10): the policies that the call
/// was asked by, and of the tightest of them what is left.
final class LimitReport: Sendable {
    /// The tightest: its place among all from 1; 0 before anybody was asked.
    private let tightest: StageWord
    private let remaining: StageWord
    /// Seconds.
    private let time: StageWord
    private let quotas: FixedList<Quota>

    /// - Parameter quotas: those that can refuse.
    init(_ quotas: [Quota], _ words: StageWords) {
        self.quotas = FixedList(quotas)
        tightest = words.take()
        remaining = words.take()
        time = words.take()
    }

    private func number(of quota: Quota) -> Int64 {
        for index in 0..<quotas.count where quotas.with(index, { ObjectIdentifier($0) == ObjectIdentifier(quota) }) {
            return Int64(index &+ 1)
        }
        return 1
    }

    /// A policy has let the call pass.
    func note(_ quota: Quota, remaining left: Int64, untilFull: Int64, _ exchange: inout Exchange) {
        guard exchange[tightest] == 0 || left < exchange[remaining] else { return }
        exchange[tightest] = number(of: quota)
        exchange[remaining] = left
        exchange[time] = Self.seconds(untilFull)
    }

    /// A policy has refused the call; gives the seconds of `Retry-After`, which must not be before `t` is over (section 6).
    func refuse(_ quota: Quota, remaining left: Int64, wait: Int64, _ exchange: inout Exchange) -> Int {
        exchange[tightest] = number(of: quota)
        exchange[remaining] = left
        exchange[time] = Self.seconds(wait)
        return Int(exchange[time])
    }

    /// Rounded up: who comes too early comes for nothing.
    private static func seconds(_ nanoseconds: Int64) -> Int64 {
        max(0, nanoseconds) / 1_000_000_000 + (nanoseconds % 1_000_000_000 > 0 ? 1 : 0)
    }

    func write(_ exchange: inout Exchange) {
        let place = exchange[tightest]
        guard place > 0, place <= quotas.count else { return }
        if quotas.count == 1 {
            exchange.response.add("ratelimit-policy") { out in quotas.with(0) { out.append($0.item) } }
        } else {
            writePolicies(&exchange)
        }
        let (left, seconds) = (exchange[remaining], exchange[time])
        exchange.response.add("ratelimit") { out in
            quotas.with(Int(place) &- 1) { out.append($0.quotedName) }
            out.append(";r=" as StaticString)
            out.append(decimal: Int(left))
            out.append(";t=" as StaticString)
            out.append(decimal: Int(seconds))
        }
    }

    /// Those of the policies that this call was asked by.
    private func writePolicies(_ exchange: inout Exchange) {
        let state = exchange.loop.state
        state.pointee.scratch.clear()
        for index in 0..<quotas.count {
            quotas.with(index) { quota in
                guard exchange[quota.paid] != 0 else { return }
                if state.pointee.scratch.count > 0 { state.pointee.scratch.append(", ") }
                state.pointee.scratch.append(quota.item)
            }
        }
        exchange.response.add("ratelimit-policy") { $0.append(state.pointee.scratch.bytes) }
    }
}
