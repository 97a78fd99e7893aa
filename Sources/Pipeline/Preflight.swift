package import JSON

/// What a route lets pages of other origins do.
package protocol OriginPolicy: AnyObject, Sendable {
    /// - Parameter origin: an `Origin` as browsers write it.
    func admits(_ origin: UnsafeBufferPointer<UInt8>) -> Bool
}

// Preflights: before a page's script may send certain requests to another origin, the browser asks with OPTIONS whether
// that is wanted (Fetch standard, "HTTP requests": a CORS-preflight request).
extension Exchange {
    /// The method that the page would use.
    private static let requestMethod = Array("access-control-request-method".utf8)

    /// Leads a preflight to the route that it asks about, whose `cors` answers it. The router has answered for OPTIONS.
    ///
    /// A route that takes OPTIONS itself and has no `cors` keeps its preflights.
    @inline(never) mutating func aimPreflight(_ plan: Plan) {
        guard head.onlyValue(of: .origin) != nil, let asked = askedMethod else { return }
        switch match {
        case .methodNotAllowed: break
        case .route(let own): if plan.route(own).pointee.originPolicy == nil { return }
        case .redirect, .notFound, .badPath: return
        }
        let untouched = match
        switch find(asked, plan) {
        case .route(let index): aim(index, plan)
        default:
            // No route takes the method: another one's `cors` can say so in words that browsers show.
            var index: Int?
            plan.router.forEach(plan.router.methods(host: head.slice(head.host), path: head.slice(head.path))) {
                method in
                if case .route(let found) = find(method, plan), plan.route(found).pointee.originPolicy != nil {
                    index = found
                }
                return index == nil
            }
            if let index { aim(index, plan) }
        }
        if !isPreflight, case .route = untouched { match = find(head.slice(head.methodName), plan) }
    }

    private mutating func find(_ method: UnsafeBufferPointer<UInt8>, _ plan: Plan) -> Router.Match {
        plan.router.match(method: method, host: head.slice(head.host), path: head.slice(head.path), &captures)
    }

    private mutating func aim(_ index: Int, _ plan: Plan) {
        guard plan.route(index).pointee.originPolicy != nil else { return }
        match = .route(index)
        isPreflight = true
    }

    /// The method that a preflight asks about; nil if this is none.
    package var askedMethod: UnsafeBufferPointer<UInt8>? {
        head.field(.other, Self.requestMethod).map { head.slice($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The methods at this path whose routes let a page of this origin in, for `Access-Control-Allow-Methods`. A browser
    /// keeps the whole list, so what it may not have must not stand there.
    package mutating func append(methodsFor origin: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter) {
        let plan = self.plan
        let (host, path) = (head.slice(head.host), head.slice(head.path))
        var found = Captures()
        let start = out.count
        func append(_ method: UnsafeBufferPointer<UInt8>) {
            if out.count > start { out.append(", ") }
            out.append(method)
        }
        var hasAsked = false
        plan.router.forEach(plan.router.methods(host: host, path: path)) { method in
            guard case .route(let index) = plan.router.match(method: method, host: host, path: path, &found),
                plan.route(index).pointee.originPolicy?.admits(origin) == true
            else { return true }
            append(method)
            if let askedMethod, method.elementsEqual(askedMethod) { hasAsked = true }
            return true
        }
        // A route for any method takes also what no list names.
        if !hasAsked, let asked = askedMethod, asked.allSatisfy(FieldToken.contains),
            case .route(let index) = plan.router.match(method: asked, host: host, path: path, &found),
            plan.route(index).pointee.originPolicy?.admits(origin) == true
        {
            append(asked)
        }
    }

    /// Answers OPTIONS from the routes (RFC 9110 section 9.3.7).
    mutating func answerOptions() -> Verdict {
        let router = plan.router
        let methods: MethodSet
        if case .methodNotAllowed(let listed) = match {
            methods = listed
        } else {
            methods = router.methods(host: head.slice(head.host), path: head.slice(head.path))
        }
        response.status = 204
        let allowed = allow(methods)
        response.add("allow") { $0.append(allowed) }
        return .answer
    }

    /// The methods as `Allow` lists them.
    func allow(_ methods: MethodSet) -> [UInt8] {
        var allow = ByteWriter(capacity: 128)
        plan.router.append(allow: methods, addingOptions: true, to: &allow)
        return Array(allow.bytes)
    }
}
