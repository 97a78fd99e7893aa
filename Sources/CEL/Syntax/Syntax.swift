/// A part of an expression as written. A class, so that a deep tree is made and passed without copying.
final class Syntax: Sendable {
    enum Kind: Sendable {
        case literal(Value)
        case name(String)
        case select(Syntax, Name, optional: Bool)
        /// `has(a.b)`
        case presence(Syntax, Name)
        case index(Syntax, Syntax, optional: Bool)
        case call(Name, target: Syntax?, [Syntax])
        case comprehension(Comprehension)
        case unary(UnaryOperator, Syntax)
        case binary(BinaryOperator, Range<Int>, Syntax, Syntax)
        /// `a && b && c` is one: long chains stay flat.
        case and([Syntax])
        case or([Syntax])
        case conditional(Syntax, Syntax, Syntax)
        case list([Element])
        case map([Entry])
        /// `Name{field: value}`
        case message(Name, [MessageEntry])
    }

    /// A field, function or variable name with its place.
    struct Name: Sendable {
        enum Form: Sendable {
            case word
            /// In back quotes, which the range leaves out.
            case quoted
            /// In a string literal; the range is inside of its quotes.
            case literal
            /// In a string literal with escapes; the range is the whole literal.
            case escaped
        }

        let text: String
        let range: Range<Int>
        var form = Form.word

        /// What to put in the name's place for another name; nil where that is not plain.
        func replacement(_ other: String) -> String? {
            let isWord = other.utf8.first.map(Lexer.startsName) == true && other.utf8.allSatisfy(Lexer.continuesName)
            switch form {
            case .word: return isWord ? other : "`\(other)`"
            case .quoted: return other
            case .literal: return other.utf8.contains { [0x22, 0x27, 0x5C].contains($0) } ? nil : other
            case .escaped: return nil
            }
        }
    }

    struct Element: Sendable {
        let value: Syntax
        let optional: Bool
    }

    struct Entry: Sendable {
        let key: Syntax
        let value: Syntax
        let optional: Bool
    }

    struct MessageEntry: Sendable {
        let field: Name
        let value: Syntax
        let optional: Bool
    }

    struct Comprehension: Sendable {
        let macro: Macro
        let name: Name
        let over: Syntax
        let variable: Name
        /// The value beside an index or a key: `all(i, x, body)`.
        let second: Name?
        let body: Syntax
        /// `map(x, condition, body)`
        let condition: Syntax?
    }

    let kind: Kind
    /// In the bytes of the expression's text.
    let range: Range<Int>
    let height: Int

    init(_ kind: Kind, _ range: Range<Int>) {
        self.kind = kind
        self.range = range
        self.height = 1 + (kind.children.map(\.height).max() ?? 0)
    }
}

extension Syntax.Kind {
    fileprivate var children: [Syntax] {
        switch self {
        case .literal, .name: []
        case .select(let operand, _, _), .presence(let operand, _), .unary(_, let operand): [operand]
        case .index(let a, let b, _), .binary(_, _, let a, let b): [a, b]
        case .call(_, let target, let arguments): (target.map { [$0] } ?? []) + arguments
        case .comprehension(let it): [it.over, it.body] + (it.condition.map { [$0] } ?? [])
        case .and(let terms), .or(let terms): terms
        case .conditional(let a, let b, let c): [a, b, c]
        case .list(let elements): elements.map(\.value)
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .message(_, let entries): entries.map(\.value)
        }
    }
}

/// What binds a variable and runs over a list or a map; `optMap` and `optFlatMap` over an optional, `cel.bind` over
/// nothing.
enum Macro: String, Sendable, CaseIterable {
    case all
    case exists
    case existsOne = "exists_one"
    case map
    case filter
    case optMap
    case optFlatMap
    case transformList
    case transformMap
    case transformMapEntry
    case sortBy
    case bind = "cel.bind"

    /// A macro called on a value, by the name that is written.
    init?(method: String) {
        // Two spellings of one: the language's, and that of the extension with two variables.
        if method == "existsOne" {
            self = .existsOne
            return
        }
        guard let macro = Self.byName[method], macro != .bind else { return nil }
        self = macro
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    static let methodNames = allCases.filter { $0 != .bind }.map(\.rawValue) + ["existsOne"]

    /// Whether it runs over values of that type, as far as that is known.
    func runs(over type: ValueType) -> Bool {
        switch (self, type) {
        case (.bind, _): false
        case (_, .dyn), (.optMap, .optional), (.optFlatMap, .optional): true
        case (.optMap, _), (.optFlatMap, _): false
        case (_, .list): true
        case (.sortBy, _): false
        case (_, .map): true
        default: false
        }
    }

    /// Whether it can run with two variables, and whether with one.
    var variableCounts: ClosedRange<Int> {
        switch self {
        case .all, .exists, .existsOne: 1...2
        case .transformList, .transformMap, .transformMapEntry: 2...2
        default: 1...1
        }
    }

    /// Whether a condition may stand before the body.
    var takesCondition: Bool {
        switch self {
        case .map, .transformList, .transformMap, .transformMapEntry: true
        default: false
        }
    }
}

enum UnaryOperator: String, Sendable {
    case not = "!"
    case negate = "-"
}

enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains = "in"
}
