/// A name that expressions start from: path, query, headers, call, client, request.
package struct Root: Sendable {
    /// What may follow the root's name.
    package enum Fields: Sendable {
        /// These names only: another one is a finding.
        case closed([Field])
        /// Any name, each of this type unless its reader has one of its own. One that is missing at run time is an error
        /// that names it, or none behind `?.`.
        case open(ValueType, @Sendable (String) -> any Reader)
        /// None of its own: it is a value like any other, whose fields are looked up in it.
        case none
    }

    package struct Field: Sendable {
        package let name: String
        package let type: ValueType
        package let reader: any Reader
        /// Whether the client chose the value: a failure that comes of it is then the client's.
        package let sentByClient: Bool
        /// Whether nobody may be told of it: what fails because of it is told without its message.
        package let isSecret: Bool

        package init(
            _ name: String, _ type: ValueType, _ reader: any Reader, sentByClient: Bool, isSecret: Bool = false
        ) {
            self.name = name
            self.type = type
            self.reader = reader
            self.sentByClient = sentByClient
            self.isSecret = isSecret
        }
    }

    package let name: String
    /// Of the root as a whole.
    package let type: ValueType
    /// The root as a value; nil if only its fields can be read.
    package let whole: (any Reader)?
    package let fields: Fields
    package let sentByClient: Bool
    /// What a field of it is called in messages: `query parameter`.
    package let noun: String
    /// Whether names are lower case by nature, as header names are: a literal with capitals can never be found.
    package let lowerCaseNames: Bool

    /// - Parameter lowerCaseNames: if not given, true where the noun is `header`.
    package init(
        _ name: String, _ type: ValueType, whole: (any Reader)? = nil, fields: Fields, sentByClient: Bool,
        noun: String, lowerCaseNames: Bool? = nil
    ) {
        self.name = name
        self.type = type
        self.whole = whole
        self.fields = fields
        self.sentByClient = sentByClient
        self.noun = noun
        self.lowerCaseNames = lowerCaseNames ?? (noun == "header")
    }
}

/// What the expressions of one place can see.
package struct Environment: Sendable {
    package let roots: [Root]
    package let ambient: any Ambient
    /// Names that exist, but not here: root name, or `root.field`, → why, as the end of a sentence (`a rate limit runs
    /// before the body`).
    package let elsewhere: [String: String]
    package let messages: any MessageTypes

    package init(
        roots: [Root], ambient: any Ambient, elsewhere: [String: String] = [:],
        messages: any MessageTypes = WellKnownTypes()
    ) {
        self.roots = roots
        self.ambient = ambient
        self.elsewhere = elsewhere
        self.messages = messages
    }

    func root(_ name: String) -> Root? { roots.first { sameBytes($0.name, name) } }
}
