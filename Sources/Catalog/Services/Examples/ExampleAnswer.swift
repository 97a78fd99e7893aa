package import CEL
import Pipeline

/// What came of an example, as the expressions under `assert` see it: `response`, and a clock and dice of its own.
package protocol ExampleAnswer {
    /// The names that an assertion sees, with an `AnswerAmbient`.
    static var environment: Environment { get }
    /// Nanoseconds that the answer waited, on the clock of the test.
    var duration: Int64 { get }
    /// Nanoseconds since the Unix epoch at the end.
    var time: Int64 { get }
    /// What `random()` goes on from.
    var draws: UInt64 { get set }
}

extension ExampleAnswer {
    /// What an assertion, or a part of it, comes to.
    package mutating func evaluate(_ program: Program) -> Value {
        withUnsafeMutablePointer(to: &self) { program.evaluate(Context(UnsafeMutableRawPointer($0))) }
    }

    static func field(
        _ name: String, _ type: ValueType, _ make: @escaping @Sendable (UnsafeMutablePointer<Self>) -> Value
    ) -> Root.Field {
        Root.Field(name, type, AnswerReader(make), sentByClient: false)
    }
}

/// Reads something of an answer.
private final class AnswerReader<Answer: ExampleAnswer>: Reader {
    private let make: @Sendable (UnsafeMutablePointer<Answer>) -> Value

    init(_ make: @escaping @Sendable (UnsafeMutablePointer<Answer>) -> Value) { self.make = make }

    func read(_ context: Context) -> Value? { make(context.answer()) }
}

/// The clock and the dice of the test.
final class AnswerAmbient<Answer: ExampleAnswer>: Ambient {
    func now(_ context: Context) -> Int64 {
        let answer: UnsafeMutablePointer<Answer> = context.answer()
        return answer.pointee.time
    }

    func random(_ context: Context) -> UInt64 {
        let answer: UnsafeMutablePointer<Answer> = context.answer()
        var pool = RandomPool(seed: answer.pointee.draws)
        answer.pointee.draws &+= 1
        return pool.word()
    }

    var zones: TimeZones { ZoneFiles.zones }

    var crypto: (any CryptoProvider)? { LoopAmbient().crypto }
}

extension Context {
    fileprivate func answer<Answer>() -> UnsafeMutablePointer<Answer> { pointer.assumingMemoryBound(to: Answer.self) }
}
