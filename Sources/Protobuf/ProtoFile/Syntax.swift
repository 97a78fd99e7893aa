import Diagnostics

// What a `.proto` file says, before anything in it is looked up. A descriptor set is read into the same values, so that
// one linker serves both.

/// A name with its place: simple, dotted, or dotted from the root (`.google.type.Date`).
struct Name {
    var text: String
    var span: Span
}

/// A number with its place.
struct PlacedNumber {
    var value: Int32
    var span: Span
}

/// A file as written.
struct FileSyntax {
    let source: Source
    /// What others import it by.
    let path: ProtoPath
    var edition = Edition.proto2
    var package: Name?
    var imports: [ImportSyntax] = []
    var messages: [MessageSyntax] = []
    var enums: [EnumSyntax] = []
    var services: [ServiceSyntax] = []
    var extensions: [FieldSyntax] = []
    var options = OptionsSyntax()
    /// Something was left out: what is not found in it may have been there.
    var isBroken = false
    /// Something in it could not be read: what is empty may not have been meant so.
    var hasGaps = false
    /// Read from a descriptor set: there are no places in it.
    var isEncoded = false
}

struct ImportSyntax {
    enum Kind {
        case plain
        case `public`
        case weak
    }

    var path: ProtoPath
    var kind = Kind.plain
    var span: Span
    /// The file, once it is loaded.
    var file: Int?
}

struct MessageSyntax {
    var name: Name
    var fields: [FieldSyntax] = []
    var messages: [MessageSyntax] = []
    var enums: [EnumSyntax] = []
    var extensions: [FieldSyntax] = []
    var oneofs: [OneofSyntax] = []
    var extensionRanges: [RangeSyntax] = []
    var reservedRanges: [RangeSyntax] = []
    var reservedNames: [Name] = []
    var options = OptionsSyntax()
    var isMapEntry = false
}

struct OneofSyntax {
    var name: Name
    var options = OptionsSyntax()
    var isSynthetic = false
}

/// Numbers from `start` up to, without, `end`; enums have theirs with it.
struct RangeSyntax {
    var start: Int32
    var end: Int64
    var span: Span
    /// `to max`, which is more for a message set.
    var reachesMaximum = false
    var options = OptionsSyntax()
}

struct FieldSyntax {
    var label: FieldLabel?
    var labelSpan = Span.nowhere
    var type: FieldType?
    var typeName: Name?
    var typeSpan: Span
    var name: Name
    var number: PlacedNumber
    var extendee: Name?
    var oneof: Int?
    var isProto3Optional = false
    var isMap = false
    var defaultValue: ValueSyntax?
    var defaultText: [UInt8]?
    var jsonName: Name?
    var options = OptionsSyntax()
}

struct EnumSyntax {
    var name: Name
    var values: [EnumValueSyntax] = []
    var reservedRanges: [RangeSyntax] = []
    var reservedNames: [Name] = []
    var options = OptionsSyntax()
}

struct EnumValueSyntax {
    var name: Name
    var number: PlacedNumber
    var options = OptionsSyntax()
}

struct ServiceSyntax {
    var name: Name
    var methods: [MethodSyntax] = []
    var options = OptionsSyntax()
}

struct MethodSyntax {
    var name: Name
    var input: Name
    var output: Name
    var clientStreams = false
    var serverStreams = false
    var options = OptionsSyntax()
}

/// The options of one element: as statements, or as the bytes of a descriptor set.
struct OptionsSyntax {
    var statements: [OptionSyntax] = []
    var encoded: [UInt8]?
    /// A method with an empty block has options, though none are set.
    var isWritten = false
}

/// `(my.option).field.other = value`
struct OptionSyntax {
    struct Part {
        var name: Name
        var isExtension: Bool
    }

    var parts: [Part]
    var value: ValueSyntax

    var span: Span {
        guard let first = parts.first, let last = parts.last else { return value.span }
        return first.name.span.to(last.name.span)
    }

    /// As written, for messages.
    var text: String {
        parts.map { $0.isExtension ? "(\($0.name.text))" : $0.name.text }.joined(separator: ".")
    }
}

/// A value with its place: of an option, of a default, of a field within an aggregate.
struct ValueSyntax {
    indirect enum Kind {
        case identifier(String)
        /// Sign and magnitude.
        case integer(isNegative: Bool, UInt64)
        case float(Double)
        case string([UInt8])
        case message([AggregateField])
        case list([ValueSyntax])
    }

    var kind: Kind
    var span: Span

    var isMessage: Bool {
        if case .message = kind { true } else { false }
    }
}

/// A field of a value in the text format: `name: value`, `[my.extension]: value`, `[domain/my.Message] { … }`.
struct AggregateField {
    enum Key {
        case field
        case `extension`
        case any(domain: String)
    }

    var key: Key
    var name: Name
    var value: ValueSyntax
}

/// The name of a file among `.proto` files, compared as bytes.
package struct ProtoPath: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
