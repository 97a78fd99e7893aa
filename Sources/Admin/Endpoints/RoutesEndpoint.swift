import Compiler

/// `/debug/routes`: what is served, as `radicled routes` tells it.
package struct RoutesEndpoint: Endpoint {
    package let path = "/debug/routes"
    package let about = "what is served, by whom, through which middleware"
    private let served: Served

    package init(_ served: Served) { self.served = served }

    package func reply(to request: AdminRequest) -> AdminReply {
        let routes = served.facts.routes
        if request.form(.text, .json) == .json {
            return .now(.made(contentType: "application/json") { RouteSummary.json(routes, into: &$0) })
        }
        return .now(.made { RouteSummary.table(routes, into: &$0) })
    }
}
