package import CEL
package import JSON
package import Pipeline

/// What came of a call of an example, for the expressions under `assert`.
package struct MethodReply {
    package let code: Code
    package let error: String
    /// ProtoJSON.
    package let messages: [JSONValue]
    package let metadata: [(name: String, value: String)]
    package let trailers: [(name: String, value: String)]
    /// Nanoseconds that the answer waited, on the clock of the test.
    package let duration: Int64

    package init(
        code: Code, error: String, messages: [JSONValue], metadata: [(name: String, value: String)],
        trailers: [(name: String, value: String)], duration: Int64
    ) {
        self.code = code
        self.error = error
        self.messages = messages
        self.metadata = metadata
        self.trailers = trailers
        self.duration = duration
    }

    /// The names that an assertion sees: `response` and nothing else.
    package static let environment = Environment(
        roots: [
            Root(
                "response", .map(.string, .dyn),
                fields: .closed([
                    field("code", .string) { .string(String(describing: $0.pointee.code.name)) },
                    field("error", .string) { .string($0.pointee.error) },
                    field("message", .dyn) { $0.pointee.messages.first.map { Value($0) } ?? .null },
                    field("messages", .list(.dyn)) { .list($0.pointee.messages.map { Value($0) }) },
                    field("metadata", .map(.string, .string)) { map($0.pointee.metadata) },
                    field("trailers", .map(.string, .string)) { map($0.pointee.trailers) },
                    field("duration", .duration) { .duration(TimeSpan(nanoseconds: $0.pointee.duration)) },
                ]), sentByClient: false, noun: "field")
        ], ambient: LoopAmbient(),
        elsewhere: Dictionary(
            uniqueKeysWithValues: ["request", "requests", "call", "client", "variables", "headers"].map {
                ($0, "an assertion sees the answer alone")
            }))

    private static func field(
        _ name: String, _ type: ValueType, _ make: @escaping @Sendable (UnsafeMutablePointer<MethodReply>) -> Value
    ) -> Root.Field {
        Root.Field(name, type, Reading(make), sentByClient: false)
    }

    private static func map(_ fields: [(name: String, value: String)]) -> Value {
        .map(MapValue(fields.map { (.string($0.name), .string($0.value)) }))
    }

    private final class Reading: Reader {
        private let make: @Sendable (UnsafeMutablePointer<MethodReply>) -> Value

        init(_ make: @escaping @Sendable (UnsafeMutablePointer<MethodReply>) -> Value) { self.make = make }

        func read(_ context: Context) -> Value? {
            make(context.pointer.assumingMemoryBound(to: MethodReply.self))
        }
    }

    /// What an assertion comes to.
    package mutating func evaluate(_ program: Program) -> Value {
        withUnsafeMutablePointer(to: &self) { program.evaluate(Context(UnsafeMutableRawPointer($0))) }
    }
}
