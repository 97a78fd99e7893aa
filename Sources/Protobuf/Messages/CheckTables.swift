/// What a check must know of the fields of each message, in plain memory that is looked up by number: a check of a call's
/// message allocates nothing and counts no references.
final class CheckTables: Sendable {
    struct Field {
        enum Kind: UInt8 {
            /// Passed over by its wire type, whatever it is.
            case plain
            /// A string whose UTF-8 is verified.
            case text
            case message
            /// A message between tags.
            case group
            case packedVarints
            case packedFixed32
            case packedFixed64
        }

        var number: Int32 = 0
        var kind = Kind.plain
        /// The message that it holds.
        var target: Int32 = 0
    }

    struct Message {
        /// The fields of small numbers, each at its number.
        let dense: UnsafeMutableBufferPointer<Field>
        /// The others that are not plain, ordered by number.
        let sparse: UnsafeMutableBufferPointer<Field>

        @inline(__always) func field(_ number: Int32) -> Field {
            if Int(number) < dense.count { return dense[Int(number)] }
            return sparse.isEmpty ? Field() : searched(number)
        }

        private func searched(_ number: Int32) -> Field {
            var low = 0
            var high = sparse.count
            while low < high {
                let middle = (low + high) / 2
                if sparse[middle].number < number { low = middle + 1 } else { high = middle }
            }
            return low < sparse.count && sparse[low].number == number ? sparse[low] : Field()
        }
    }

    /// Numbers below this take two bytes of tag at most for the first 16 bits; few messages have more fields.
    private static let denseNumbers: Int32 = 128

    nonisolated(unsafe) let messages: UnsafeMutableBufferPointer<Message>

    init(_ layouts: [MessageLayout]) {
        messages = .allocate(capacity: layouts.count)
        for (index, layout) in layouts.enumerated() {
            let fields = layout.fields.map { Field($0) }.filter { $0.kind != .plain }
            let small = fields.filter { $0.number < Self.denseNumbers }
            let large = fields.filter { $0.number >= Self.denseNumbers }
            let dense = UnsafeMutableBufferPointer<Field>.allocate(capacity: Int(small.last?.number ?? -1) + 1)
            dense.initialize(repeating: Field())
            for field in small { dense[Int(field.number)] = field }
            let sparse = UnsafeMutableBufferPointer<Field>.allocate(capacity: large.count)
            _ = sparse.initialize(fromContentsOf: large)
            messages.initializeElement(at: index, to: Message(dense: dense, sparse: sparse))
        }
    }

    deinit {
        for message in messages {
            message.dense.deallocate()
            message.sparse.deallocate()
        }
        messages.deallocate()
    }
}

extension CheckTables.Field {
    fileprivate init(_ field: MessageLayout.Field) {
        number = field.number
        if field.type.isMessage {
            kind = field.isDelimited ? .group : .message
            target = Int32(truncatingIfNeeded: field.target)
        } else if field.verifiesUTF8 {
            kind = .text
        } else if field.isRepeated {
            switch field.type.wireType {
            case .varint: kind = .packedVarints
            case .fixed32: kind = .packedFixed32
            case .fixed64: kind = .packedFixed64
            default: break
            }
        }
    }
}
