import JSON

extension Exchange {
    /// Asks the router, and makes the wildcards' values readable.
    @inline(__always) mutating func dispatch(_ plan: Plan) {
        if head.method == .connect, head.path.isEmpty {
            // The authority form names no path to look up (RFC 9112 section 3.2.3).
            match = .notFound
            return
        }
        match = plan.router.match(
            method: head.slice(head.methodName), host: head.slice(head.host), path: head.slice(head.path), &captures)
        if head.method == .options { aimPreflight(plan) }
        if case .route = match, captures.escaped != 0 { decodeCaptures() }
    }
}

/// Answers for what is no route: not found, another method, a path to be cleaned, a head that could not be read.
package final class UnmatchedResponder: Responder {
    package let intake = Intake.nothing
    package let answersAlone = true

    package init() {}

    package func start(_ exchange: inout Exchange) -> Step {
        if exchange.failure != nil { return .fail }
        if let failure = exchange.refusalOfFace {
            exchange.fail(failure)
            return .fail
        }
        switch exchange.match {
        case .route, .notFound:
            if exchange.head.method == .trace { return refuseTrace(&exchange) }
            if exchange.head.method == .connect { return refuseConnect(&exchange) }
            exchange.fail(Failure(.notFound, "no route matches this path"))
            return .fail
        case .badPath(let fault):
            exchange.fail(
                Failure(.invalidArgument, String(describing: fault.message), status: 400, reason: .malformed))
            return .fail
        case .methodNotAllowed(let methods): return answer(methods, &exchange)
        case .redirect(let addingSlash): return redirect(addingSlash, &exchange)
        }
    }

    private func answer(_ methods: MethodSet, _ exchange: inout Exchange) -> Step {
        switch exchange.head.method {
        case .options:
            _ = exchange.answerOptions()
            return .done
        case .trace: return refuseTrace(&exchange)
        default:
            let allow = exchange.allow(methods)
            let name = String(decoding: exchange.head.slice(exchange.head.methodName), as: UTF8.self)
            exchange.fail(
                Failure(.unimplemented, "\(name) is not allowed for this path", status: 405, allow: allow))
            return .fail
        }
    }

    /// TRACE would show a browser's credentials to scripts; nobody needs it (RFC 9110 section 9.3.8).
    private func refuseTrace(_ exchange: inout Exchange) -> Step {
        exchange.fail(Failure(.unimplemented, "TRACE is not served", status: 501))
        return .fail
    }

    /// There is no tunnel to open here: no method is allowed for somebody else's authority.
    private func refuseConnect(_ exchange: inout Exchange) -> Step {
        exchange.fail(Failure(.unimplemented, "CONNECT is not served", status: 405, allow: []))
        return .fail
    }

    private func redirect(_ addingSlash: Bool, _ exchange: inout Exchange) -> Step {
        exchange.response.status = 308
        var location = ByteWriter(capacity: 256)
        PathCleaning.append(redirectFrom: exchange.pathBytes, addingSlash: addingSlash, to: &location)
        if !exchange.head.query.isEmpty {
            location.append("?")
            location.append(exchange.head.slice(exchange.head.query))
        }
        exchange.response.add("location") { $0.append(location.bytes) }
        return .done
    }
}
