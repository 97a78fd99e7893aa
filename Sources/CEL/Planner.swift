import Diagnostics

/// Turns a checked tree into evaluators, and works out at load what is always the same.
struct Planner {
    private let text: PlacedText
    private let environment: Environment
    /// Steps that folding may still take for this expression, so that loading stays quick.
    private var foldingSteps = 10 * Limits.steps
    /// How many macros' variables surround the part that is planned.
    private var depth = 0
    /// What is wrong with patterns and other arguments that are known at load.
    private var mistakes: [Mistake] = []

    private struct Mistake {
        let rule: Rule
        let message: String
        let range: Range<Int>
        var help: String?
    }

    init(_ text: PlacedText, _ environment: Environment) {
        self.text = text
        self.environment = environment
    }

    /// A planned part, and what is known of it.
    private struct Plan {
        var evaluator: any Evaluator
        /// Depends on nothing that a call brings.
        var isPure = true
        /// The lowest slot of a macro's variable that it reads.
        var lowestSlot = Int.max
        /// The value, if nothing but the manifest's own text goes into it.
        var constant: Value?
        /// The value, if nothing else than that and data goes into it. To lint that is no constant: a condition on a switch
        /// in a data file is meant to be turned.
        var known: Value?
        var readsData = false
        /// What fails whenever this part is evaluated, and where.
        var failure: (range: Range<Int>, error: EvaluationError)?
        var nodes = 1
    }

    mutating func program(
        _ typed: Typed, expecting: ValueType?, _ usage: Usage, _ findings: inout Findings
    ) -> Program? {
        var plan = self.plan(typed)
        for mistake in mistakes {
            findings.report(mistake.rule, mistake.message, at: text.range(mistake.range), help: mistake.help)
        }
        guard mistakes.isEmpty else { return nil }
        if let failure = plan.failure {
            findings.report(
                ExpressionRules.constantFailure, "this always fails: \(failure.error.message)",
                at: text.range(failure.range), help: "it reads nothing of the call: change the expression")
            return nil
        }
        if let expecting, expecting != typed.type, !expecting.isDynamic, plan.constant.map(expecting.holds) != true {
            plan.evaluator = Expect(expecting, plan.evaluator)
            if let constant = plan.constant {
                findings.report(
                    ExpressionRules.typeMismatch, "expected \(expecting.expected), found \(constant.typeName)",
                    at: text.range(typed.range))
                return nil
            }
        }
        return Program(
            plan.evaluator, type: typed.type.isDynamic ? expecting ?? .dyn : typed.type, usage: usage,
            constant: plan.constant, text: text.string, ambient: environment.ambient)
    }

    private mutating func plan(_ typed: Typed) -> Plan {
        switch typed.kind {
        case .constant(let value):
            return Plan(evaluator: Constant(value), constant: value, known: value)
        case .failed:
            return Plan(evaluator: Constant(.failure("the expression has mistakes")))
        case .read(let reader, let missing):
            if let field = reader as? any FieldReader { return leaf(ReadField(field, missing: missing), reader) }
            return leaf(Read(reader, missing: missing), reader)
        case .readOptional(let reader):
            if let field = reader as? any FieldReader { return leaf(ReadField(field, missing: nil), reader) }
            return leaf(ReadOptional(reader), reader)
        case .presence(let reader):
            if let field = reader as? any FieldReader { return leaf(PresenceOfField(field), reader) }
            return leaf(Presence(reader), reader)
        case .readNamed(let root, let name, let optional):
            return combine(typed, [plan(name)], isPure: false) { ReadNamed(root, $0[0], optional: optional) }
        case .presenceNamed(let root, let name):
            return combine(typed, [plan(name)], isPure: false) { PresenceNamed(root, $0[0]) }
        case .variable(let slot): return Plan(evaluator: Variable(slot), lowestSlot: slot)
        case .select(let object, let field, let optional):
            return combine(typed, [plan(object)]) { [body = nameOfBody(object)] in
                Select($0[0], field, optional: optional, body: body)
            }
        case .presenceIn(let object, let field):
            return combine(typed, [plan(object)]) { [body = nameOfBody(object)] in HasField($0[0], field, body: body) }
        case .index(let object, let key, let optional):
            return combine(typed, [plan(object), plan(key)]) { Index($0[0], $0[1], optional: optional) }
        case .call(let name, let overloads, let arguments): return plan(typed, name, overloads, arguments)
        case .loop(let macro, let over, let slot, let pairs, let condition, let body):
            return plan(typed, macro, over, slot, pairs, condition, body)
        case .unary(let symbol, let operand):
            return combine(typed, [plan(operand)]) { parts -> any Evaluator in
                symbol == .not ? Not(parts[0]) : Negate(parts[0])
            }
        case .binary(let symbol, let left, let right):
            let concatenates = symbol == .add && left.type == .string && right.type == .string
            return combine(typed, [plan(left), plan(right)]) { parts in
                concatenates ? Concatenation(parts[0], parts[1]) : Self.binary(symbol, parts[0], parts[1])
            }
        case .and(let terms):
            return combine(typed, terms.map { plan($0) }, absorbing: true) { And($0) }
        case .or(let terms):
            return combine(typed, terms.map { plan($0) }, absorbing: true) { Or($0) }
        case .conditional(let condition, let yes, let no):
            let test = plan(condition)
            if case .bool(let flag)? = test.known {
                var chosen = plan(flag ? yes : no)
                if test.readsData {
                    chosen.readsData = true
                    chosen.constant = nil
                }
                return chosen
            }
            return combine(typed, [test, plan(yes), plan(no)]) { Conditional($0[0], $0[1], $0[2]) }
        case .list(let elements):
            return combine(typed, elements.map { plan($0.value) }) { parts in
                ListOf(zip(parts, elements).map { ($0, $1.optional) })
            }
        case .map(let entries):
            return combine(typed, entries.flatMap { [plan($0.key), plan($0.value)] }) { parts in
                MapOf(entries.indices.map { (parts[2 * $0], parts[2 * $0 + 1], entries[$0].optional) })
            }
        case .message(let type, let entries):
            return combine(typed, entries.map { plan($0.value) }) { parts in
                MessageOf(type, zip(parts, entries).map { ($1.field, $0, $1.optional) })
            }
        }
    }

