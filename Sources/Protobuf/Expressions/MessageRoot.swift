package import CEL
import JSON

extension DescriptorTypes {
    /// A root that is a message: `request`. Its fields are read straight from the encoding, which has been checked.
    ///
    /// - Parameters:
    ///   - type: an index of the pool.
    ///   - bytes: the encoding, valid as long as the context is; nil where there is no message now.
    package func root(
        _ name: String, of type: Int, sentByClient: Bool,
        bytes: @escaping @Sendable (Context) -> UnsafeBufferPointer<UInt8>?
    ) -> Root {
        let shape = shapes.messages[type]
        let whole = WholeReader(shapes, type, bytes)
        // A value of CEL's own is looked into as any other.
        if let known = shape.known {
            return Root(
                name, known.type, whole: whole, fields: .none, sentByClient: sentByClient, noun: "field")
        }
        let fields = shape.fields.map { field in
            let isText = !field.layout.isRepeated && (field.layout.type == .string || field.layout.type == .bytes)
            let reader: any FieldReader =
                isText ? WireTextReader(shapes, field, bytes) : WireFieldReader(shapes, field, bytes)
            return Root.Field(field.name, field.field.reads, reader, sentByClient: sentByClient)
        }
        return Root(
            name, .message(shape.fullName), whole: whole, fields: .closed(fields), sentByClient: sentByClient,
            noun: "field")
    }
}

private typealias FindBytes = @Sendable (Context) -> UnsafeBufferPointer<UInt8>?

extension KnownMessage {
    fileprivate var type: ValueType {
        switch self {
        case .timestamp: .timestamp
        case .duration: .duration
        case .structure: .map(.string, .dyn)
        case .list: .list(.dyn)
        case .any, .value, .wrapper: .dyn
        }
    }
}

/// Reads a message as a whole.
private final class WholeReader: FieldReader {
    private let shapes: MessageShapes
    private let type: Int
    private let find: FindBytes

    init(_ shapes: MessageShapes, _ type: Int, _ find: @escaping FindBytes) {
        self.shapes = shapes
        self.type = type
        self.find = find
    }

    func read(_ context: Context) -> Value? { find(context).map { MessageReading(shapes, $0).whole(type) } }
    func isThere(_ context: Context) -> Bool { find(context) != nil }
    /// It is copied as a piece.
    func lookupCost(_ context: Context) -> Int { 0 }
}

/// Reads a field of a message.
private final class WireFieldReader: FieldReader {
    private let shapes: MessageShapes
    private let field: FieldShape
    private let find: FindBytes

    init(_ shapes: MessageShapes, _ field: FieldShape, _ find: @escaping FindBytes) {
        self.shapes = shapes
        self.field = field
        self.find = find
    }

    func read(_ context: Context) -> Value? { find(context).map { MessageReading(shapes, $0).value(field) } }
    func isThere(_ context: Context) -> Bool {
        find(context).map { MessageReading(shapes, $0).has(field) } ?? false
    }
    func lookupCost(_ context: Context) -> Int { find(context).map { field.lookupCost($0) } ?? 0 }
}

/// Reads a field of text or bytes: no copy until it is written.
private final class WireTextReader: FieldReader {
    private let shapes: MessageShapes
    private let field: FieldShape
    private let find: FindBytes

    init(_ shapes: MessageShapes, _ field: FieldShape, _ find: @escaping FindBytes) {
        self.shapes = shapes
        self.field = field
        self.find = find
    }

    func read(_ context: Context) -> Value? { find(context).map { MessageReading(shapes, $0).value(field) } }
    func isThere(_ context: Context) -> Bool {
        find(context).map { MessageReading(shapes, $0).has(field) } ?? false
    }
    func lookupCost(_ context: Context) -> Int { find(context).map { field.lookupCost($0) } ?? 0 }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard let bytes = find(context) else { return false }
        guard let piece = MessageReading(shapes, bytes).last(field) else {
            field.unsetBytes.withUnsafeBufferPointer { Self.append($0, &out, encoding) }
            return true
        }
        Self.append(UnsafeBufferPointer(rebasing: bytes[piece.range]), &out, encoding)
        return true
    }

    /// What breaks a line is looked for when all is written.
    private static func append(
        _ text: UnsafeBufferPointer<UInt8>, _ out: inout ByteWriter, _ encoding: Encoding
    ) {
        if !out.append(text, as: encoding) { out.append(text) }
    }
}
