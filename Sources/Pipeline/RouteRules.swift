package import Diagnostics

/// What can be wrong with a service's patterns, hosts and prefix.
package enum RouteRules {
    package static let all: [Rule] = [badRoute, literalWildcard, routeConflict, badHost, badPrefix]

    package static let badRoute = Rule(
        "bad-route",
        summary: "a route pattern that cannot be read, or could never match",
        explanation: """
            A route's key is `[METHOD ][HOST]/PATH`. In the path `{name}` takes one segment, `{name...}` takes the rest \
            and stands last, `{$}` says that the path ends in the slash before it, and a trailing slash takes \
            everything below. A wildcard is a whole segment, its name is an identifier that stands once in the \
            pattern; only after the last one a verb may follow, as in `/orders/{id}:cancel`. Empty segments and dot \
            segments never match, for requests are redirected to the path without them. A literal may hold percent \
            escapes: it is compared with the decoded segment.
            """,
        bad: manifest(#""GET /x_{id}": {template: hi}"#),
        good: manifest(#""GET /x/{id}": {template: hi}"#))

    package static let literalWildcard = Rule(
        "literal-wildcard", .warning,
        summary: "a segment is written as another router writes a wildcard",
        explanation: """
            Wildcards are `{name}` for one segment and `{name...}` for the rest. `:name`, `<name>` and `*` are what \
            other routers call them; here they are text, and only a request that has just this text in its path \
            matches. If that is meant, write the sign as an escape: `%3Aname`, `%2A`.
            """,
        bad: manifest(#""GET /x/:id": {template: hi}"#),
        good: manifest(#""GET /x/{id}": {template: hi}"#))

    package static let routeConflict = Rule(
        "route-conflict",
        summary: "two routes match the same request, and neither is more specific",
        explanation: """
            The most specific pattern wins, whatever the order. A pattern is more specific than another if it matches \
            only requests that the other matches too, and not all of them; one with a host beats one without. Where \
            two patterns overlap and each also matches something that the other does not, or where both match the \
            same, no rule could choose. `GET /a/{x}` and `/a/b` conflict: one has the more specific method, the other \
            the more specific path. Change one of them, so that it matches less than the other in every respect, or \
            nothing of it.
            """,
        bad: manifest(#""GET /a/{x}": {template: hi}, "/a/b": {template: ho}"#),
        good: manifest(#""GET /a/{x}": {template: hi}, "GET /a/b": {template: ho}"#))

    package static let badHost = Rule(
        "bad-host",
        summary: "a service's host that no request can name",
        explanation: """
            A host is a name, an IPv4 address, or an IPv6 address in brackets, without a port; `*.example.com` stands \
            for every name below example.com, but not for itself. Case does not matter. A name beats a `*.` form, and \
            either beats no host.
            """,
        bad: manifest(#""GET /x": {template: hi}"#, service: "host: example.com:8080, "),
        good: manifest(#""GET /x": {template: hi}"#, service: "host: example.com, "))

    package static let badPrefix = Rule(
        "bad-prefix",
        summary: "a service's prefix that is not a plain path",
        explanation: """
            A prefix starts with '/', and has no wildcards, empty segments or dot segments; a slash at its end means \
            nothing. It stands before the path of every route of the service.
            """,
        bad: manifest(#""GET /x": {template: hi}"#, service: "prefix: api, "),
        good: manifest(#""GET /x": {template: hi}"#, service: "prefix: /api, "))

    private static func manifest(_ routes: String, service: String = "") -> String {
        "radicle: 1\nservices: {web: {\(service)routes: {\(routes)}}}\n"
    }
}
