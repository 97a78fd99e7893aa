package import CEL
package import JSON
package import Pipeline

/// What came of a call of an example, for the expressions under `assert`.
package struct MethodReply: ExampleAnswer {
    package let code: Code
    package let error: String
    /// ProtoJSON.
    package let messages: [JSONValue]
    package let metadata: [(name: String, value: String)]
    package let trailers: [(name: String, value: String)]
    package let duration: Int64
    package let time: Int64
    package var draws: UInt64 = 0

    package init(
        code: Code, error: String, messages: [JSONValue], metadata: [(name: String, value: String)],
        trailers: [(name: String, value: String)], duration: Int64, time: Int64
    ) {
        self.code = code
        self.error = error
        self.messages = messages
        self.metadata = metadata
        self.trailers = trailers
        self.duration = duration
        self.time = time
    }

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
        ], ambient: AnswerAmbient<MethodReply>(),
        elsewhere: Dictionary(
            uniqueKeysWithValues: ["request", "requests", "call", "client", "variables", "headers"].map {
                ($0, "an assertion sees the answer alone")
            }))

    private static func map(_ fields: [(name: String, value: String)]) -> Value {
        .map(MapValue(fields.map { (.string($0.name), .string($0.value)) }))
    }
}
