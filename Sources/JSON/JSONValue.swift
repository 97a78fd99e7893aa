/// A JSON value (RFC 8259). Objects keep their order; keys are told apart by their bytes.
///
/// Not `indirect`: arrays are references already, and a number should not cost an allocation.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits.
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    /// The member of an object with this key, or nil.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        for member in members where JSONValue.sameBytes(member.key, key) { return member.value }
        return nil
    }

    /// Swift's `==` on strings is canonical equivalence, which takes different bytes for the same key.
    static func sameBytes(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}

extension JSONValue: Equatable {
    /// The same value of the same kind: `1` and `1.0` differ, and so do the same members in another order.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.string(let a), .string(let b)): sameBytes(a, b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)):
            a.elementsEqual(b) { sameBytes($0.key, $1.key) && $0.value == $1.value }
        default: false
        }
    }
}
