/// An element that has options.
enum OptionTarget {
    case file(Int)
    case message(Int)
    case field(message: Int, Int)
    case oneof(message: Int, Int)
    case range(message: Int, Int)
    case `extension`(Int)
    case `enum`(Int)
    case value(enum: Int, Int)
    case service(Int)
    case method(service: Int, Int)

    /// The message of google/protobuf/descriptor.proto that holds its options.
    var type: String {
        switch self {
        case .file: "google.protobuf.FileOptions"
        case .message: "google.protobuf.MessageOptions"
        case .field, .extension: "google.protobuf.FieldOptions"
        case .oneof: "google.protobuf.OneofOptions"
        case .range: "google.protobuf.ExtensionRangeOptions"
        case .enum: "google.protobuf.EnumOptions"
        case .value: "google.protobuf.EnumValueOptions"
        case .service: "google.protobuf.ServiceOptions"
        case .method: "google.protobuf.MethodOptions"
        }
    }

    /// Its number in `FieldOptions.OptionTargetType`.
    var number: UInt64 {
        switch self {
        case .file: 1
        case .range: 2
        case .message: 3
        case .field, .extension: 4
        case .oneof: 5
        case .enum: 6
        case .value: 7
        case .service: 8
        case .method: 9
        }
    }

    var word: String { OptionTarget.words[Int(number)] }

    static let words = [
        "anything", "file", "extension range", "message", "field", "oneof", "enum", "enum value", "service", "method",
    ]

    /// The number of `features` among its options.
    var featuresNumber: Int32 {
        switch self {
        case .file, .range: 50
        case .message: 12
        case .field, .extension: 21
        case .oneof: 1
        case .enum: 7
        case .value: 2
        case .service: 34
        case .method: 35
        }
    }
}

/// A field that an option sets, to be looked at once the options of all fields are known.
struct OptionUse {
    let field: FieldDescriptor
    let target: OptionTarget
    let span: Span
    let file: Int
}

/// The options of one element, on the way to their bytes.
///
/// What descriptor.proto has is merged and written by number; extensions follow one by one, in the order of the file. So
/// does protoc, to which extensions are unknown fields.
struct OptionTree {
    private enum Node {
        case bytes([UInt8])
        case tree(OptionTree)
    }

    private var known: [Int32: Node] = [:]
    private var appended = WireBytes()

    /// - Parameter encoded: the last field of the path, with its tag.
    mutating func set(_ path: ArraySlice<FieldDescriptor>, _ encoded: [UInt8]) {
        guard let field = path.first else { return }
        if field.isExtension {
            appended.raw(OptionTree.wrap(path, encoded))
            return
        }
        if path.count > 1 {
            var inner = tree(field.number)
            inner.set(path.dropFirst(), encoded)
            known[field.number] = .tree(inner)
        } else if case .tree(var inner) = known[field.number] {
            inner.merge(encoded)
            known[field.number] = .tree(inner)
        } else if case .bytes(let before) = known[field.number] {
            known[field.number] = .bytes(before + encoded)
        } else {
            known[field.number] = .bytes(encoded)
        }
    }

    private func tree(_ number: Int32) -> OptionTree {
        switch known[number] {
        case .tree(let tree): return tree
        case .bytes(let bytes):
            var tree = OptionTree()
            tree.merge(bytes)
            return tree
        case nil: return OptionTree()
        }
    }

    /// Takes the fields out of an encoded field that is a message.
    private mutating func merge(_ encoded: [UInt8]) {
        var outer = WireReader(encoded)
        while let field = outer.next() {
            guard case .bytes(let range) = field.value else { continue }
            var inner = WireReader(encoded, range)
            var start = range.lowerBound
            while let part = inner.next() {
                known[part.number] = .bytes(inner.slice(start..<inner.at))
                start = inner.at
            }
        }
    }

    /// `encoded` within the messages that the path names before its end.
    static func wrap(_ path: ArraySlice<FieldDescriptor>, _ encoded: [UInt8]) -> [UInt8] {
        guard path.count > 1, let field = path.first else { return encoded }
        return wrap(field, wrap(path.dropFirst(), encoded))
    }

    /// A message as a field.
    static func wrap(_ field: FieldDescriptor, _ message: [UInt8]) -> [UInt8] {
        var out = WireBytes()
        if field.isDelimited {
            out.tag(field.number, .startGroup)
            out.raw(message)
            out.tag(field.number, .endGroup)
        } else {
            out.field(field.number, bytes: message)
        }
        return out.bytes
    }

    var encoded: [UInt8] {
        var out = WireBytes()
        for number in known.keys.sorted() {
            switch known[number] {
            case .bytes(let bytes): out.raw(bytes)
            case .tree(let tree): out.field(number, bytes: tree.encoded)
            case nil: break
            }
        }
        out.raw(appended.bytes)
        return out.bytes
    }
}
