import CEL

extension Names {
    /// `index`: which message of a stream it is, from 0.
    static let index = Root(
        "index", .int, whole: ValueReader { .int(Int64($0.pointee.position)) }, fields: .none, sentByClient: false,
        noun: "field")
}
