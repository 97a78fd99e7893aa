import JSON

/// The order of events of one exchange. Faces call these; nothing else runs a stage.
extension Exchange {
    /// Finds the route and counts the call. The head is whole, `connection` is set.
    @inline(__always) package mutating func begin(now: Int64) {
        started = now
        takeLease().withPlan { begin(under: $0) }
        if route.pointee.words > 0 { clearWords(route.pointee.words) }
    }

    @inline(__always) private mutating func begin(under plan: Plan) {
        if let proxies = plan.proxies { readForwarded(proxies) }
        if head.method == .post { readFace() }
        dispatch(plan)
        var found: UnsafePointer<Route>?
        if case .route(let index) = match { found = plan.route(index) }
        if var found, isServed(&found) {
            route = found
            callNumber = isPreflight ? 0 : route.pointee.calls.next()
        } else {
            route = plan.unmatched
            callNumber = 0
            if face.isCall { refuseUnknownMethod() }
        }
    }

    /// The plan in force becomes this exchange's.
    @inline(__always) private mutating func takeLease() -> PlanLeasePointer {
        let lease = loop.state.pointee.lease
        lease.enter()
        self.lease = lease
        return lease
    }

    /// Begins an exchange that is answered with `failure` whatever the manifest says: its head could not be read.
    /// Only those stages are asked in that see every call.
    package mutating func beginRefused(now: Int64, _ failure: Failure) {
        started = now
        match = .notFound
        route = takeLease().plan.unmatched
        callNumber = 0
        if route.pointee.words > 0 { clearWords(route.pointee.words) }
        fail(failure)
        while admitted < route.pointee.observers {
            let (stages, index) = (route, admitted)
            admitted &+= 1
            _ = stages.pointee.admit.with(index) { $0.admit(&self) }
        }
    }

    /// Asks the stages in, up to the one before the body or to the end.
    @inline(__always) package mutating func admit(untilBody: Bool) -> Verdict {
        if !untilBody, !takeCarriedRequest() { return .refuse }
        return goOn(untilBody: untilBody)
    }

    @inline(__always) private mutating func goOn(untilBody: Bool) -> Verdict {
        while let verdict = admitNext(untilBody: untilBody) {
            if verdict != .proceed { return verdict }
        }
        return .proceed
    }

    /// Takes the message out of the body of a call that is carried in it. False: it is none, and the failure is declared.
    @inline(__always) package mutating func takeCarriedRequest() -> Bool {
        !face.isCarried || !route.pointee.isMethod || takeRequest()
    }

    /// Asks the next stage in; nil if there is none before the body, or before the end.
    @inline(__always) package mutating func admitNext(untilBody: Bool) -> Verdict? {
        guard admitted < (untilBody ? route.pointee.bodyStage : route.pointee.admit.count) else { return nil }
        let (stages, index) = (route, admitted)
        admitted &+= 1
        let verdict = stages.pointee.admit.with(index) { $0.admit(&self) }
        if verdict != .proceed { isParked = verdict == .park }
        return verdict
    }

    /// Asks the stage that parked again, then the others.
    package mutating func resumeAdmission(untilBody: Bool) -> Verdict {
        let verdict = resumeStage()
        // Behind the body its message has been taken by now, and what lies there is no longer what was sent.
        return verdict == .proceed ? goOn(untilBody: untilBody) : verdict
    }

    /// Asks the stage that parked again.
    package mutating func resumeStage() -> Verdict {
        wakeAt = .max
        isParked = false
        guard admitted > 0 else { return .proceed }
        let stages = route
        let verdict = stages.pointee.admit.with(admitted - 1) { $0.resume(&self) }
        if verdict != .proceed { isParked = verdict == .park }
        return verdict
    }

    /// What is wrong with the body's length as the head has it, before any of it is read.
    package mutating func refusalOfLength() -> Failure? {
        if face.isCarried, route.pointee.isMethod { limitBodyOfCall() }
        if route.pointee.intake == .wholeBody, bodyLimit > ConnectionLimits.bufferedBody {
            bodyLimit = ConnectionLimits.bufferedBody
        }
        if case .length(let length) = head.framing, length > bodyLimit { return bodyTooLarge }
        return nil
    }

