/// The message types that the expressions of one place can name.
package protocol MessageTypes: Sendable {
    /// The full names, for lists and suggestions.
    var names: [String] { get }

    /// The type of this full name, without a dot in front; nil if there is none.
    func type(named name: String) -> (any MessageType)?
}

/// A message type: which fields it has, and what `Name{field: value}` gives.
package protocol MessageType: Sendable {
    /// The full name: `google.protobuf.Timestamp`.
    var name: String { get }
    var fields: [MessageField] { get }
    /// The type of what is made. A well-known type makes a value of CEL's own, another one a message.
    var made: ValueType { get }

    /// The message, or `.error` where the values do not make one.
    ///
    /// - Parameter values: those of `fields`, in that order and of their types; nil where a field is not set.
    func make(_ values: [Value?]) -> Value
}

extension MessageType {
    /// The place of a field in `fields`; nil if there is none of this name.
    func place(of field: String) -> Int? { fields.firstIndex { sameBytes($0.name, field) } }
}

/// A field of a message type, as expressions see it.
package struct MessageField: Sendable {
    package let name: String
    package let type: ValueType
    /// Whether it holds a message: null may be written then, and leaves the field unset.
    package let takesNull: Bool

    package init(_ name: String, _ type: ValueType, takesNull: Bool = false) {
        self.name = name
        self.type = type
        self.takesNull = takesNull
    }
}
