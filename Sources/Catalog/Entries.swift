/// Every middleware, outermost first. This list is the order: `routes`, the docs and the plan read it.
package enum Entries {
    package static let middleware: [MiddlewareEntry] = [
        MiddlewareEntry(
            RequestID.self, isOnByDefault: true, place: .observer,
            reason: "first, so that everything after it can name the call"),
        MiddlewareEntry(
            Tracing.self, isOnByDefault: true, place: .observer,
            reason: "before the log, whose lines name the trace, and around all that takes time"),
        MiddlewareEntry(
            AccessLog.self, isOnByDefault: true, place: .observer,
            reason: "outside of all that can refuse, so that refusals are logged too"),
        MiddlewareEntry(
            Metrics.self, isOnByDefault: true, place: .observer, depth: 3,
            reason: "beside the log and outside of all that can refuse: what fails is counted too"),
        MiddlewareEntry(
            Timeout.self, isOnByDefault: true, place: .beforeBody,
            reason: "before all that can wait: the deadline covers every wait"),
        MiddlewareEntry(
            IPFilter.self, isOnByDefault: false, place: .beforeBody,
            reason: "who may not call at all is told so before anything else is done for him"),
        MiddlewareEntry(
            Headers.self, isOnByDefault: false, place: .beforeBody,
            reason: "before anything reads a request header; response headers are set last of all"),
        MiddlewareEntry(
            CORS.self, isOnByDefault: false, place: .beforeBody,
            reason: "before all that counts or refuses calls: a preflight carries no credentials and is no call yet"),
        MiddlewareEntry(
            Concurrency.self, isOnByDefault: false, place: .beforeBody,
            reason: "before anything costs work, and inside the deadline, which a wait in the queue counts against"),
        MiddlewareEntry(
            RateLimit.self, isOnByDefault: false, place: .beforeBody,
            reason: "before the body is read; a policy that reads the body stands after all that can refuse it"),
        MiddlewareEntry(
            BodyLimit.self, isOnByDefault: true, place: .beforeBody,
            reason: "just before the body is read"),
        MiddlewareEntry(
            Compression.self, isOnByDefault: false, place: .beforeBody,
            reason: "innermost: it takes the answer as the responder made it, and the fields of others lie around it"),
        MiddlewareEntry(
            DelayMiddleware.self, isOnByDefault: false, place: .afterBody,
            reason: "after all that refuses, as a slow responder would be; it stands in for one"),
        MiddlewareEntry(
            FaultMiddleware.self, isOnByDefault: false, place: .afterBody,
            reason: "last, in place of the responder, so that a call that fails has cost what any other does"),
    ]

    package static func middleware(named name: String) -> MiddlewareEntry? {
        middleware.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
