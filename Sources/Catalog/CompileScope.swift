package import CEL
package import Diagnostics
package import Manifests
import Pipeline
package import Telemetry

/// What a section may look at when it becomes a part of the plan: the route it is compiled for.
package struct CompileScope {
    /// What the server calls itself: `service.name` in telemetry.
    package let serverName: String
    /// Where access logs go; nil where nothing is to be opened, as for `lint`.
    package let outputs: LogOutputs?
    private let wildcards: [String]
    private let restIsLast: Bool
    private let states: SharedStates
    private let needs = Needs()
    /// The section that is being compiled, as its scopes merged to it.
    private var section: Node?
    private var variables: [Root.Field] = []
    private var isForErrors = false

    /// - Parameters:
    ///   - wildcards: the names of the pattern's wildcards, in order.
    ///   - restIsLast: whether the last of them is a `{name...}`.
    package init(serverName: String, wildcards: [String], restIsLast: Bool, outputs: LogOutputs?, states: SharedStates)
    {
        self.serverName = serverName
        self.wildcards = wildcards
        self.restIsLast = restIsLast
        self.outputs = outputs
        self.states = states
    }

    /// Adds named expressions, each of which sees those before it.
    package mutating func define(_ variables: Named<Expression>, _ findings: inout Findings) {
        for (index, entry) in variables.entries.enumerated() {
            // Whether it needs the body counts only where somebody reads it.
            let environment = self.environment(.afterBody)
            guard let program = entry.value.check(environment, expecting: nil, &findings) else { continue }
            if needs.reads(program) { needs.variablesOfBody.insert(entry.name) }
            self.variables.append(
                Root.Field(
                    entry.name, program.type, VariableReader(index: index, program: program),
                    sentByClient: program.readsClient))
        }
    }

    /// The same scope, for the page of a failure.
    var forErrors: CompileScope {
        var scope = self
        scope.isForErrors = true
        return scope
    }

    /// The same scope, for one section.
    func of(_ section: Node?) -> CompileScope {
        var scope = self
        scope.section = section
        return scope
    }

    /// State that all routes share whose section comes from the same place; an override makes its own.
    func shared<State: AnyObject>(_ make: () -> State) -> State {
        guard let section else { return make() }
        return states.state(for: section, make)
    }

    /// What an expression sees, by the moment at which it is evaluated.
    package enum Moment {
        case beforeBody
        case afterBody
    }

    /// Whether some expression of the route reads the request's body, which must be held in memory then.
    package var needsBody: Bool { needs.body }

    package func check(
        _ expression: Expression, at moment: Moment = .afterBody, expecting: ValueType? = nil,
        _ findings: inout Findings
    ) -> Program? {
        let program = expression.check(environment(moment), expecting: expecting, &findings)
        if let program { needs.note(program) }
        return program
    }

    package func check(
        _ template: Template, at moment: Moment = .afterBody, _ encoding: Encoding, _ findings: inout Findings
    ) -> TemplateProgram? {
        let program = template.check(environment(moment), encoding, &findings)
        if let program { needs.note(program) }
        return program
    }

    private func environment(_ moment: Moment) -> Environment {
        let hasBody = moment == .afterBody
        return Names.route(
            wildcards: wildcards, restIsLast: restIsLast, hasBody: hasBody, isError: isForErrors,
            variables: hasBody ? variables : variables.filter { !needs.variablesOfBody.contains($0.name) })
    }

    /// Filled while a route is compiled, which happens on one thread.
    private final class Needs {
        var body = false
        /// Names of variables that read the body.
        var variablesOfBody: Set<String> = []

        func note(_ program: Program) {
            if reads(program) { body = true }
        }

        func note(_ program: TemplateProgram) {
            if reads(program.reads) { body = true }
        }

        func reads(_ program: Program) -> Bool { reads(program.reads) }

        private func reads(_ names: Set<String>) -> Bool {
            names.contains("request.body") || names.contains("body")
                || variablesOfBody.contains { names.contains("variables.\($0)") }
        }
    }
}

/// What outlives a single route's stage: a gate, a bucket, by the place in the manifest that it belongs to. Filled
/// while a plan is made, on one thread.
package final class SharedStates {
    // The node is kept, so that its identity is not given to another one.
    private var states: [ObjectIdentifier: (node: Node, state: AnyObject)] = [:]

    package init() {}

    fileprivate func state<State: AnyObject>(for node: Node, _ make: () -> State) -> State {
        if let state = states[ObjectIdentifier(node)]?.state as? State { return state }
        let state = make()
        states[ObjectIdentifier(node)] = (node, state)
        return state
    }
}
