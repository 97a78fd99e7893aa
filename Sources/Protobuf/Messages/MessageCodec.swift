/// Reads and writes the messages of a pool in protobuf's binary encoding (encoding guide).
package final class MessageCodec: Sendable {
    /// protobuf's own readers stop at this depth too. Each level is a call.
    package static let maximumDepth = 100

    package let pool: DescriptorPool
    let layouts: [MessageLayout]
    let tables: CheckTables
    let plain: PlainFields
    /// The numbers of each enum that is closed.
    let closedValues: [Set<Int32>]
    /// For readers of JSON.
    let fieldNames: [[ProtoPath: Int32]]

    package init(_ pool: DescriptorPool) {
        self.pool = pool
        layouts = pool.messages.indices.map { MessageLayout($0, pool) }
        tables = CheckTables(layouts)
        fieldNames = pool.messages.indices.map { MessageCodec.names($0, pool) }
        plain = PlainFields(pool, layouts, fieldNames)
        closedValues = pool.enums.map { $0.isClosed ? Set($0.values.map(\.number)) : [] }
    }

    /// - Parameter type: an index of the pool.
    package func decode(_ bytes: [UInt8], as type: Int) -> Result<Message, MessageError> {
        var message = Message(type: type)
        var decoder = MessageDecoder(self, bytes)
        do throws(MessageError) {
            try decoder.fields(&message, until: bytes.count, depth: 0)
            return .success(message)
        } catch {
            return .failure(error)
        }
    }

    /// The fields by number, the entries of maps by key: the same message is always the same bytes.
    package func encode(_ message: Message) -> [UInt8] {
        var encoder = MessageEncoder(self)
        encoder.fields(message)
        return encoder.out.bytes
    }

    /// The path of a required field that is not there: `line.price`.
    package func missingField(_ message: Message) -> String? {
        for number in layouts[message.type].required where message[number] == nil {
            return pool.messages[message.type].field(numbered: number)?.name
        }
        for number in message.numbers {
            guard let value = message[number], let inner = missingField(in: value) else { continue }
            let name =
                pool.messages[message.type].field(numbered: number)?.name
                ?? pool.extensionField(of: message.type, numbered: number).map { "[\($0.fullName)]" } ?? ""
            return name + "." + inner
        }
        return nil
    }

    private func missingField(in value: FieldValue) -> String? {
        switch value {
        case .message(let message): missingField(message)
        case .list(let values): values.lazy.compactMap { self.missingField(in: $0) }.first
        case .map(let values): values.values.lazy.compactMap { self.missingField(in: $0) }.first
        default: nil
        }
    }
}

/// Why bytes are no message of a type.
package struct MessageError: Error, Equatable, Sendable {
    package enum Reason: Sendable {
        case endsTooEarly
        case badTag
        case badNumber
        case badEndOfGroup
        case tooDeep
        case notUTF8
    }

    package let reason: Reason
    /// The byte that is wrong, counted from 0.
    package let offset: Int

    package var message: String {
        switch reason {
        case .endsTooEarly: "the message ends within a field"
        case .badTag: "there is no such field or wire type"
        case .badNumber: "a number has more than ten bytes"
        case .badEndOfGroup: "a group ends that was not started"
        case .tooDeep: "messages are nested deeper than \(MessageCodec.maximumDepth) levels"
        case .notUTF8: "a string is not UTF-8"
        }
    }
}
