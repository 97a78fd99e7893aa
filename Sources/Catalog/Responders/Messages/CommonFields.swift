import JSON
import Pipeline
import Protobuf

/// The fields of a request's message that the answer's has too, copied in their encoding.
struct CommonFields: Sendable {
    /// Those of the answer's fields, by those of the request's.
    private let numbers: [Int32: Int32]

    var isEmpty: Bool { numbers.isEmpty }

    init(_ method: RPCMethod) {
        let pool = method.codec.pool
        let output = pool.messages[method.output]
        var numbers: [Int32: Int32] = [:]
        for field in pool.messages[method.input].fields {
            guard let same = output.field(named: field.name), same.label == field.label, same.type == field.type,
                same.isMap == field.isMap, same.isDelimited == field.isDelimited, Self.isSame(field, same, pool)
            else { continue }
            numbers[field.number] = same.number
        }
        self.numbers = numbers
    }

    private static func isSame(_ field: FieldDescriptor, _ other: FieldDescriptor, _ pool: DescriptorPool) -> Bool {
        guard field.isMap, case .message(let first) = field.reference, case .message(let second) = other.reference
        else {
            return field.reference == other.reference
        }
        // Each map has a type of its own for its entries.
        let members = zip(pool.messages[first].fields, pool.messages[second].fields)
        return members.allSatisfy { $0.type == $1.type && $0.reference == $1.reference }
    }

    /// Appends those of an encoded message; false where it is none.
    func copy(_ message: UnsafeBufferPointer<UInt8>, _ out: inout ByteWriter) -> Bool {
        var scanner = WireScanner(message)
        while scanner.next() {
            guard let number = numbers[scanner.number] else { continue }
            out.append(tag: number, scanner.wire)
            switch scanner.wire {
            case .varint: out.append(varint: scanner.bits)
            case .fixed32: out.append(fixed: scanner.bits, count: 4)
            case .fixed64: out.append(fixed: scanner.bits, count: 8)
            case .lengthDelimited:
                out.append(varint: UInt64(scanner.range.count))
                out.append(UnsafeBufferPointer(rebasing: message[scanner.range]))
            case .startGroup, .endGroup:
                out.append(UnsafeBufferPointer(rebasing: message[scanner.range]))
                out.append(tag: number, .endGroup)
            }
        }
        return !scanner.isMalformed
    }
}
