import CEL

extension Names {
    /// `response` of a route.
    static let response = response(
        // Nothing was sent where the connection was closed without an answer.
        how: Root.Field(
            "status", .int,
            ValueReader { $0.pointee.finalStatus > 0 ? .int(Int64($0.pointee.finalStatus)) : nil },
            sentByClient: false))

    /// `response`: how the call was answered, for what is worked out when it is over.
    static func response(how: Root.Field) -> Root {
        Root(
            "response", .map(.string, .dyn),
            fields: .closed([
                how,
                Root.Field("size", .int, ValueReader { .int(Int64($0.pointee.sent)) }, sentByClient: false),
                Root.Field(
                    "duration", .duration,
                    ValueReader { .duration(TimeSpan(nanoseconds: $0.pointee.ended &- $0.pointee.started)) },
                    sentByClient: false),
            ]), sentByClient: false, noun: "field")
    }
}
