import JSON
import Protobuf

/// Schemas of values that ProtoJSON writes in one piece (protobuf.dev, "ProtoJSON Format").
enum ValueSchema {
    /// Where a value is written: numbers in URLs are text already.
    enum Form {
        case json
        case url
    }

    static func object(_ members: (key: String, value: JSONValue)...) -> JSONValue { .object(members) }

    static func type(_ name: String, format: String? = nil) -> JSONValue {
        .object([("type", .string(name))] + (format.map { [("format", .string($0))] } ?? []))
    }

    static func list(of items: JSONValue) -> JSONValue { object(("type", .string("array")), ("items", items)) }

    static func words(_ words: [String]) -> JSONValue { .array(words.map { .string($0) }) }

    /// Nil for messages and enums, which have names.
    static func scalar(_ type: FieldType, in form: Form) -> JSONValue? {
        switch type {
        case .bool: self.type("boolean")
        case .string: self.type("string")
        case .bytes:
            object(
                ("type", .string("string")), ("format", .string("byte")), ("contentEncoding", .string("base64")))
        case .int32, .sint32, .sfixed32: integer("int32", Int64(Int32.min), Int64(Int32.max))
        case .uint32, .fixed32: integer("uint32", 0, Int64(UInt32.max))
        case .int64, .sint64, .sfixed64:
            form == .url ? integer("int64", .min, .max) : long("int64", pattern: "^-?[0-9]{1,19}$", from: -exact)
        case .uint64, .fixed64:
            form == .url ? integer("uint64", 0, nil) : long("uint64", pattern: "^[0-9]{1,20}$", from: 0)
        case .float: number("float", most: Double(Float.greatestFiniteMagnitude), in: form)
        case .double: number("double", most: nil, in: form)
        case .message, .group, .enum: nil
        }
    }

    /// Up to it every whole number is one of a double's, which is what many readers have (RFC 8259 section 6).
    private static let exact: Int64 = 9_007_199_254_740_991

    private static func integer(_ format: String, _ minimum: Int64, _ maximum: Int64?) -> JSONValue {
        .object(
            [
                ("type", .string("integer")), ("format", .string(format)), ("minimum", .int(minimum)),
            ] + (maximum.map { [("maximum", .int($0))] } ?? []))
    }

    /// Text; a number is read too, as far as all readers agree what it is.
    private static func long(_ format: String, pattern: String, from minimum: Int64) -> JSONValue {
        object(
            ("type", words(["string", "integer"])), ("format", .string(format)), ("pattern", .string(pattern)),
            ("minimum", .int(minimum)), ("maximum", .int(exact)))
    }

    private static func number(_ format: String, most: Double?, in form: Form) -> JSONValue {
        let bounds: [(key: String, value: JSONValue)] =
            most.map { [("minimum", .double(-$0)), ("maximum", .double($0))] } ?? []
        let plain = JSONValue.object([("type", .string("number")), ("format", .string(format))] + bounds)
        guard form == .json else { return plain }
        let names = object(("type", .string("string")), ("enum", words(["NaN", "Infinity", "-Infinity"])))
        return object(("anyOf", .array([plain, names])))
    }

    /// Of the messages of google/protobuf that have a form of their own; nil for others. Those of wrappers are what they wrap.
    ///
    /// - Parameter name: within google.protobuf.
    static func wellKnown(_ name: String, in form: Form) -> JSONValue? {
        switch name {
        case "Timestamp": type("string", format: "date-time")
        case "Duration": text(duration, "Seconds, with at most nine digits behind the point: `1.5s`.")
        case "FieldMask": text(fieldMask, "Paths of fields in lowerCamelCase, with commas between.")
        case "Struct": type("object")
        case "ListValue": list(of: .object([]))
        case "Value": .object([])
        case "Any":
            object(
                ("type", .string("object")),
                ("description", .string("A message of the type that `@type` names, with its fields beside that.")),
                ("properties", object(("@type", type("string")))))
        case "DoubleValue": scalar(.double, in: form)
        case "FloatValue": scalar(.float, in: form)
        case "Int64Value": scalar(.int64, in: form)
        case "UInt64Value": scalar(.uint64, in: form)
        case "Int32Value": scalar(.int32, in: form)
        case "UInt32Value": scalar(.uint32, in: form)
        case "BoolValue": scalar(.bool, in: form)
        case "StringValue": scalar(.string, in: form)
        case "BytesValue": scalar(.bytes, in: form)
        default: nil
        }
    }

    private static func text(_ pattern: String, _ description: String) -> JSONValue {
        object(
            ("type", .string("string")), ("pattern", .string(pattern)), ("description", .string(description)))
    }

    /// At most 315,576,000,000 seconds (google/protobuf/duration.proto).
    private static let duration =
        "^-?([0-9]{1,11}|[12][0-9]{11}|30[0-9]{10}|31[0-4][0-9]{9}|315[0-4][0-9]{8}|3155[0-6][0-9]{7}"
        + "|31557[0-5][0-9]{6})(\\.[0-9]{1,9})?s$"

    private static let fieldMask =
        "^([a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)*(,[a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)*)*)?$"
}
