package import JSON

/// What became of a value that was to be written.
package enum JSONOutcome: Sendable {
    case written
    /// An empty optional: nothing was written, and the key that would have held it is to be left out.
    case absent
    case failed(EvaluationError)
}

/// A checked expression, ready to be evaluated for each call. Immutable; shared by all loops.
package final class Program: Sendable {
    package let type: ValueType
    /// Whether it reads what the client sent: a failure is then the client's.
    package let readsClient: Bool
    /// Whether it reads a secret: what goes wrong is then told without saying what, since the message may quote it.
    package let readsSecret: Bool
    /// The names of the roots that it reads, and `root.field` where a root's fields are known.
    package let reads: Set<String>
    /// The value, if it is always the same.
    package let constant: Value?
    /// The expression as written.
    package let text: String
    private let evaluator: any Evaluator
    /// Whether it gives text or nothing: written between quotes then, without a value in between.
    private let isText: Bool
    /// At an address of its own, so that evaluating need not hold it.
    nonisolated(unsafe) private let ambient: UnsafeMutablePointer<any Ambient>

    init(
        _ evaluator: any Evaluator, type: ValueType, usage: Usage, constant: Value?, text: String,
        ambient: any Ambient
    ) {
        self.evaluator = evaluator
        self.type = type
        self.isText = type == .string || type == .optional(.string)
        self.readsClient = usage.readsClient
        self.readsSecret = usage.readsSecret
        self.reads = usage.reads
        self.constant = constant
        self.text = text
        self.ambient = .allocate(capacity: 1)
        self.ambient.initialize(to: ambient)
    }

    deinit {
        ambient.deinitialize(count: 1)
        ambient.deallocate()
    }

    /// The value, or `.error`; never traps.
    package func evaluate(_ context: Context) -> Value {
        var frame = Frame(context, UnsafePointer(ambient))
        let value = evaluator.evaluate(&frame)
        if readsSecret, case .error(let error) = value { return .error(told(error)) }
        return value
    }

    private static let hidden = EvaluationError("an expression that reads a secret has failed")

    private func told(_ error: EvaluationError) -> EvaluationError {
        readsSecret && !error.isFixed ? Self.hidden : error
    }

    /// Writes the value as text; nil if that went well. On failure `out` is as it was.
    package func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> EvaluationError? {
        if case .failed(let error) = writeText(context, &out, encoding) { return error }
        return nil
    }

    /// Writes the value as text. `out` is as it was unless `.written`.
    package func writeText(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        let start = out.count
        var frame = Frame(context, UnsafePointer(ambient))
        let outcome = evaluator.write(&frame, &out, encoding)
        guard case .written = outcome else {
            out.truncate(to: start)
            if case .failed(let error) = outcome { return .failed(told(error)) }
            return outcome
        }
        guard let refusal = Limits.refusal(out, from: start, encoding) else { return .written }
        out.truncate(to: start)
        return .failed(refusal)
    }

    /// Writes the value as JSON. `out` is as it was unless `.written`.
    package func writeJSON(_ context: Context, _ out: inout ByteWriter) -> JSONOutcome {
        let start = out.count
        var frame = Frame(context, UnsafePointer(ambient))
        let outcome: JSONOutcome
        if isText {
            out.append(UInt8(ascii: "\""))
            outcome = evaluator.write(&frame, &out, .jsonString)
            out.append(UInt8(ascii: "\""))
        } else {
            outcome = evaluator.evaluate(&frame).writeJSON(&out)
        }
        guard case .written = outcome else {
            out.truncate(to: start)
            if case .failed(let error) = outcome { return .failed(told(error)) }
            return outcome
        }
        guard let refusal = Limits.refusal(out, from: start, .plain) else { return .written }
        out.truncate(to: start)
        return .failed(refusal)
    }
}
