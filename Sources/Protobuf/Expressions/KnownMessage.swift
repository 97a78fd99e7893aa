/// The messages of google/protobuf that are values of CEL's own.
enum KnownMessage: Sendable {
    case any
    case timestamp
    case duration
    case structure
    case value
    case list
    case wrapper

    static let nullValue = "google.protobuf.NullValue"

    init?(_ message: MessageDescriptor) {
        let start = "google.protobuf."
        guard message.parent == nil, message.fullName.utf8.starts(with: start.utf8),
            message.fullName.utf8.count == start.utf8.count + message.name.utf8.count
        else { return nil }
        switch message.name {
        case "Any": self = .any
        case "Timestamp": self = .timestamp
        case "Duration": self = .duration
        case "Struct": self = .structure
        case "Value": self = .value
        case "ListValue": self = .list
        case "DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue",
            "StringValue", "BytesValue":
            self = .wrapper
        default: return nil
        }
    }
}
