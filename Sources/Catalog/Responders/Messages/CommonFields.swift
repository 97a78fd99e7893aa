import JSON
import Pipeline
import Protobuf

/// The fields of a request's message that the answer's has too, copied as they are encoded.
struct CommonFields: Sendable {
    private struct Target: Sendable {
        let number: Int32
        let isGroup: Bool
    }

    private let targets: [Int32: Target]

    var isEmpty: Bool { targets.isEmpty }

    init(_ method: RPCMethod) {
        let pool = method.codec.pool
        let output = pool.messages[method.output]
        var targets: [Int32: Target] = [:]
        for field in pool.messages[method.input].fields {
            guard let same = output.field(named: field.name), same.label == field.label, same.type == field.type,
                same.isMap == field.isMap, same.isDelimited == field.isDelimited, Self.isSame(field, same, pool)
            else { continue }
            targets[field.number] = Target(number: same.number, isGroup: same.isDelimited)
        }
        self.targets = targets
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
        var at = 0
        while at < message.count {
            guard let tag = Self.varint(message, &at), tag >> 3 > 0, tag >> 3 <= 0x1FFF_FFFF else { return false }
            let start = at
            guard let end = Self.skip(tag, message, &at) else { return false }
            guard let target = targets[Int32(truncatingIfNeeded: tag >> 3)] else { continue }
            out.append(varint: UInt64(UInt32(bitPattern: target.number)) << 3 | tag & 7)
            out.append(UnsafeBufferPointer(rebasing: message[start..<end]))
            if tag & 7 == 3 { out.append(varint: UInt64(UInt32(bitPattern: target.number)) << 3 | 4) }
        }
        return true
    }

    /// Goes behind a value, and gives its end: of a group the one before its last tag.
    private static func skip(_ tag: UInt64, _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
        // The groups that are open.
        var open: [UInt64] = []
        var tag = tag
        while true {
            switch tag & 7 {
            case 0: guard varint(bytes, &at) != nil else { return nil }
            case 1: guard advance(8, bytes, &at) else { return nil }
            case 2:
                guard let count = varint(bytes, &at), count <= UInt64(bytes.count - at), advance(Int(count), bytes, &at)
                else { return nil }
            case 3:
                guard open.count < MessageCodec.maximumDepth else { return nil }
                open.append(tag >> 3)
            case 5: guard advance(4, bytes, &at) else { return nil }
            default: return nil
            }
            if open.isEmpty { return at }
            let before = at
            guard var next = varint(bytes, &at) else { return nil }
            var end = before
            while next & 7 == 4 {
                guard open.popLast() == next >> 3 else { return nil }
                if open.isEmpty { return end }
                end = at
                guard let more = varint(bytes, &at) else { return nil }
                next = more
            }
            tag = next
        }
    }

    private static func advance(_ count: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Bool {
        guard bytes.count - at >= count else { return false }
        at += count
        return true
    }

    private static func varint(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < bytes.count, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
