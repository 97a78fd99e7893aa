import JSON

/// One step of a planned expression. Class-bound: the cheapest dispatch that was measured.
protocol Evaluator: AnyObject, Sendable {
    func evaluate(_ frame: inout Frame) -> Value
    /// Writes the value as text. What was written before a failure is for the caller to take back.
    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome
}

extension Evaluator {
    func write(_ frame: inout Frame, _ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        evaluate(&frame).writeOutcome(&out, encoding)
    }
}

/// What one evaluation carries along.
struct Frame {
    let context: Context
    /// Where the program has it, which outlives the evaluation: holding it would cost more than most steps.
    private let surroundings: UnsafePointer<any Ambient>
    /// The values of the macros' variables, by slot.
    var variables: [Value] = []
    /// Steps left. Below zero the evaluation is over, whatever `||` would make of its errors.
    private(set) var steps = Limits.steps

    /// - Parameter surroundings: valid as long as the frame is used.
    init(_ context: Context, _ surroundings: UnsafePointer<any Ambient>) {
        self.context = context
        self.surroundings = surroundings
    }

    var ambient: any Ambient { surroundings.pointee }

    var isExhausted: Bool { steps < 0 }

    /// Pays for `count` steps; false if there are not that many left.
    mutating func pay(_ count: Int) -> Bool {
        if count > steps {
            steps = -1
            return false
        }
        steps -= count
        return true
    }

    /// Pays for looking at or making so many bytes.
    mutating func pay(bytes: Int) -> Bool { pay(bytes / Limits.bytesPerStep) }

    /// Pays for looking a key up: its text is hashed.
    mutating func pay(forKey key: Value) -> Bool {
        if case .string(let text) = key { return pay(bytes: text.utf8.count) }
        return true
    }

    /// Pays for making a map of entries with these keys.
    mutating func pay(forKeys keys: [Value]) -> Bool {
        guard pay(keys.count) else { return false }
        for key in keys where !pay(forKey: key) { return false }
        return true
    }
}

extension Value {
    static let exhausted = Value.error(Limits.stepsExceeded)
    static let tooLarge = Value.error(Limits.outputExceeded)

    func writeOutcome(_ out: inout ByteWriter, _ encoding: Encoding) -> JSONOutcome {
        if case .optional(let wrapped) = self {
            return wrapped?.writeOutcome(&out, encoding) ?? .absent
        }
        return write(&out, encoding).map { .failed($0) } ?? .written
    }
}
