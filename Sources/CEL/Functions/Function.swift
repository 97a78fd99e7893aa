/// A function that expressions can call, with the types it takes.
struct Function: Sendable {
    enum Style: Sendable {
        /// `size(x)`
        case function
        /// `x.size()`
        case method
    }

    let name: String
    let style: Style
    let overloads: [Overload]
    /// Whether it takes any number of numbers, which it is then given as one list.
    let gathersNumbers: Bool

    init(_ name: String, _ style: Style, gathersNumbers: Bool = false, _ overloads: [Overload]) {
        self.name = name
        self.style = style
        self.gathersNumbers = gathersNumbers
        self.overloads = overloads
    }

    /// How it is written, for messages: `size(string|list)`.
    var signatures: String {
        let rows = overloads.map { overload in overload.parameters.map { [$0 == .dyn ? "value" : Self.short($0)] } }
        return Self.merged(rows).map { written($0.map { $0.joined(separator: "|") }) }.joined(separator: ", ")
    }

    /// A call of it with these arguments.
    func written(_ arguments: [String]) -> String {
        switch style {
        case .function: "\(name)(\(arguments.joined(separator: ", ")))"
        case .method: "\(arguments.first ?? "").\(name)(\(arguments.dropFirst().joined(separator: ", ")))"
        }
    }

    /// Overloads, each a list of the types at each place, as few as can be: those that differ at one place are one.
    static func merged(_ rows: [[[String]]]) -> [[[String]]] {
        var out: [[[String]]] = []
        for row in rows {
            let at = out.firstIndex { $0.count == row.count && zip($0, row).count { $0 != $1 } == 1 }
            guard let at else {
                out.append(row)
                continue
            }
            out[at] = zip(out[at], row).map { types, more in types + more.filter { !types.contains($0) } }
        }
        return out.count < rows.count ? merged(out) : out
    }

    private static func short(_ type: ValueType) -> String {
        switch type {
        case .list(.dyn): "list"
        case .map(.dyn, .dyn): "map"
        case .optional(.dyn): "optional"
        default: type.description
        }
    }
}

/// One set of parameter types, and what is done with them.
struct Overload: Sendable {
    enum Body: Sendable {
        case none(@Sendable (inout Frame) -> Value)
        case one(@Sendable (Value, inout Frame) -> Value)
        case two(@Sendable (Value, Value, inout Frame) -> Value)
        case three(@Sendable (Value, Value, Value, inout Frame) -> Value)
        case four(@Sendable (Value, Value, Value, Value, inout Frame) -> Value)
    }

    /// What the planner makes of a call at load, where there is something better than to call `body` each time.
    enum Planning: Sendable {
        /// The second argument is evaluated only if the first is an empty optional.
        case otherwise(unwraps: Bool)
        /// A pattern that is known is compiled.
        case pattern(PatternOperation)
        /// A format that is known is read.
        case format
        /// What it gives is written without a value in between.
        case written(@Sendable () -> any Evaluator)
    }

    /// For a method the value that it is called on comes first.
    let parameters: [ValueType]
    private let resultType: @Sendable ([ValueType]) -> ValueType?
    /// The same arguments always give the same value: it can be worked out at load.
    let isPure: Bool
    /// What is wrong with arguments that are known at load though others are not.
    let check: Check?
    let planning: Planning?
    let body: Body

    /// Gives the argument at fault and a message that stands alone.
    typealias Check = @Sendable (_ arguments: [Typed], any Ambient) -> (argument: Int, message: String)?

    init(
        _ parameters: [ValueType], _ result: ValueType, isPure: Bool = true, check: Check? = nil,
        planning: Planning? = nil, _ body: Body
    ) {
        self.init(
            parameters, resultOf: { _ in result }, isPure: isPure, check: check, planning: planning, body)
    }

    /// - Parameter resultOf: the type of the result for these argument types; nil if they do not go together.
    init(
        _ parameters: [ValueType], resultOf: @escaping @Sendable ([ValueType]) -> ValueType?, isPure: Bool = true,
        check: Check? = nil, planning: Planning? = nil, _ body: Body
    ) {
        self.parameters = parameters
        self.resultType = resultOf
        self.isPure = isPure
        self.check = check
        self.planning = planning
        self.body = body
    }

    /// What is wrong with the arguments, whichever of the overloads it will be.
    static func fault(
        of overloads: [Overload], _ arguments: [Typed], _ ambient: any Ambient
    ) -> (argument: Int, message: String)? {
        var first: (argument: Int, message: String)?
        for overload in overloads {
            guard let fault = overload.check?(arguments, ambient), fault.argument < arguments.count else { return nil }
            first = first ?? fault
        }
        return first
    }

    /// The result for arguments of these types, or nil if it does not take them.
    func result(_ types: [ValueType]) -> ValueType? {
        guard types.count == parameters.count, zip(parameters, types).allSatisfy({ $0.accepts($1) }) else { return nil }
        return resultType(types)
    }
}
