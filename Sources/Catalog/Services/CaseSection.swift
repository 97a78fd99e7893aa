package import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// A condition with what answers where it is true.
package protocol AnswerCase: ManifestSection {
    var when: Expression? { get }
    var delay: Delay? { get }
    var responder: (any ResponderSection)? { get }
    /// Its key.
    var responderName: String { get }
}

/// What answers a route or a method.
package protocol AnsweringSection: ManifestSection {
    /// The one that answers where no case does.
    var responder: (any ResponderSection)? { get }
    /// Its key; `cases` where there is none.
    var responderName: String { get }
    var delay: Delay? { get }
    var fault: Fault? { get }
    /// Its cases, in order.
    var conditions: [(section: any AnswerCase, range: SourceRange?)] { get }
}

/// One of a route's `cases`: what answers instead, if its condition is true.
package struct CaseSection: AnswerCase {
    package var when: Expression?
    package var template: TemplateSection?
    package var echo: Echo?
    package var redirect: Redirect?
    package var delay: Delay?

    package init() {}

    package static let key = "a case"
    package static let doc = "A condition, and what answers where it is true."
    package static let fields: [Field<CaseSection>] = [
        Field(
            "when", \.when, doc: "The condition, a CEL expression that gives a bool.",
            example: "query.?debug.hasValue()", required: true),
        Field("template", \.template, doc: TemplateSection.doc, example: "Hello {{ path.name }}"),
        Field("echo", \.echo, doc: Echo.doc, example: "request"),
        Field("redirect", \.redirect, doc: Redirect.doc, example: "/new/{{ path.id }}"),
        Field("delay", \.delay, doc: "How long this case waits, in place of the route's delay.", example: "250ms"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        OneResponder.lint(
            node, knownKeys: Self.fields.map(\.name), what: "a case", among: OneResponder.routeKeys, isOptional: false,
            &findings)
    }

    package var responder: (any ResponderSection)? { template ?? echo ?? redirect }
    package var responderName: String { template != nil ? "template" : echo != nil ? "echo" : "redirect" }
}

/// The rule that one thing answers.
enum OneResponder {
    static let routeKeys = ["template", "echo", "redirect"]
    static let methodKeys = ["template", "echo"]

    /// - Parameters:
    ///   - keys: those of responders.
    ///   - isOptional: whether none may be there, since cases answer.
    static func lint(
        _ node: Node, knownKeys: [String], what: String, among keys: [String], isOptional: Bool,
        _ findings: inout Findings
    ) {
        let given = keys.compactMap { node.entry($0) }.sorted { $0.key.range.start < $1.key.range.start }
        guard let first = given.first else {
            if isOptional { return }
            // A key that nobody knows, or has no colon, has been told of, and is likely the responder that is missing.
            if findings.has(YAMLRules.comma, within: node.range) { return }
            let isKnown = { (entry: Node.Entry) in knownKeys.contains { $0.utf8.elementsEqual(entry.name.utf8) } }
            guard node.entries?.allSatisfy({ $0.isExtension || isKnown($0) }) ?? true else { return }
            findings.report(
                CatalogRules.oneResponder, "\(what) needs something that answers", at: node.heading,
                label: "no responder here", help: "add " + inWords(keys))
            return
        }
        for other in given.dropFirst() {
            findings.report(
                CatalogRules.oneResponder, "`\(other.name)` is a second responder", at: other.key.range,
                help: "keep one of them", related: [Finding.Related(first.key.range, "the first one is here")])
        }
    }

    private static func inWords(_ keys: [String]) -> String {
        let quoted = keys.map { "`\($0)`" }
        guard quoted.count > 2, let last = quoted.last else { return quoted.joined(separator: " or ") }
        return "one of " + quoted.dropLast().joined(separator: ", ") + " and " + last
    }
}

/// A route's cases, ready: a stage that chooses, one that waits, and a responder that hands on to the chosen one.
package struct CompiledCases {
    package let choice: any Middleware
    package let delay: (any Middleware)?
    package let responder: any Responder

    /// - Parameters:
    ///   - cases: in their order.
    ///   - ownResponder: what answers if none is true; nil if the route has no responder of its own.
    ///   - ownDelay: the route's delay, for cases without one.
    package init?(
        _ cases: [(section: any AnswerCase, range: SourceRange?)], ownResponder: (any Responder)?,
        ownDelay: (any Middleware)?, route: SourceRange,
        _ scope: CompileScope, _ findings: inout Findings
    ) {
        guard let parts = Parts(cases, ownResponder: ownResponder, route: route, scope, &findings) else { return nil }
        let delays = cases.map { item in item.section.delay.map { $0.stage(scope, &findings) } ?? ownDelay }
        choice = Choice(parts.conditions)
        delay = delays.contains { $0 != nil } || ownDelay != nil ? ChosenDelay(own: ownDelay, cases: delays) : nil
        responder = ChosenResponder(own: ownResponder, cases: parts.responders)
    }

    /// The conditions and what answers where each is true.
    struct Parts {
        let conditions: CaseConditions
        private(set) var responders: [any Responder] = []

        /// Nil if something is wrong, which is told.
        init?(
            _ cases: [(section: any AnswerCase, range: SourceRange?)], ownResponder: (any Responder)?,
            route: SourceRange, _ scope: CompileScope, _ findings: inout Findings
        ) {
            var isComplete = ownResponder != nil
            var conditions: [Program] = []
            for (index, item) in cases.enumerated() {
                let scope = scope.at(scope.place.key("cases").item(index))
                let condition = item.section.when.flatMap { scope.check($0, expecting: .bool, &findings) }
                let responder = item.section.responder?.responder(scope, &findings)
                if case .bool(true)? = condition?.constant {
                    isComplete = true
                    if index + 1 < cases.count, let next = cases[index + 1].range, let range = item.range {
                        findings.report(
                            CatalogRules.unreachableCase, "this case is never reached", at: next,
                            help: "put it before the one that is always true, or drop it",
                            related: [Finding.Related(range, "this one is always true")])
                    }
                }
                guard let condition, let responder else { continue }
                conditions.append(condition)
                responders.append(responder)
            }
            if !isComplete {
                findings.report(
                    CatalogRules.oneResponder, "nothing answers where no case is true", at: route,
                    help: "add a responder to the route, or a last case with `when: true`")
                return nil
            }
            guard conditions.count == cases.count else { return nil }
            self.conditions = CaseConditions(conditions)
        }
    }

    private final class Choice: Middleware {
        let moments: Moments = [.admit]
        private let conditions: CaseConditions

        init(_ conditions: CaseConditions) { self.conditions = conditions }

        func admit(_ exchange: inout Exchange) -> Verdict { conditions.choose(&exchange) ? .proceed : .refuse }
    }

    private final class ChosenDelay: Middleware {
        let moments: Moments = [.admit]
        private let own: (any Middleware)?
        private let cases: [(any Middleware)?]

        init(own: (any Middleware)?, cases: [(any Middleware)?]) {
            self.own = own
            self.cases = cases
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            chosen(exchange)?.admit(&exchange) ?? .proceed
        }

        func foretold(_ exchange: inout Exchange) -> String? { chosen(exchange)?.foretold(&exchange) }

        private func chosen(_ exchange: borrowing Exchange) -> (any Middleware)? {
            cases.chosen(exchange.chosenCase) ?? own
        }
    }

    /// Hands on to what was chosen.
    final class ChosenResponder: Responder {
        let intake: Intake
        let answersAlone: Bool
        private let own: (any Responder)?
        private let cases: [any Responder]

        init(own: (any Responder)?, cases: [any Responder]) {
            self.own = own
            self.cases = cases
            let all = (own.map { [$0] } ?? []) + cases
            answersAlone = all.allSatisfy(\.answersAlone)
            let intakes = all.map(\.intake)
            // Where they differ the body is held: who wants it in pieces takes it as one.
            let first = intakes.first ?? .nothing
            intake = intakes.allSatisfy { $0 == first } ? first : .wholeBody
        }

        func start(_ exchange: inout Exchange) -> Step { chosen(exchange)?.start(&exchange) ?? none(&exchange) }
        func input(_ exchange: inout Exchange) -> Step { chosen(exchange)?.input(&exchange) ?? none(&exchange) }
        func resume(_ exchange: inout Exchange) -> Step { chosen(exchange)?.resume(&exchange) ?? none(&exchange) }

        private func chosen(_ exchange: borrowing Exchange) -> (any Responder)? {
            cases.chosen(exchange.chosenCase) ?? own
        }

        /// Cannot be: a route without a responder of its own has a case that is always true.
        private func none(_ exchange: inout Exchange) -> Step {
            exchange.fail(Failure(.internal, "no case is true"))
            return .fail
        }
    }
}

/// The conditions of cases, in their order.
struct CaseConditions {
    private let conditions: [Program]

    init(_ conditions: [Program]) { self.conditions = conditions }

    /// Sets the `chosenCase`, 0 where none is true; false where a condition failed, and the exchange with it.
    func choose(_ exchange: inout Exchange) -> Bool {
        exchange.chosenCase = 0
        for (index, condition) in conditions.enumerated() {
            let value = condition.evaluate(exchange.context)
            exchange.conditionTrace?.note(condition, value)
            switch value {
            case .bool(true):
                exchange.chosenCase = index + 1
                return true
            case .bool(false): continue
            case .error(let error):
                _ = exchange.failEvaluation(error, readsClient: condition.readsClient)
                return false
            default:
                _ = exchange.failEvaluation(
                    EvaluationError("a case's condition is neither true nor false"),
                    readsClient: condition.readsClient)
                return false
            }
        }
        return true
    }
}

extension Array {
    /// What belongs to a `chosenCase`; nil where none was chosen.
    func chosen(_ number: Int) -> Element? { number > 0 && number <= count ? self[number - 1] : nil }
}
