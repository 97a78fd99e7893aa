package import CEL
import Pipeline

/// What came of an example's request, for the expressions under `assert`.
package struct ExampleReply: ExampleAnswer {
    package let status: Int
    /// Names in lower case.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]
    package let duration: Int64
    package let time: Int64
    package var draws: UInt64 = 0

    package init(status: Int, fields: [(name: String, value: String)], body: [UInt8], duration: Int64, time: Int64) {
        self.status = status
        self.fields = fields
        self.body = body
        self.duration = duration
        self.time = time
    }

    /// The values of a field, in their order.
    package func values(of name: String) -> [String] {
        fields.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }

    package static let environment = Environment(
        roots: [response], ambient: AnswerAmbient<ExampleReply>(),
        elsewhere: Dictionary(
            uniqueKeysWithValues: ["status", "headers", "body", "size"].map { ($0, "write `response.\($0)`") }
                + ["path", "query", "query_all", "cookies", "request", "call", "client", "variables", "error"].map {
                    ($0, "an assertion sees the answer alone")
                }))

    private static let response = Root(
        "response", .map(.string, .dyn),
        fields: .closed([
            field("status", .int) { .int(Int64($0.pointee.status)) },
            field("headers", .map(.string, .string)) { $0.pointee.headers },
            field("body", .dyn) { $0.pointee.bodyValue },
            field("size", .int) { .int(Int64($0.pointee.body.count)) },
            field("duration", .duration) { .duration(TimeSpan(nanoseconds: $0.pointee.duration)) },
        ]), sentByClient: false, noun: "field")

    /// By name; fields of one name are joined (RFC 9110 section 5.3).
    private var headers: Value {
        var names: [String] = []
        for (name, _) in fields where !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            names.append(name)
        }
        return .map(MapValue(names.map { (.string($0), .string(values(of: $0).joined(separator: ", "))) }))
    }

    private var bodyValue: Value {
        let type = Array((values(of: "content-type").first ?? "").utf8)
        return type.withUnsafeBufferPointer { type in
            body.withUnsafeBufferPointer { Names.value(ofBody: $0, type: MediaType(type), owner: "the answer") }
        }
    }
}
