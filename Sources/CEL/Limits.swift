import JSON

/// What one evaluation may cost. The numbers are those that product and operators are told (limits: templates).
enum Limits {
    static let steps = 100_000
    static let output = 1 << 20
    /// Brackets, conditionals and unary operators inside one another.
    static let nesting = 64
    /// The tree's height, where `a + b + c` counts two: what later recursion over it is bounded by.
    static let height = 250
    static let length = 64 * 1024
    /// Bytes handled for one step.
    static let bytesPerStep = 64

    static let stepsExceeded = EvaluationError("the expression takes more than \(steps) steps")
    static let outputExceeded = EvaluationError("the value is larger than 1 MiB")

    /// What is said of text that does not stay on its line.
    static func refused(_ encoding: Encoding) -> EvaluationError {
        encoding == .eventField
            ? EvaluationError("the name or the id of an event cannot hold a line break or NUL")
            : EvaluationError("the value of a header cannot hold a line break or NUL")
    }

    /// Why what was written from `start` on cannot stay, or nil.
    static func refusal(_ out: borrowing ByteWriter, from start: Int, _ encoding: Encoding) -> EvaluationError? {
        let count = out.count - start
        if count > output { return outputExceeded }
        if encoding.isOneLine, count > 0,
            !ByteWriter.fitsLine(UnsafeBufferPointer(rebasing: out.bytes[start...]))
        {
            return refused(encoding)
        }
        return nil
    }
}