    package var bodyTooLarge: Failure {
        if face.isCarried, route.pointee.isMethod {
            return Failure(
                .resourceExhausted, "the request's message is larger than the limit of \(messageLimit)", status: 413,
                reason: .bodyLimit)
        }
        return Failure(
            .resourceExhausted, "the request's body is larger than \(bodyLimit) bytes", status: 413,
            reason: .bodyLimit)
    }

    /// Lets the stages change the answer's head, innermost first. Stages that were not asked in take part too: what
    /// a response carries (a request id, security headers) it carries on refusals as well.
    @inline(__always) package mutating func decorate() {
        let stages = route
        for index in 0..<stages.pointee.decorate.count {
            stages.pointee.decorate.with(index) { $0.decorate(&self) }
        }
    }

    /// Tells the stages of the end, innermost first.
    @inline(__always) package mutating func finish(now: Int64) {
        ended = now
        let outcome = Outcome(
            status: finalStatus, code: finalCode, isRPC: face.isCall, duration: now &- started, ended: now,
            bodyBytes: sent,
            reason: reason)
        let stages = route
        for index in 0..<stages.pointee.finish.count {
            stages.pointee.finish.with(index) { $0.finish(&self, outcome) }
        }
    }

    /// The status that was sent; 499 if the client had gone before, 0 if the connection was closed without an answer.
    @inline(__always) var finalStatus: Int {
        response.isSent ? response.status : reason == .clientGone ? 499 : 0
    }

    /// The code that this status and reason stand for.
    @inline(__always) private var finalCode: Code {
        if failedWith != .ok { return failedWith }
        if reason == .none { return face.isCall || finalStatus < 400 ? .ok : Code.forStatus(finalStatus) }
        return Self.code(
            of: reason, isLate: ended >= deadline, isPage: !face.isCall && response.isSent && response.status < 400)
    }

    /// - Parameters:
    ///   - isLate: whether the call's time was up.
    ///   - isPage: whether the head of a page had left by then.
    @inline(never) private static func code(of reason: Reason, isLate: Bool, isPage: Bool) -> Code {
        switch reason {
        // A client takes back what has taken it too long.
        case .clientGone: isLate ? .deadlineExceeded : .canceled
        case .drained, .sendStall, .shed: .unavailable
        case .none, .timeout, .bodyLimit, .slowBody, .malformed, .fault, .rate, .ipFilter:
            isPage ? .unknown : .internal
        }
    }

    /// Replaces the answer by the failure's, in the body writer.
    package mutating func renderFailure() {
        let failure = self.failure ?? Self.noReason
        response.discardHead()
        loop.state.pointee.body.clear()
        if encoder != nil { giveBackEncoder() }
        if face.isCarried { return writeFailureOfCall(replacesHead: true) }
        if let pages = route.pointee.failures {
            if pages.render(&self, status: failure.status) {
                addFailureFields(failure)
                return
            }
            response.discardHead()
            loop.state.pointee.body.clear()
        }
        response.status = failure.status
        response.add("content-type") { $0.append("application/problem+json") }
        addFailureFields(failure)
        Problem.write(failure, requestID: requestIDBytes, into: &loop.state.pointee.body)
    }

    package static var tooLate: Failure { Failure(.deadlineExceeded, "the call took too long", reason: .timeout) }
    package static var noReason: Failure { Failure(.internal, "the responder failed without a reason") }

    /// What a failure says in fields, whatever its body looks like.
    mutating func addFailureFields(_ failure: Failure) {
        if let allow = failure.allow { response.add("allow") { $0.append(allow) } }
        if failure.acceptsEncodings { response.add("accept-encoding") { $0.append("gzip, deflate") } }
        if let types = failure.acceptsTypes { response.add("accept-post") { $0.append(types) } }
        if let seconds = failure.retryAfter { response.add("retry-after") { $0.append(decimal: seconds) } }
    }
}
