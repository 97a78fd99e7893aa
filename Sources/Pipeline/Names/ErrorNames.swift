import CEL

extension Names {
    /// `error`: the failure that an error page is for.
    static let error = Root(
        "error", .map(.string, .dyn),
        fields: .closed([
            Root.Field(
                "code", .string,
                ValueReader { $0.pointee.failure.map { .string(String(describing: $0.code.name)) } },
                sentByClient: false),
            Root.Field(
                "message", .string, ValueReader { $0.pointee.failure.map { .string($0.message) } }, sentByClient: false),
            Root.Field(
                "status", .int, ValueReader { $0.pointee.failure.map { .int(Int64($0.status)) } }, sentByClient: false),
        ]), sentByClient: false, noun: "field")
}
