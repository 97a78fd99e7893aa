/// The type of a field, numbered as in `FieldDescriptorProto.Type`.
package enum FieldType: UInt8, Sendable {
    case double = 1
    case float
    case int64
    case uint64
    case int32
    case fixed64
    case fixed32
    case bool
    case string
    case group
    case message
    case bytes
    case uint32
    case `enum`
    case sfixed32
    case sfixed64
    case sint32
    case sint64

    /// The scalar type that a `.proto` file calls so.
    init?(word: String) {
        guard let type = FieldType.words[word] else { return nil }
        self = type
    }

    private static let words: [String: FieldType] = [
        "double": .double, "float": .float, "int64": .int64, "uint64": .uint64, "int32": .int32, "fixed64": .fixed64,
        "fixed32": .fixed32, "bool": .bool, "string": .string, "bytes": .bytes, "uint32": .uint32,
        "sfixed32": .sfixed32, "sfixed64": .sfixed64, "sint32": .sint32, "sint64": .sint64,
    ]

    static let scalarWords = words.keys.sorted()

    package var word: String {
        switch self {
        case .group: "group"
        case .message: "message"
        case .enum: "enum"
        default: FieldType.words.first { $0.value == self }?.key ?? ""
        }
    }

    /// How a value of it lies on the wire (encoding guide, "Message structure").
    package var wireType: WireType {
        switch self {
        case .int64, .uint64, .int32, .bool, .uint32, .enum, .sint32, .sint64: .varint
        case .double, .fixed64, .sfixed64: .fixed64
        case .float, .fixed32, .sfixed32: .fixed32
        case .string, .message, .bytes: .lengthDelimited
        case .group: .startGroup
        }
    }

    package var isPackable: Bool {
        switch wireType {
        case .varint, .fixed32, .fixed64: true
        default: false
        }
    }

    package var isMessage: Bool { self == .message || self == .group }
}

package enum WireType: UInt8, Sendable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}

/// How often a field is there, numbered as in `FieldDescriptorProto.Label`.
package enum FieldLabel: UInt8, Sendable {
    case optional = 1
    case required
    case repeated

    var word: String {
        switch self {
        case .optional: "optional"
        case .required: "required"
        case .repeated: "repeated"
        }
    }
}

/// Syntaxes and editions, numbered as in `google.protobuf.Edition`.
package enum Edition: Int32, Sendable, Comparable {
    case proto2 = 998
    case proto3 = 999
    case edition2023 = 1000

    package static func < (a: Edition, b: Edition) -> Bool { a.rawValue < b.rawValue }

    /// How to speak of it.
    var text: String {
        switch self {
        case .proto2: "proto2"
        case .proto3: "proto3"
        case .edition2023: "edition 2023"
        }
    }

    /// Also of those that no file here can have.
    static func text(of number: Int32) -> String {
        Edition(rawValue: number)?.text ?? "edition \(Int64(number) - 1000 + 2023)"
    }
}
