import CEL
import JSON
import Manifests
import Pipeline

/// A policy of a rate limit, ready to be asked for each call.
final class Quota: Sendable {
    let plainName: String
    /// What it is called in fields, as a structured field has a string (RFC 9651 section 3.3.3): `"default"`.
    let quotedName: [UInt8]
    /// It as `RateLimit-Policy` has it: `"default";q=100;w=1`.
    let item: [UInt8]
    /// The name as the inside of a JSON string.
    let name: [UInt8]
    /// `100/s`
    let rate: String
    let burst: Int
    let buckets: Buckets
    let when: Program?
    let key: Program?
    let cost: Program?
    /// On trial: it refuses nobody, and what it would have done is noted here.
    let note: StageWord?
    /// What it has taken from whom, for giving it back.
    private let low: StageWord
    private let high: StageWord
    /// The price and 1; 0 before it was asked, -1 if it was and has nothing of this call.
    let paid: StageWord
    /// The key is a list or known only at run time: made as a value first.
    private let keyIsValue: Bool

    enum Result {
        /// Its `when` leaves the call alone.
        case passed
        case asked(Buckets.Answer)
        case failed(EvaluationError, readsClient: Bool)
    }

    init(
        name: String, rate: Rate, burst: Int, buckets: Buckets, when: Program?, key: Program?, cost: Program?,
        note: StageWord?, words: StageWords
    ) {
        plainName = name
        var quoted = ByteWriter(capacity: 64)
        quoted.append(UInt8(ascii: "\""))
        for byte in name.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(byte)
        }
        quoted.append(UInt8(ascii: "\""))
        quotedName = Array(quoted.bytes)
        // How long the whole quota lasts, in whole seconds.
        let period = rate.unit.timespan.nanoseconds / 1_000_000_000
        let (product, overflow) = Int64(burst).multipliedReportingOverflow(by: period)
        let window = overflow ? Int64.max : product / Int64(rate.count) + (product % Int64(rate.count) > 0 ? 1 : 0)
        quoted.append(";q=" as StaticString)
        quoted.append(decimal: burst)
        quoted.append(";w=" as StaticString)
        quoted.append(decimal: Int(window))
        item = Array(quoted.bytes)
        self.name = Self.escaped(name)
        self.rate = "\(rate.count)/\(rate.unit.rawValue)"
        self.burst = burst
        self.buckets = buckets
        self.when = when
        self.key = key
        self.cost = cost
        self.note = note
        low = words.take()
        high = words.take()
        paid = words.take()
        keyIsValue = key.map { !Self.isText($0.type) } ?? false
    }

    /// Takes what this call costs, if it takes part and there is that much.
    func take(_ exchange: inout Exchange, now: Int64) -> Result {
        if let when {
            let value = when.evaluate(exchange.context)
            exchange.conditionTrace?.note(when, value)
            switch value {
            case .bool(true): break
            case .bool(false): return .passed
            case .error(let error): return .failed(error, readsClient: when.readsClient)
            default: return .failed(EvaluationError("a condition is neither true nor false"), readsClient: false)
            }
        }
        var price: Int64 = 1
        if let cost {
            switch cost.evaluate(exchange.context) {
            case .int(let value) where value >= 0: price = value
            case .int:
                return .failed(EvaluationError("a call cannot cost less than nothing"), readsClient: cost.readsClient)
            case .error(let error): return .failed(error, readsClient: cost.readsClient)
            default:
                return .failed(EvaluationError("the cost of a call is a whole number"), readsClient: cost.readsClient)
            }
        }
        let hash: KeyHash
        switch hashed(&exchange) {
        case .success(let found): hash = found
        case .failure(let error): return .failed(error, readsClient: key?.readsClient ?? false)
        }
        let answer = buckets.take(price, of: hash, now: now)
        if case .taken = answer {
            exchange[low] = Int64(bitPattern: hash.low)
            exchange[high] = Int64(bitPattern: hash.high)
            exchange[paid] = LoopClock.later(price, 1)
        } else {
            exchange[paid] = -1
        }
        return .asked(answer)
    }

    /// Gives back what the call paid: somebody else has refused it.
    func giveBack(_ exchange: inout Exchange) {
        guard exchange[paid] > 0 else { return }
        let key = KeyHash(low: UInt64(bitPattern: exchange[low]), high: UInt64(bitPattern: exchange[high]))
        buckets.giveBack(exchange[paid] - 1, of: key)
        exchange[paid] = -1
    }

    /// As the inside of a JSON string.
    static func escaped(_ text: String) -> [UInt8] {
        var out = ByteWriter(capacity: 32)
        var text = text
        text.withUTF8 { out.append(jsonEscaped: $0) }
        return Array(out.bytes)
    }

    // MARK: The key

    /// Without a key all calls share one bucket.
    private static let one = KeyHash(low: 1, high: 0)

    private func hashed(_ exchange: inout Exchange) -> Swift.Result<KeyHash, EvaluationError> {
        guard let key else { return .success(Self.one) }
        let state = exchange.loop.state
        state.pointee.scratch.clear()
        let outcome: JSONOutcome
        if keyIsValue {
            let value = key.evaluate(exchange.context)
            if !Self.isStable(value) {
                return .failure(value.failure ?? EvaluationError("the key of a rate limit cannot be a map"))
            }
            outcome = value.writeJSON(&state.pointee.scratch)
        } else {
            // A text goes from where it lies to the hash, without a `String` on the way.
            outcome = key.writeText(exchange.context, &state.pointee.scratch, .plain)
        }
        switch outcome {
        case .written:
            // Nothing at all is a key of its own, and so is an empty text.
            state.pointee.scratch.append(UInt8(ascii: "."))
        case .absent: break
        case .failed(let error): return .failure(error)
        }
        return .success(KeyHash(state.pointee.scratch.bytes))
    }

    /// Whether a value of this type is written as a text that is always the same.
    private static func isText(_ type: ValueType) -> Bool {
        switch type {
        case .string, .bytes, .bool, .int, .uint, .double, .timestamp, .duration, .ip, .cidr: true
        case .optional(let wrapped): isText(wrapped)
        default: false
        }
    }

    /// Whether such a type may be a key: a map has its entries in an order that the client chooses.
    static func canBeKey(_ type: ValueType) -> Bool {
        switch type {
        case .dyn, .null: true
        case .list(let element): canBeKey(element)
        case .optional(let wrapped): canBeKey(wrapped)
        default: isText(type)
        }
    }

    private static func isStable(_ value: Value) -> Bool {
        switch value {
        case .map, .type, .error: false
        case .list(let items): items.allSatisfy(isStable)
        case .optional(let wrapped): wrapped.map(isStable) ?? true
        default: true
        }
    }
}

extension Value {
    fileprivate var failure: EvaluationError? {
        if case .error(let error) = self { error } else { nil }
    }
}
