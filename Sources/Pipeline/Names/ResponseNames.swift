import CEL

extension Names {
    /// `response`: how the call was answered, for what is worked out when it is over.
    static let response = Root(
        "response", .map(.string, .dyn),
        fields: .closed([
            // Nothing was sent where the connection was closed without an answer.
            Root.Field(
                "status", .int,
                ValueReader { $0.pointee.finalStatus > 0 ? .int(Int64($0.pointee.finalStatus)) : nil },
                sentByClient: false),
            Root.Field("size", .int, ValueReader { .int(Int64($0.pointee.sent)) }, sentByClient: false),
            Root.Field(
                "duration", .duration,
                ValueReader { .duration(TimeSpan(nanoseconds: $0.pointee.ended &- $0.pointee.started)) },
                sentByClient: false),
        ]), sentByClient: false, noun: "field")
}
