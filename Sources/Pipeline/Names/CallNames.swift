package import CEL

extension Names {
    /// `call`: this call as the server counts it.
    package static let call = Root(
        "call", .map(.string, .dyn),
        fields: .closed([
            Root.Field("id", .string, TextReader { $0.pointee.requestIDBytes }, sentByClient: false),
            Root.Field(
                "time", .timestamp, ValueReader { .timestamp(wall($0, $0.pointee.started)) }, sentByClient: false),
            Root.Field(
                "protocol", .string, ValueReader { .string(String(describing: $0.pointee.face.protocolName)) },
                sentByClient: false),
            Root.Field(
                "service", .string, ValueReader { .string($0.pointee.route.pointee.serviceName) }, sentByClient: false),
            Root.Field(
                "route", .string, ValueReader { .string($0.pointee.route.pointee.pattern) }, sentByClient: false),
            Root.Field("count", .int, ValueReader { .int(Int64($0.pointee.callNumber)) }, sentByClient: false),
            Root.Field(
                "deadline", .timestamp,
                ValueReader { exchange in
                    let deadline = exchange.pointee.deadline
                    return deadline == .max ? nil : .timestamp(wall(exchange, deadline))
                }, sentByClient: false),
        ]), sentByClient: false, noun: "field")

    /// `client`: who calls.
    package static let client = Root(
        "client", .map(.string, .dyn),
        fields: .closed([
            Root.Field(
                "address", .string, TextReader { $0.pointee.clientAddress }, sentByClient: false),
            Root.Field(
                "port", .int, ValueReader { .int(Int64($0.pointee.clientPort)) },
                sentByClient: false),
            Root.Field("tls", .bool, ValueReader { .bool($0.pointee.connection.pointee.isTLS) }, sentByClient: false),
            Root.Field(
                "identity", .string,
                ValueReader {
                    let identity = $0.pointee.connection.pointee.tls?.identity ?? []
                    return .string(String(decoding: identity, as: UTF8.self))
                }, sentByClient: false),
        ]), sentByClient: false, noun: "field")

    private static func wall(_ exchange: UnsafePointer<Exchange>, _ monotonic: Int64) -> Timestamp {
        // Both are read at nearly the same moment: the clock's offset carries one over to the other.
        let state = exchange.pointee.loop.state
        let now = state.pointee.clock.now
        let wall = state.pointee.clock.wall(now)
        return Timestamp(nanosecondsSinceEpoch: wall &+ (monotonic &- now))
    }
}
