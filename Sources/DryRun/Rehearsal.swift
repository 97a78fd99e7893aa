import CEL
import Catalog
package import Compiler
import JSON
import NIOEmbedded
import Pipeline
import Transport

/// Asks a plan what it would do with a request, on the server's own way: the parser, the router, the stages of the chain
/// and the responder are those that serve. What would wait, draw lots or count other calls is told of and not done.
package final class Rehearsal {
    private let compilation: Compilation
    private let plan: Plan
    private let limits: HeadLimits
    private let state: UnsafeMutablePointer<LoopState>

    /// Nil if the manifest has mistakes.
    package init?(_ compilation: Compilation) {
        guard let plan = compilation.plan, let manifest = compilation.manifest else { return nil }
        self.compilation = compilation
        self.plan = plan
        let limits = manifest.limits.connectionLimits(openFiles: 1024)
        self.limits = HeadLimits(field: limits.headerField, total: limits.headerTotal, count: limits.headerCount)
        state = .allocate(capacity: 1)
        state.initialize(to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: plan))
        // What is asked twice is answered the same.
        state.pointee.random = RandomPool(seed: 1)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    package func decide(_ request: AskedRequest) -> RouteDecision {
        var decision = outcome(of: request)
        if decision.outcome == .redirect, let location = decision.location {
            // What a client that follows would meet; the router never sends it on a second time.
            let target = try? AskedRequest(
                "\(request.method) \(location)", headers: request.fields.map { "\($0.name): \($0.value)" },
                client: request.client)
            let next = target.map { outcome(of: $0) }
            if let pattern = next?.pattern, let route = next?.route { decision.next = (pattern, route) }
            decision.path = next?.path ?? []
            decision.others = next?.others ?? []
        }
        return decision
    }

    private func outcome(of request: AskedRequest) -> RouteDecision {
        let facts = UnsafeMutablePointer<ConnectionFacts>.allocate(capacity: 1)
        facts.initialize(
            to: ConnectionFacts(
                clientAddress: Array(request.client.utf8), clientPort: 50_000, isTLS: request.isTLS))
        let exchange = state.pointee.take(LoopPointer(state))
        defer {
            state.pointee.give(exchange)
            facts.deinitialize(count: 1)
            facts.deallocate()
        }
        exchange.pointee.connection = UnsafePointer(facts)
        exchange.pointee.head.bytes.append(request.head)
        var decision = RouteDecision(request)
        var scanned = 0
        switch HeadParser.parse(&exchange.pointee.head, limits: limits, scanned: &scanned) {
        case .complete: break
        case .refused(let status, let reason):
            decision.status = status
            decision.message = String(describing: reason)
            return decision
        case .incomplete:
            decision.status = 400
            decision.message = "the head is not complete"
            return decision
        }
        // gRPC is asked about as if it came the way it comes.
        if request.isGRPC { exchange.pointee.head.version = .http2 }
        exchange.pointee.begin(now: LoopClock.now())
        exchange.pointee.conditionTrace = ConditionTrace()
        route(exchange, &decision)
        if decision.route?.method != nil { decision.face = exchange.pointee.face }
        admit(exchange, &decision)
        answer(exchange, &decision)
        return decision
    }

    // MARK: The router

    private func route(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) {
        let patterns = compilation.routes.flatMap { route in route.patterns.map { (pattern: $0, route: route) } }
        var stages = compilation.unmatchedStages
        switch exchange.pointee.match {
        case .route(let index):
            decision.outcome = .route
            if index < patterns.count {
                let found = patterns[index]
                decision.pattern = found.pattern
                decision.route = found.route
                stages = found.route.chain
                decision.cases = found.route.cases.map { RouteDecision.Case(summary: $0) }
                decision.wildcards = found.pattern.wildcardNames.enumerated().map { place, name in
                    (name, String(decoding: exchange.pointee.captured(place), as: UTF8.self))
                }
            } else {
                // A method that is built in has nothing of the manifest around it.
                stages = []
            }
        case .redirect(let addingSlash):
            decision.outcome = .redirect
            let isCleaned = !PathCleaning.cleaned(exchange.pointee.pathBytes).elementsEqual(exchange.pointee.pathBytes)
            let slash = "a pattern takes the path with a slash at its end"
            decision.message =
                isCleaned ? "the path has empty or dot segments" + (addingSlash ? ", and " + slash : "") : slash
        case .methodNotAllowed: decision.outcome = .methodNotAllowed
        case .notFound: decision.outcome = .notFound
        case .badPath: decision.outcome = .badRequest
        }
        decision.stages = stages.map { RouteDecision.Stage(summary: $0, act: .isNotAsked) }
        let path = exchange.pointee.pathBytes
        // What has no path has nothing to compare: a broken one, `*`, the authority of CONNECT.
        guard decision.outcome != .badRequest, decision.outcome != .redirect, path.first == UInt8(ascii: "/"),
            exchange.pointee.head.method != .connect || !exchange.pointee.head.path.isEmpty
        else { return }
        decision.path = Array(path)
        decision.others = Others.nearestFirst(
            patterns, winner: decision.pattern, of: decision.route,
            method: Array(exchange.pointee.head.slice(exchange.pointee.head.methodName)),
            host: RouteHost.name(of: Array(exchange.pointee.head.slice(exchange.pointee.head.host))),
            path: decision.path)
    }

    // MARK: The chain

    private func admit(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) {
        var isIn = ask(exchange, untilBody: true, &decision)
        if isIn { isIn = takeBody(exchange, &decision) && takeMessage(exchange, &decision) }
        if isIn { isIn = ask(exchange, untilBody: false, &decision) }
        note(exchange, &decision)
    }

    /// Asks the stages in one by one. False if one refuses.
    private func ask(
        _ exchange: UnsafeMutablePointer<Exchange>, untilBody: Bool, _ decision: inout RouteDecision
    ) -> Bool {
        let route = exchange.pointee.route
        while exchange.pointee.admitted < (untilBody ? route.pointee.bodyStage : route.pointee.admit.count) {
            let turn = exchange.pointee.admitted
            let place = decision.stages.firstIndex { $0.summary.turn == turn }
            let noted = exchange.pointee.conditionTrace?.notes.count ?? 0
            func note(_ act: RouteDecision.Act) { if let place { decision.stages[place].act = act } }
            if let words = route.pointee.admit.with(turn, { $0.foretold(&exchange.pointee) }) {
                exchange.pointee.admitted += 1
                note(.foretold(words))
                continue
            }
            var verdict = exchange.pointee.admitNext(untilBody: untilBody) ?? .proceed
            let notes = exchange.pointee.conditionTrace?.notes.dropFirst(noted) ?? []
            if let place, decision.stages[place].summary.name == "cases" {
                noteCases(notes, chosen: exchange.pointee.chosenCase, &decision)
                note(.passes)
            } else if case .bool(false)? = notes.last?.value {
                note(.staysOut)
            } else {
                note(.passes)
            }
            if verdict == .park {
                note(.waits)
                verdict = exchange.pointee.resumeStage()
            }
            // One that parks again waits for something that nobody will bring it here.
            if verdict == .proceed || verdict == .park { continue }
            note(verdict == .cut ? .cuts : verdict == .answer ? .answers : .refuses)
            decision.refusedBy = place.map { decision.stages[$0].summary.name }
            if verdict == .cut { decision.message = "the connection is closed without an answer" }
            return false
        }
        return true
    }

    private func noteCases(
        _ notes: ArraySlice<(condition: String, value: Value)>, chosen: Int, _ decision: inout RouteDecision
    ) {
        decision.chosenCase = chosen
        for (place, note) in notes.enumerated() where place < decision.cases.count {
            switch note.value {
            case .bool(let truth): decision.cases[place].result = .success(truth)
            case .error(let error): decision.cases[place].result = .failure(.init(message: error.message))
            default: decision.cases[place].result = .failure(.init(message: "it is neither true nor false"))
            }
            decision.cases[place].isChosen = place + 1 == chosen
        }
    }

    /// Takes over which stages nobody came to.
    private func note(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) {
        for (place, stage) in decision.stages.enumerated() {
            guard let turn = stage.summary.turn, turn >= exchange.pointee.admitted else { continue }
            decision.stages[place].act = .isNotReached
        }
    }

    // MARK: The answer

    private func answer(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) {
        if decision.stages.contains(where: { $0.act == .cuts }) { return end(exchange, &decision) }
        let responder = exchange.pointee.route.pointee.responder
        if decision.refusedBy == nil {
            guard responder.answersAlone else { return end(exchange, &decision) }
            state.pointee.body.clear()
            exchange.pointee.room = 64 * 1024
            if responder.start(&exchange.pointee) == .fail, exchange.pointee.failure == nil {
                exchange.pointee.fail(Failure(.internal, "the responder failed without a reason"))
            }
        }
        if decision.face.isCall { decision.code = exchange.pointee.failure?.code ?? .ok }
        if let failure = exchange.pointee.failure {
            // Of gRPC the status is in the trailers.
            if decision.face != .grpc { exchange.pointee.renderFailure() }
            decision.message = failure.message.isEmpty ? nil : failure.message
            decision.allow = failure.allow.map { String(decoding: $0, as: UTF8.self) }
        }
        if exchange.pointee.isPreflight { exchange.pointee.decorate() }
        state.pointee.body.clear()
        end(exchange, &decision)
        decision.status = exchange.pointee.response.status
        decision.location = field("location", of: exchange)
        decision.allow = decision.allow ?? field("allow", of: exchange)
    }

    private func end(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) {
        exchange.pointee.finish(now: LoopClock.now())
        exchange.pointee.forEachShadow { name in
            let place = decision.stages.firstIndex { $0.summary.name.utf8.elementsEqual(name) }
            if let place { decision.stages[place].act = .wouldRefuse }
        }
    }

    private func field(_ name: String, of exchange: UnsafeMutablePointer<Exchange>) -> String? {
        Array(name.utf8).withUnsafeBufferPointer { exchange.pointee.response.value(of: $0) }
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
