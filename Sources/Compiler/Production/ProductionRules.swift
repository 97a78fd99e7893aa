import Diagnostics

/// What a manifest for production should not have, or lack. Warnings, and only under `--profile production`: on a
/// developer's machine and in tests each of these is fine.
enum ProductionRules {
    static let all: [Rule] = [
        noTimeout, noBodyLimit, noAccessLog, textLog, noRateLimit, plainListener, injectedTrouble, noSecurityHeaders,
        noDrainDelay,
    ]

    static let noTimeout = Rule(
        "no-timeout", .warning, summary: "calls may take for ever",
        explanation: """
            Without a timeout a call that hangs holds its connection and what it has taken until somebody restarts the \
            server. The standard of 30s is generous; where something takes longer, say how long. Streams are not ended by \
            it once their answer has begun.
            """,
        bad: sample("timeout: off"), good: sample("timeout: 2s"))

    static let noBodyLimit = Rule(
        "no-body-limit", .warning, summary: "request bodies may have any size",
        explanation: """
            Without a limit one client can send for hours what nobody reads. Say the largest body that makes sense, on the \
            one route that needs it.
            """,
        bad: sample("body_limit: off"), good: sample("body_limit: 64MiB"))

    static let noAccessLog = Rule(
        "no-access-log", .warning, summary: "calls leave no line in the log",
        explanation: """
            When something goes wrong, nothing will tell which calls there were. Where there are too many lines, `sample` \
            keeps a share of them, and every failed and slow one.
            """,
        bad: sample("access_log: off"), good: sample("access_log: { sample: 1% }"))

    static let textLog = Rule(
        "text-log", .warning, summary: "an access log for people",
        explanation: """
            The format `text` is for a terminal. It has no fields of your own, and what collects logs must guess where a \
            value ends. `json` and `ecs` are for collectors; `combined` is for tools that read nginx's log.
            """,
        bad: sample("access_log: text"), good: sample("access_log: json"))

    static let noRateLimit = Rule(
        "no-rate-limit", .warning, summary: "a client may call as often as it likes",
        explanation: """
            One client in a loop takes from all others. `rate_limit` at the root holds for every route; the key says who \
            shares a limit. It may be `off` where something in front of the server limits.
            """,
        bad: bare("middleware: { timeout: 2s }"),
        good: bare("middleware: { rate_limit: { rate: 100/s, key: client.address } }"))

    static let plainListener = Rule(
        "plain-listener", .warning, summary: "a listener without TLS that others can reach",
        explanation: """
            What goes over it can be read and changed on the way. Give the listener a certificate under `tls`, or listen on a \
            loopback address or a Unix socket, with something before it that speaks TLS.
            """,
        bad: sample("timeout: 2s", "listen: 0.0.0.0:8080"), good: sample("timeout: 2s", "listen: 127.0.0.1:8080"))

    static let injectedTrouble = Rule(
        "injected-trouble", .warning, summary: "calls fail or wait on purpose",
        explanation: """
            `fault` and `delay` are for trying out how clients take it. In a manifest for production they are most often \
            left over from that; lay them over it in a file of their own, with a second `--config`.
            """,
        bad: sample("timeout: 2s", "", "template: hi, fault: { share: 1%, abort: { code: UNAVAILABLE } }"),
        good: sample("timeout: 2s"))

    static let noSecurityHeaders = Rule(
        "no-security-headers", .warning, summary: "pages without the headers that protect them",
        explanation: """
            Browsers do more with a page than is good unless headers keep them from it: guess its type, show it inside of \
            other pages, tell others its address. `headers: { preset: security }` sets those headers where the template \
            does not.
            """,
        bad: sample("timeout: 2s", "", "template: { html: <p>hi</p> }"),
        good: sample("headers: { preset: security }", "", "template: { html: <p>hi</p> }"))

    static let noDrainDelay = Rule(
        "no-drain-delay", .warning, summary: "the server stops listening at once",
        explanation: """
            For some seconds after SIGTERM load balancers still send connections: until they have seen that the server is \
            not ready any more. Without a delay those are refused, at each deployment.
            """,
        bad: sample("timeout: 2s", "shutdown: { delay: 0s }"), good: sample("timeout: 2s", "shutdown: { delay: 5s }"))

    private static func sample(_ middleware: String, _ top: String = "", _ route: String = "template: hi") -> String {
        bare((top.isEmpty ? "" : top + "\n") + "middleware: { rate_limit: 100/s, \(middleware) }", route)
    }

    private static func bare(_ top: String, _ route: String = "template: hi") -> String {
        "# --profile production\nradicle: 1\n\(top)\nservices: { web: { routes: { GET /a: { \(route) } } } }\n"
    }
}