    /// What the expression calls the request's body, if that is what it reads.
    private func nameOfBody(_ typed: Typed) -> String? {
        let name = String(decoding: text.bytes[typed.range], as: UTF8.self)
        return name == "body" || name == "request.body" ? name : nil
    }

    private mutating func leaf(_ evaluator: any Evaluator, _ reader: any Reader) -> Plan {
        guard reader.isFixed else { return Plan(evaluator: evaluator, isPure: false) }
        return Plan(evaluator: evaluator, known: evaluated(evaluator), readsData: true)
    }

    private static func binary(
        _ symbol: BinaryOperator, _ left: any Evaluator, _ right: any Evaluator
    ) -> any Evaluator {
        switch symbol {
        case .add, .subtract, .multiply, .divide, .remainder: Arithmetic(symbol, left, right)
        case .equal: Equal(left, right, wanted: true)
        case .unequal: Equal(left, right, wanted: false)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: Ordered(symbol, left, right)
        case .contains: Contains(left, right)
        }
    }

    private mutating func plan(
        _ typed: Typed, _ name: String, _ overloads: [Overload], _ arguments: [Typed]
    ) -> Plan {
        let parts = arguments.map { plan($0) }
        let planning = overloads.first?.planning
        if case .otherwise(let unwraps)? = planning, parts.count == 2 {
            let wrapped = arguments[0].type.wrapped ?? .dyn
            let isPlain = !wrapped.isDynamic && !wrapped.isOptional
            return combine(typed, parts) { OrElse($0[0], $0[1], unwraps: unwraps, isPlain: isPlain) }
        }
        if case .pattern(let operation)? = planning, parts.count > 1, case .string(let pattern)? = parts[1].known {
            return plan(typed, operation, pattern, parts, arguments, isPure: overloads.allSatisfy(\.isPure))
        }
        // What was written out was looked at by the checker; this is for what was worked out since.
        let known = zip(arguments, parts).map { argument, part in
            part.known.map { Typed(.constant($0), argument.type, argument.range) } ?? argument
        }
        if let fault = Overload.fault(of: overloads, known, environment.ambient) {
            mistakes.append(
                Mistake(
                    rule: ExpressionRules.constantFailure, message: fault.message,
                    range: arguments[fault.argument].range))
        }
        if case .written(let make)? = planning, parts.isEmpty {
            return combine(typed, parts, isPure: overloads.allSatisfy(\.isPure)) { _ in make() }
        }
        if case .format? = planning, parts.count == 2, case .string(let text)? = parts[0].known,
            case .success(let format) = FormatText.read(text)
        {
            return combine(typed, parts) { FormatCall(format, $0[1]) }
        }
        let isCertain = overloads.allSatisfy { overload in
            zip(overload.parameters, arguments).allSatisfy { $0.isDynamic || !$1.type.isDynamic }
        }
        return combine(typed, parts, isPure: overloads.allSatisfy(\.isPure)) {
            Call.of(name, overloads, $0, isCertain: isCertain)
        }
    }

