package import Diagnostics

// What is known of the elements of `.proto` files once everything in them is looked up. They name each other by their
// index in the pool: values without cycles, which any thread may read.

package struct FileDescriptor: Sendable {
    package let path: ProtoPath
    package let package: String
    package let edition: Edition
    /// Indexes in the pool, in the order of the imports.
    package internal(set) var dependencies: [Int] = []
    /// Positions among the dependencies, also of the weak ones.
    package internal(set) var publicDependencies: [Int] = []
    package internal(set) var weakDependencies: [Int] = []
    package internal(set) var messages: [Int] = []
    package internal(set) var enums: [Int] = []
    package internal(set) var services: [Int] = []
    package internal(set) var extensions: [Int] = []
    /// The bytes of `google.protobuf.FileOptions`, here and below of each element's own; nil where there are none.
    package internal(set) var options: [UInt8]?
    package internal(set) var features: ResolvedFeatures
}

package struct MessageDescriptor: Sendable {
    package let name: String
    package let fullName: String
    package let file: Int
    package let parent: Int?
    package internal(set) var fields: [FieldDescriptor] = []
    package internal(set) var oneofs: [OneofDescriptor] = []
    package internal(set) var messages: [Int] = []
    package internal(set) var enums: [Int] = []
    package internal(set) var extensions: [Int] = []
    package internal(set) var extensionRanges: [ExtensionRange] = []
    package internal(set) var reservedRanges: [NumberRange] = []
    package internal(set) var reservedNames: [String] = []
    package internal(set) var options: [UInt8]?
    package internal(set) var features: ResolvedFeatures
    package internal(set) var isMapEntry = false
    package internal(set) var isMessageSet = false
    /// Where it is named.
    package let place: SourceRange
    var fieldsByNumber: [Int32: Int] = [:]
    var fieldsByName: [String: Int] = [:]

    package func field(numbered number: Int32) -> FieldDescriptor? { fieldsByNumber[number].map { fields[$0] } }

    package func field(named name: String) -> FieldDescriptor? { fieldsByName[name].map { fields[$0] } }
}

/// Numbers from `start` up to, without, `end`.
package struct NumberRange: Sendable {
    package let start: Int32
    package let end: Int64

    func contains(_ number: Int32) -> Bool { number >= start && Int64(number) < end }
}

package struct ExtensionRange: Sendable {
    package let numbers: NumberRange
    package internal(set) var options: [UInt8]?
}

package struct OneofDescriptor: Sendable {
    package let name: String
    package let isSynthetic: Bool
    /// Indexes among the fields of the message.
    package internal(set) var fields: [Int] = []
    package internal(set) var options: [UInt8]?
    package internal(set) var features: ResolvedFeatures
}

/// A field of a message, or an extension.
package struct FieldDescriptor: Sendable {
    /// What a field of a message, group or enum refers to.
    package enum Reference: Sendable, Equatable {
        case none
        case message(Int)
        case `enum`(Int)
    }

    package let name: String
    package let fullName: String
    package let jsonName: String
    package let hasWrittenJSONName: Bool
    package let number: Int32
    package let label: FieldLabel
    package internal(set) var type: FieldType
    package internal(set) var reference = Reference.none
    /// The message that it belongs to, or that it extends.
    package internal(set) var container: Int
    package let isExtension: Bool
    package let oneof: Int?
    package let isProto3Optional: Bool
    /// As in a descriptor: numbers in decimal, bytes with escapes, enums by name.
    package internal(set) var defaultText: [UInt8]?
    package internal(set) var options: [UInt8]?
    package internal(set) var features: ResolvedFeatures
    /// Its type is the entry of a map.
    package internal(set) var isMap = false
    package let place: SourceRange
    package let file: Int

    package var isRepeated: Bool { label == .repeated }
    package var isRequired: Bool { !isRepeated && features.fieldPresence == .legacyRequired }
    package var isPacked: Bool { isRepeated && type.isPackable && features.repeatedEncoding == .packed }

    /// Whether a value that is the default can be told from none.
    package var hasPresence: Bool {
        if isRepeated { return false }
        return type.isMessage || isExtension || oneof != nil || features.fieldPresence != .implicit
    }

    /// Whether its message lies between tags rather than behind its length.
    package var isDelimited: Bool {
        type == .group || type == .message && features.messageEncoding == .delimited && !isMap
    }
}

package struct EnumDescriptor: Sendable {
    package let name: String
    package let fullName: String
    package let file: Int
    package let parent: Int?
    package internal(set) var values: [EnumValueDescriptor] = []
    package internal(set) var reservedRanges: [NumberRange] = []
    package internal(set) var reservedNames: [String] = []
    package internal(set) var options: [UInt8]?
    package internal(set) var features: ResolvedFeatures
    package let place: SourceRange

    package var isClosed: Bool { features.enumType == .closed }

    var valuesByName: [String: Int] = [:]
    /// Of those that share a number, the first.
    var valuesByNumber: [Int32: Int] = [:]

    package func value(named name: String) -> EnumValueDescriptor? { valuesByName[name].map { values[$0] } }

    package func value(numbered number: Int32) -> EnumValueDescriptor? { valuesByNumber[number].map { values[$0] } }
}

package struct EnumValueDescriptor: Sendable {
    package let name: String
    package let number: Int32
    package internal(set) var options: [UInt8]?
}

package struct ServiceDescriptor: Sendable {
    package let name: String
    package let fullName: String
    package let file: Int
    package internal(set) var methods: [MethodDescriptor] = []
    package internal(set) var options: [UInt8]?
    package let place: SourceRange

    package func method(named name: String) -> MethodDescriptor? { methods.first { $0.name == name } }
}

package struct MethodDescriptor: Sendable {
    package let name: String
    package let fullName: String
    /// Messages of the pool.
    package internal(set) var input: Int
    package internal(set) var output: Int
    package let clientStreams: Bool
    package let serverStreams: Bool
    package internal(set) var options: [UInt8]?
    package let place: SourceRange

    /// Whether `idempotency_level` is `NO_SIDE_EFFECTS` (descriptor.proto, MethodOptions).
    package var hasNoSideEffects: Bool {
        var reader = WireReader(options ?? [])
        var level: UInt64 = 0
        while let field = reader.next() {
            if field.number == 34, case .varint(let value) = field.value { level = value }
        }
        return level == 1
    }
}
