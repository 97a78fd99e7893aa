package import CEL
package import Diagnostics
package import Manifests
package import Pipeline
package import Telemetry

/// What a section may look at when it becomes a part of the plan: the route it is compiled for.
package struct CompileScope {
    package let server: ServerFacts
    /// The service's name, and the pattern as the manifest has it; empty for what matches no route.
    package let service: String
    package let route: String
    /// `http.route`; empty for what matches no route.
    package let routePath: [UInt8]
    /// The method that is compiled; nil for an HTTP route.
    package let method: RPCMethod?
    /// `http.route` of each of its HTTP rules.
    package let httpPaths: [[UInt8]]
    /// Where access logs go; nil where nothing is to be opened, as for `lint`.
    package let outputs: LogOutputs?
    /// Where files are found that are read now.
    let surroundings: Surroundings
    private let data: [Root.Field]
    private let wildcards: [String]
    private let restIsLast: Bool
    private let states: SharedStates
    private let needs: Needs
    /// What the stages of this route remember of each call.
    package let words = StageWords()
    /// Where what is being compiled was written: the section of the deepest scope that says something.
    package private(set) var place: ManifestPlace
    private var variables: [Root.Field] = []
    private var isForErrors = false
    private var isForMessages = false
    private var isForResponder = false
    private var isForCases = false

    /// - Parameters:
    ///   - wildcards: the names of the pattern's wildcards, in order.
    ///   - restIsLast: whether the last of them is a `{name...}`.
    ///   - service: the service's name.
    ///   - route: the pattern as the manifest has it.
    ///   - routePath: `http.route`.
    ///   - httpPaths: `http.route` of each of the method's HTTP rules.
    ///   - place: the route's.
    ///   - data: what is read as `data.NAME`.
    ///   - states: what outlives the plan.
    ///   - surroundings: where files are found.
    package init(
        server: ServerFacts, service: String = "", route: String = "", routePath: [UInt8] = [],
        method: RPCMethod? = nil, httpPaths: [[UInt8]] = [], wildcards: [String],
        restIsLast: Bool, outputs: LogOutputs?, place: ManifestPlace, data: [Root.Field] = [], states: SharedStates,
        surroundings: Surroundings
    ) {
        self.server = server
        self.surroundings = surroundings
        self.service = service
        self.route = route
        self.routePath = routePath
        self.method = method
        self.httpPaths = httpPaths
        needs = Needs(isOfMethod: method != nil)
        self.wildcards = wildcards
        self.restIsLast = restIsLast
        self.outputs = outputs
        self.place = place
        self.data = data
        self.states = states
    }

    /// Adds named expressions, each of which sees those before it.
    package mutating func define(_ variables: Named<Expression>, _ findings: inout Findings) {
        for (index, entry) in variables.entries.enumerated() {
            // Whether it needs the body counts only where somebody reads it.
            let environment = self.environment(.afterBody)
            guard let program = entry.value.check(environment, expecting: nil, &findings) else { continue }
            if needs.reads(program) { needs.variablesOfBody.insert(entry.name) }
            if needs.canBeForged(program) { needs.forgeableVariables.insert(entry.name) }
            self.variables.append(
                Root.Field(
                    entry.name, program.type, VariableReader(index: index, program: program),
                    sentByClient: program.readsClient, isSecret: program.readsSecret))
        }
    }

    /// The same scope, for the page of a failure.
    var forErrors: CompileScope {
        var scope = self
        scope.isForErrors = true
        return scope
    }

    /// The same scope, for a message of a stream.
    var forMessages: CompileScope {
        var scope = self
        scope.isForMessages = true
        return scope
    }

    /// The same scope, for what answers: of a method whose client streams it sees the messages.
    package var forResponder: CompileScope {
        var scope = self
        scope.isForResponder = true
        return scope
    }

    /// The same scope, for what answers where something else chooses it, and keeps the messages of a stream.
    package var forStreamCases: CompileScope {
        var scope = self
        scope.isForCases = true
        return scope
    }

    /// The same scope, for what stands elsewhere.
    package func at(_ place: ManifestPlace) -> CompileScope {
        var scope = self
        scope.place = place
        return scope
    }

    /// State that outlives the plan. All routes share it whose section stands at the same place, and so does the same
    /// section of the next manifest; an override makes its own.
    ///
    /// - Parameter adjust: takes over settings that may have changed, once the plan is in force.
    func shared<State: AnyObject & Sendable>(
        _ make: () -> State, adjust: @escaping @Sendable (State) -> Void = { _ in }
    ) -> State {
        states.state(at: place, make, adjust: adjust)
    }

    /// What an expression sees, by the moment at which it is evaluated.
    package enum Moment {
        case beforeBody
        case afterBody
        /// When the answer is over: what a log or a metric tells of it.
        case afterAnswer
    }

    /// Whether some expression of the route reads the request's body, which must be held in memory then.
    package var needsBody: Bool { needs.body }
    /// Whether some expression of the method reads the messages of a stream, which must be held in memory then.
    package var needsRequests: Bool { needs.requests }
    /// The same, where what answers has to keep them itself.
    var keepsRequests: Bool { needs.requests && !isForCases }

    package func check(
        _ expression: Expression, at moment: Moment = .afterBody, expecting: ValueType? = nil,
        _ findings: inout Findings
    ) -> Program? {
        let program = expression.check(environment(moment), expecting: expecting, &findings)
        if let program { needs.note(program) }
        return program
    }

    /// Checks an expression for the earliest moment at which all that it reads is there, and says which that is.
    func checkEarly(
        _ expression: Expression, expecting: ValueType? = nil, _ findings: inout Findings
    ) -> (program: Program, moment: Moment)? {
        guard let program = check(expression, expecting: expecting, &findings) else { return nil }
        let readsSize = program.reads.contains("request.size")
        // How large a body is shows when all of it is there, and is held then.
        if readsSize { needs.body = true }
        return (program, readsSize || needs.reads(program) ? .afterBody : .beforeBody)
    }

    /// Whether a client can choose freely what the expression gives: it reads headers, cookies, the query or the body. The
    /// path is not counted, since it says what is asked for.
    func canBeForged(_ program: Program) -> Bool { needs.canBeForged(program) }

    package func check(
        _ template: Template, at moment: Moment = .afterBody, _ encoding: Encoding, _ findings: inout Findings
    ) -> TemplateProgram? {
        let program = template.check(environment(moment), encoding, &findings)
        if let program { needs.note(program) }
        return program
    }

    private func environment(_ moment: Moment) -> Environment {
        let hasBody = moment != .beforeBody
        let variables = hasBody ? variables : variables.filter { !needs.variablesOfBody.contains($0.name) }
        if let method {
            return Names.method(
                method, messages: messages(of: method, moment),
                whyNone: method.clientStreams
                    ? "the client sends many messages; what answers them can read it"
                    : "this runs before the message is read",
                isMessage: isForMessages, hasResponse: moment == .afterAnswer, server: server, data: data,
                variables: variables, laterVariables: hasBody ? [] : needs.variablesOfBody)
        }
        return Names.route(
            wildcards: wildcards, restIsLast: restIsLast, hasBody: hasBody, isError: isForErrors,
            isMessage: isForMessages, hasResponse: moment == .afterAnswer, server: server, data: data,
            variables: variables, laterVariables: needs.variablesOfBody)
    }

    private func messages(of method: RPCMethod, _ moment: Moment) -> Names.Messages {
        if !method.clientStreams { return moment == .beforeBody ? .none : .one }
        guard isForResponder else { return .none }
        return method.serverStreams ? .current : .all
    }

    /// Filled while a route is compiled, which happens on one thread.
    private final class Needs {
        var body = false
        var requests = false
        private let isOfMethod: Bool
        /// Names of variables that read the body.
        var variablesOfBody: Set<String> = []
        /// Names of variables that a client can choose.
        var forgeableVariables: Set<String> = []

        private static let forgeable: Set<String> = [
            "headers", "cookies", "query", "query_all", "body", "request.query", "request.target", "request.url",
            "request.host", "request.body", "request.size", "call.id", "client.port",
        ]

        init(isOfMethod: Bool) { self.isOfMethod = isOfMethod }

        func canBeForged(_ program: Program) -> Bool {
            !program.reads.isDisjoint(with: Self.forgeable) || isOfMethod && readsMessage(program.reads)
                || forgeableVariables.contains { program.reads.contains("variables.\($0)") }
        }

        func note(_ program: Program) { note(program.reads) }
        func note(_ program: TemplateProgram) { note(program.reads) }

        private func note(_ names: Set<String>) {
            if reads(names) { body = true }
            if isOfMethod, names.contains(where: { $0 == "requests" || $0.hasPrefix("requests.") }) { requests = true }
        }

        func reads(_ program: Program) -> Bool { reads(program.reads) }

        private func reads(_ names: Set<String>) -> Bool {
            (isOfMethod ? readsMessage(names) : names.contains("request.body") || names.contains("body"))
                || variablesOfBody.contains { names.contains("variables.\($0)") }
        }

        private func readsMessage(_ names: Set<String>) -> Bool {
            names.contains { $0 == "request" || $0.hasPrefix("request.") }
        }
    }
}
