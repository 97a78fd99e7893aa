/// The message types that the expressions of one place can name.
package protocol MessageTypes: Sendable {
    /// The full names, for lists and suggestions.
    var names: [String] { get }

    /// The type of this full name, without a dot in front; nil if there is none.
    func type(named name: String) -> (any MessageType)?

    /// The enum of this full name; nil if there is none.
    func enumeration(named name: String) -> EnumType?

    /// The proto package that names are looked up in, the innermost first: with `a.b`, `C` is `a.b.C`, `a.C` or `C`.
    var container: String { get }
}

extension MessageTypes {
    package func enumeration(named name: String) -> EnumType? { nil }
    package var container: String { "" }

    /// The full names that a name may stand for, in the order in which they are tried (cel-spec, "Name Resolution").
    func candidates(_ name: String, isAbsolute: Bool) -> [String] {
        var found: [String] = []
        var scope = isAbsolute ? "" : container[...]
        while !scope.isEmpty {
            found.append(scope + "." + name)
            scope = scope.lastIndex(of: ".").map { scope[..<$0] } ?? ""
        }
        return found + [name]
    }

    /// A full name as it may be written here.
    func shortened(_ name: String) -> String {
        let start = container + "."
        guard !container.isEmpty, name.utf8.starts(with: start.utf8) else { return name }
        return String(decoding: name.utf8.dropFirst(start.utf8.count), as: UTF8.self)
    }
}

/// An enum, whose values are ints to expressions: `pkg.Color.RED`.
package struct EnumType: Sendable {
    /// The full name.
    package let name: String
    package let values: [(name: String, number: Int64)]

    package init(_ name: String, _ values: [(name: String, number: Int64)]) {
        self.name = name
        self.values = values
    }
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
    /// What is written into it.
    package let type: ValueType
    /// What reading gives: a wrapper that is not set is null.
    package let reads: ValueType
    /// Whether it holds a message: null may be written then, and leaves the field unset.
    package let takesNull: Bool
    /// What JSON calls it; who writes that is told the name.
    package let jsonName: String?
    /// The full name of the enum whose values it holds.
    package let enumeration: String?

    package init(
        _ name: String, _ type: ValueType, takesNull: Bool = false, reads: ValueType? = nil, jsonName: String? = nil,
        enumeration: String? = nil
    ) {
        self.name = name
        self.type = type
        self.reads = reads ?? type
        self.takesNull = takesNull
        self.jsonName = jsonName
        self.enumeration = enumeration
    }
}
