/// A part of an expression whose names are resolved and whose type is known: what the planner reads.
final class Typed: Sendable {
    enum Kind: Sendable {
        case constant(Value)
        /// Reported already; nothing is planned then.
        case failed
        /// A field of a root, or a whole root.
        case read(any Reader, missing: EvaluationError)
        case readOptional(any Reader)
        case presence(any Reader)
        /// `headers[expression]`
        case readNamed(Root, Typed, optional: Bool)
        /// `expression in headers`
        case presenceNamed(Root, Typed)
        case variable(slot: Int)
        case select(Typed, String, optional: Bool)
        case presenceIn(Typed, String)
        case index(Typed, Typed, optional: Bool)
        case call(String, [Overload], [Typed])
        /// - Parameter pairs: whether a second variable, of the next slot, holds the value beside an index or a key.
        case loop(Macro, over: Typed, slot: Int, pairs: Bool, condition: Typed?, body: Typed)
        case unary(UnaryOperator, Typed)
        case binary(BinaryOperator, Typed, Typed)
        case and([Typed])
        case or([Typed])
        case conditional(Typed, Typed, Typed)
        case list([(value: Typed, optional: Bool)])
        case map([(key: Typed, value: Typed, optional: Bool)])
        /// - Parameter fields: each by its place in the type's list.
        case message(any MessageType, [(field: Int, value: Typed, optional: Bool)])
    }

    let kind: Kind
    let type: ValueType
    let range: Range<Int>

    init(_ kind: Kind, _ type: ValueType, _ range: Range<Int>) {
        self.kind = kind
        self.type = type
        self.range = range
    }
}

/// What an expression reads.
struct Usage: Sendable {
    var readsClient = false
    var readsSecret = false
    var reads: Set<String> = []
}
