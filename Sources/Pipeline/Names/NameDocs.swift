/// A sentence for each name that an expression sees, for the reference. A test asks for one of each.
package enum NameDocs {
    /// - Parameter field: the name behind the point; nil for the root itself.
    package static func doc(_ root: String, _ field: String? = nil) -> String? {
        docs[field.map { "\(root).\($0)" } ?? root]
    }

    private static let docs: [String: String] = [
        "path": "The wildcards of the route's pattern, decoded.",
        "query": "The query's parameters, decoded: the first value of each.",
        "query_all": "The query's parameters, decoded: a list of all values of each.",
        "headers": """
        The request's header fields by lower-case name; fields of one name are joined by commas. On a method they are \
        the metadata, and a name that ends in `-bin` gives bytes: what was sent as base64, decoded, the first of several.
        """,
        "cookies": "The request's cookies by name.",
        "body": """
        The request's body, by its content type: JSON as a value, a form as a map, text as a string, anything else \
        as bytes.
        """,
        "request": "The request as it came.",
        "request.method": "`GET`, `POST`, …",
        "request.path": "The path without the query, cleaned.",
        "request.target": "The target of the request line, as it came.",
        "request.query": "The query, as it came.",
        "request.host": """
        The host that the client asked for, with its port if it named one; behind a trusted proxy what that says.
        """,
        "request.scheme": "`http` or `https`; behind a trusted proxy what that says.",
        "request.url": "The whole URL.",
        "request.protocol": "`HTTP/1.1`, `HTTP/1.0` or `HTTP/2`.",
        "request.size": "How many bytes the body has.",
        "request.body": "The body as it came.",
        "call": "This call as the server counts it.",
        "call.id": "The call's identifier, the one in logs and in `x-request-id`.",
        "call.time": "When it began.",
        "call.protocol": "`http`.",
        "call.service": "The service's name in the manifest.",
        "call.route": "The pattern that matched.",
        "call.count": "How many calls the route has had, this one included.",
        "call.deadline": "When the timeout ends it; absent without one.",
        "client": "Who calls.",
        "client.address": "The client's IP address; that of the proxy unless `trusted_proxies` names it.",
        "client.port": "The client's port; 0 where a proxy does not say it.",
        "client.tls": "Whether the connection is encrypted.",
        "client.identity": """
        Who the client's certificate says that it is, where `client_auth` asks for one: its first URI, else its first \
        host name, else its first mail address, else its common name. Empty without a certificate.
        """,
        "variables": "The expressions under `variables`, each evaluated at most once a call, on its first use.",
        "data": "The files under `data`, by name.",
        "index": "Which message of a stream it is, from 0; only the items of `messages` have it.",
        "error": "The failure that is answered for; only templates under `errors` have it.",
        "error.code": "Under `errors`: the failure's code, such as `NOT_FOUND`.",
        "error.status": "Under `errors`: the failure's HTTP status.",
        "error.message": "Under `errors`: what the caller may read of the failure.",
        "response": "How the call was answered; only fields of the access log have it.",
        "response.status": "After the answer: its status; 499 if the client had gone before, absent if none was sent.",
        "response.size": "After the answer: how many bytes its body had.",
        "response.duration": "After the answer: how long the call took.",
        "server": "The program that answers.",
        "server.name": "What the manifest calls it.",
        "server.host": "The machine's name.",
        "server.version": "radicled's version.",
        "server.address": "Where the connection came in: `127.0.0.1:8080`, `unix:/run/web.sock`.",
        "server.generation": "How many manifests it has had in force since it started, this one included.",
        "auth": "The claims that authentication established.",
    ]
}