    /// A function whose pattern is known: it is compiled now, and what is wrong with it is found now.
    private mutating func plan(
        _ typed: Typed, _ operation: PatternOperation, _ pattern: String, _ parts: [Plan], _ arguments: [Typed],
        isPure: Bool
    ) -> Plan {
        var at = 1
        do throws(PatternError) {
            let expression = try operation.fitted(RegularExpression(pattern))
            at = 2
            var replacement: Replacement?
            if parts.count > 2, case .string(let text)? = parts[2].known {
                replacement = try Replacement(text, groups: expression.groups.count)
            }
            return combine(typed, parts, isPure: isPure) {
                PatternCall(operation, expression, $0[0], Array($0.dropFirst(2)), replacement)
            }
        } catch {
            var range = arguments[at].range
            if case .constant(.string(let written)) = arguments[at].kind {
                range = PatternPlace.range(error.range, of: written, in: range, text.bytes)
            }
            mistakes.append(
                Mistake(rule: ExpressionRules.badRegex, message: error.message, range: range, help: error.help))
            return Plan(evaluator: Constant(.failure(error.message)), isPure: false)
        }
    }

    private mutating func plan(
        _ typed: Typed, _ macro: Macro, _ over: Typed, _ slot: Int, _ pairs: Bool, _ condition: Typed?,
        _ body: Typed
    ) -> Plan {
        let source = plan(over)
        depth = slot + (pairs ? 2 : 1)
        var inner = [plan(body)] + (condition.map { [plan($0)] } ?? [])
        depth = slot
        let cost = inner.reduce(1) { $0 + $1.nodes }
        for at in inner.indices where inner[at].lowestSlot >= slot {
            // Its own variable is bound here; those of loops further out stay free.
            inner[at].lowestSlot = .max
        }
        // What is bound may fail and never be looked at.
        let absorbing = macro == .all || macro == .exists || macro == .bind
        return combine(typed, [source] + inner, absorbing: absorbing) { parts in
            switch macro {
            case .optMap, .optFlatMap:
                OptionalMap(over: parts[0], slot: slot, body: parts[1], flat: macro == .optFlatMap)
            case .bind: Bind(parts[0], slot: slot, body: parts[1])
            case .sortBy: SortBy(over: parts[0], slot: slot, key: parts[1], cost: cost)
            default:
                Loop(
                    macro, over: parts[0], slot: slot, pairs: pairs, condition: parts.count > 2 ? parts[2] : nil,
                    body: parts[1], cost: cost)
            }
        }
    }

    /// Makes one part of several. What depends on nothing is evaluated now.
    ///
    /// - Parameter absorbing: whether the whole can succeed though a part always fails.
    private mutating func combine(
        _ typed: Typed, _ parts: [Plan], isPure: Bool = true, absorbing: Bool = false,
        _ make: ([any Evaluator]) -> any Evaluator
    ) -> Plan {
        var plan = Plan(evaluator: make(parts.map(\.evaluator)))
        plan.isPure = isPure && parts.allSatisfy(\.isPure)
        plan.lowestSlot = parts.map(\.lowestSlot).min() ?? .max
        plan.nodes = parts.reduce(1) { $0 + $1.nodes }
        plan.readsData = parts.contains(where: \.readsData)
        let failure = parts.lazy.compactMap(\.failure).first
        if !absorbing { plan.failure = failure }
        guard plan.isPure, plan.lowestSlot == .max, foldingSteps >= Limits.steps else { return plan }
        let value = evaluated(plan.evaluator)
        if case .error(let error) = value {
            plan.failure = failure.map { ($0.range, error) } ?? (typed.range, error)
        } else {
            plan.failure = nil
            plan.known = value
            plan.evaluator = Constant(value)
            if !plan.readsData { plan.constant = value }
        }
        return plan
    }

    /// The value of what depends on nothing: the context is never looked at.
    private mutating func evaluated(_ evaluator: any Evaluator) -> Value {
        var nothing: UInt8 = 0
        var ambient = environment.ambient
        return withUnsafeMutablePointer(to: &nothing) { pointer in
            withUnsafePointer(to: &ambient) { ambient in
                var frame = Frame(Context(UnsafeMutableRawPointer(pointer)), ambient)
                frame.variables = Array(repeating: .null, count: depth)
                let value = evaluator.evaluate(&frame)
                foldingSteps -= Limits.steps - max(frame.steps, 0)
                return value
            }
        }
    }
}
