import Diagnostics
import Logging
import Pipeline

/// The plan of an admin listener: a route for each endpoint, on the same data plane as all others, with no access log
/// and no policies around it.
enum AdminPlan {
    /// - Parameter access: who may ask for what is not open; nil is everybody.
    static func make(_ endpoints: [any Endpoint], access: AdminAccess?, log: Logger) -> Plan {
        var patterns: [RoutePattern] = []
        var numbers: [Int] = []
        var table = RouteTable(capacity: endpoints.count)
        for (number, endpoint) in endpoints.enumerated() {
            for method in endpoint.methods {
                patterns.append(pattern("\(method) \(endpoint.path)"))
                numbers.append(number)
            }
            table.append(route(endpoint, access: endpoint.isOpen ? nil : access, log))
        }
        let unmatched = Route(
            stages: [RequestLog(log), AdminGuard(access)], observers: 1, bodyStage: 2, responder: UnmatchedResponder(),
            needsBody: false, template: [], pattern: "", service: [], serviceName: "")
        return Plan(name: "admin", router: Router(patterns), numbers: numbers, unmatched: unmatched, routes: table)
    }

    private static func route(_ endpoint: any Endpoint, access: AdminAccess?, _ log: Logger) -> Route {
        let responder = EndpointResponder(endpoint)
        return Route(
            stages: [RequestLog(log), AdminGuard(access, checksHost: !endpoint.isOnProbes), responder.cleaning],
            observers: 1, bodyStage: 3,
            responder: responder, needsBody: false, template: [], path: Array(endpoint.path.utf8),
            pattern: endpoint.path, service: [], serviceName: "admin")
    }

    private static func pattern(_ text: String) -> RoutePattern {
        var findings = Findings()
        let bytes = Array(text.utf8)
        let placed = PlacedText(verbatim: bytes, in: Source(name: "admin", bytes: bytes))
        guard let pattern = RoutePattern.parse(placed, &findings) else {
            preconditionFailure("the path of an endpoint is a pattern: \(text)")
        }
        return pattern
    }
}

/// Who asked what, in the program's own log, for whoever has turned it up.
private final class RequestLog: Middleware {
    let moments: Moments = [.finish]
    private let log: Logger

    init(_ log: Logger) { self.log = log }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        guard log.logLevel <= .debug else { return }
        let method = String(decoding: exchange.head.slice(exchange.head.methodName), as: UTF8.self)
        let path = String(decoding: exchange.head.slice(exchange.head.path), as: UTF8.self)
        let peer = String(decoding: exchange.connection.pointee.clientAddress, as: UTF8.self)
        log.debug(
            "\(method) \(path): \(outcome.status)",
            metadata: [
                "event": "admin_request", "http.request.method": "\(method)", "url.path": "\(path)",
                "http.response.status_code": "\(outcome.status)", "client.address": "\(peer)",
            ])
    }
}
