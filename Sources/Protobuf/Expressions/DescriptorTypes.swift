package import CEL

/// The messages and enums of a pool, for expressions. Those of google/protobuf that are values of CEL's own are there
/// whether the pool has them or not.
package struct DescriptorTypes: MessageTypes {
    package let codec: MessageCodec
    package let container: String
    package let names: [String]
    let shapes: MessageShapes

    /// - Parameter container: the proto package whose names need no prefix.
    package init(_ codec: MessageCodec, container: String) {
        self.codec = codec
        self.container = container
        shapes = MessageShapes(codec)
        let own = codec.pool.messages.filter { !$0.isMapEntry }.map(\.fullName)
        let known = Set(Self.wellKnown.names.map { ProtoPath($0) })
        names = own.filter { !known.contains(ProtoPath($0)) } + Self.wellKnown.names
    }

    private init(_ other: DescriptorTypes, container: String) {
        codec = other.codec
        self.container = container
        names = other.names
        shapes = other.shapes
    }

    /// The same types, seen from another package.
    package func seen(from container: String) -> DescriptorTypes { DescriptorTypes(self, container: container) }

    private static let wellKnown = WellKnownTypes()

    package func type(named name: String) -> (any MessageType)? {
        if let known = Self.wellKnown.type(named: name) { return known }
        guard let index = shapes.place(of: name), !codec.pool.messages[index].isMapEntry else { return nil }
        return DescriptorType(shapes, index)
    }

    package func enumeration(named name: String) -> EnumType? {
        guard let found = codec.pool.enumeration(named: name), found.fullName.utf8.elementsEqual(name.utf8) else {
            return nil
        }
        return EnumType(found.fullName, found.values.map { ($0.name, Int64($0.number)) })
    }

    /// A message as a value, from its encoding, which has been checked.
    ///
    /// - Parameter type: an index of the pool.
    package func value(_ bytes: UnsafeBufferPointer<UInt8>, as type: Int) -> Value {
        shapes.messages.indices.contains(type) ? MessageReading(shapes, bytes).whole(type) : .null
    }

    /// The encoding of a value as a message, or why it is none.
    package func encoded(_ value: Value, as type: Int) -> Result<[UInt8], EvaluationError> {
        guard shapes.messages.indices.contains(type) else {
            return .failure(EvaluationError("there is no such message"))
        }
        do throws(EvaluationError) {
            return .success(codec.encode(try MessageMaking(shapes).message(value, type)))
        } catch {
            return .failure(error)
        }
    }
}

/// A message type of a pool.
private struct DescriptorType: MessageType {
    private let shapes: MessageShapes
    private let index: Int

    init(_ shapes: MessageShapes, _ index: Int) {
        self.shapes = shapes
        self.index = index
    }

    var name: String { shapes.messages[index].fullName }
    var fields: [MessageField] { shapes.messages[index].fields.map(\.field) }
    var made: ValueType { shapes.messages[index].known == nil ? .message(name) : .dyn }

    func make(_ values: [Value?]) -> Value {
        let shape = shapes.messages[index]
        let making = MessageMaking(shapes)
        var message = Message(type: index)
        do throws(EvaluationError) {
            for (field, value) in zip(shape.fields, values) {
                guard let value else { continue }
                if let rival = field.rivals.first(where: { message[$0.number] != nil }),
                    let other = shape.field(numbered: rival.number)
                {
                    return .error(
                        EvaluationError(
                            "'\(other.name)' and '\(field.name)' are of one oneof: only one of them can be set"))
                }
                message[field.number] = try making.field(value, field)
            }
        } catch {
            return .error(error)
        }
        let bytes = shapes.codec.encode(message)
        return bytes.withUnsafeBufferPointer { MessageReading(shapes, $0).whole(index) }
    }
}
