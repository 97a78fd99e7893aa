package import CEL
import Pipeline

/// What came of an example's request, for the expressions under `assert`.
package struct ExampleReply {
    package let status: Int
    /// Names in lower case.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]
    /// Nanoseconds that the answer waited, on the clock of the test.
    package let duration: Int64
    /// Nanoseconds since the Unix epoch at the end.
    package let time: Int64
    /// What `random()` goes on from.
    fileprivate var draws: UInt64 = 0

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
}

/// The names that an assertion sees: `response` and nothing else.
package enum ExampleNames {
    package static let environment = Environment(
        roots: [response], ambient: ReplyAmbient(),
        elsewhere: Dictionary(
            uniqueKeysWithValues: ["status", "headers", "body", "size"].map { ($0, "write `response.\($0)`") }
                + ["path", "query", "query_all", "cookies", "request", "call", "client", "variables", "error"].map {
                    ($0, "an assertion sees the answer alone")
                }))

    private static let response = Root(
        "response", .map(.string, .dyn),
        fields: .closed([
            Root.Field("status", .int, ReplyReader { .int(Int64($0.pointee.status)) }, sentByClient: false),
            Root.Field("headers", .map(.string, .string), ReplyReader { headers($0) }, sentByClient: false),
            Root.Field("body", .dyn, ReplyReader { body($0) }, sentByClient: false),
            Root.Field("size", .int, ReplyReader { .int(Int64($0.pointee.body.count)) }, sentByClient: false),
            Root.Field(
                "duration", .duration, ReplyReader { .duration(TimeSpan(nanoseconds: $0.pointee.duration)) },
                sentByClient: false),
        ]), sentByClient: false, noun: "field")

    /// By name; fields of one name are joined (RFC 9110 section 5.3).
    private static func headers(_ reply: UnsafeMutablePointer<ExampleReply>) -> Value {
        var names: [String] = []
        for (name, _) in reply.pointee.fields where !names.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            names.append(name)
        }
        return .map(
            MapValue(names.map { (.string($0), .string(reply.pointee.values(of: $0).joined(separator: ", "))) }))
    }

    private static func body(_ reply: UnsafeMutablePointer<ExampleReply>) -> Value {
        let type = Array((reply.pointee.values(of: "content-type").first ?? "").utf8)
        return type.withUnsafeBufferPointer { type in
            reply.pointee.body.withUnsafeBufferPointer {
                Names.value(ofBody: $0, type: MediaType(type), owner: "the answer")
            }
        }
    }
}

/// Reads something of an answer.
private final class ReplyReader: Reader {
    private let make: @Sendable (UnsafeMutablePointer<ExampleReply>) -> Value

    init(_ make: @escaping @Sendable (UnsafeMutablePointer<ExampleReply>) -> Value) { self.make = make }

    func read(_ context: Context) -> Value? { make(context.reply) }
}

/// The clock and the dice of the test.
private final class ReplyAmbient: Ambient {
    func now(_ context: Context) -> Int64 { context.reply.pointee.time }

    func random(_ context: Context) -> UInt64 {
        var pool = RandomPool(seed: context.reply.pointee.draws)
        context.reply.pointee.draws &+= 1
        return pool.word()
    }

    var zones: TimeZones { ZoneFiles.zones }

    var crypto: (any CryptoProvider)? { LoopAmbient().crypto }
}

extension Context {
    fileprivate var reply: UnsafeMutablePointer<ExampleReply> { pointer.assumingMemoryBound(to: ExampleReply.self) }
}

extension ExampleReply {
    /// What an assertion, or a part of it, comes to.
    package mutating func evaluate(_ program: Program) -> Value {
        withUnsafeMutablePointer(to: &self) { program.evaluate(Context(UnsafeMutableRawPointer($0))) }
    }
}
