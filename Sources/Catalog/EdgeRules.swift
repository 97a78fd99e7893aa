package import Diagnostics

/// What can be wrong with the settings that face the network: origins, addresses, proxies.
package enum EdgeRules {
    package static let badCORS = Rule(
        "bad-cors", summary: "an origin or a method that no browser sends",
        explanation: """
            A browser names the page's origin by scheme, host and, where it is not the scheme's own, port: \
            `https://app.example.com`, in lower case and without a path. It is compared letter by letter, so what is \
            written in another way never matches. `https://*.example.com` stands for every subdomain, `*` for all \
            origins, and `"null"` for pages that have none, such as sandboxed frames; anybody can make one of those.
            """,
        bad: CatalogRules.manifest("middleware: { cors: \"https://app.example.com/\" }"),
        good: CatalogRules.manifest("middleware: { cors: \"https://app.example.com\" }"))

    package static let corsCredentials = Rule(
        "cors-credentials", summary: "`*` beside `credentials: true`",
        explanation: """
            With credentials a browser takes `*` for a name and not for everything (Fetch standard, CORS protocol and \
            credentials), so the setting would do nothing. Sending every origin its own name back instead would let any \
            page on the web act with the cookies of whoever looks at it. Name the origins, methods and headers.
            """,
        bad: CatalogRules.manifest("middleware: { cors: { origins: \"*\", credentials: true } }"),
        good: CatalogRules.manifest(
            "middleware: { cors: { origins: \"https://app.example.com\", credentials: true } }"))

    package static let trustsAll = Rule(
        "trusts-all", .warning, summary: "`trusted_proxies` takes in everybody",
        explanation: """
            What a trusted proxy says of the client is believed. A network of length 0 takes in every client, so each can \
            give itself any address: in the log, for limits and for filters. Name the networks that the proxies are in.
            """,
        bad: CatalogRules.manifest("trusted_proxies: [0.0.0.0/0]"),
        good: CatalogRules.manifest("trusted_proxies: [10.0.0.0/8]"))

    package static let ipFilter = Rule(
        "ip-filter", summary: "an `ip_filter` that lets nobody in, or says the same network twice",
        explanation: """
            `deny` goes before `allow`, so a network that stands in both, or that lies in a denied one, is denied; and an \
            `allow` without networks lets nobody in. Neither is likely meant. To shut a route write `ip_filter: { deny: \
            [0.0.0.0/0, \"::/0\"] }`.
            """,
        bad: CatalogRules.manifest("middleware: { ip_filter: { allow: [10.0.0.0/8], deny: [10.0.0.0/8] } }"),
        good: CatalogRules.manifest("middleware: { ip_filter: { allow: [10.0.0.0/8], deny: [10.1.0.0/16] } }"))

    package static let proxyTrust = Rule(
        "proxy-trust", .warning, summary: "a PROXY header from anybody, or from nobody",
        explanation: """
            Whoever may send a PROXY header can say that it is any client. Without `trusted_proxies` that is everybody who \
            reaches the listener; with it only those who are named, on a Unix socket by the word `unix`.
            """,
        bad: CatalogRules.manifest("listen: { address: \":8080\", proxy_protocol: required }"),
        good: CatalogRules.manifest(
            "trusted_proxies: [10.0.0.0/8]\nlisten: { address: \":8080\", proxy_protocol: required }"))

    package static let listenProtocols = Rule(
        "listen-protocols", summary: "`protocols` names none, or one twice",
        explanation: """
            `protocols` lists the versions of HTTP that a listener speaks, each once: `[http1]`, `[http2]` or both. Without it \
            a listener speaks both, and the first bytes of a connection tell which.
            """,
        bad: CatalogRules.manifest("listen: { address: \":8080\", protocols: [] }"),
        good: CatalogRules.manifest("listen: { address: \":8080\", protocols: [http1, http2] }"))

    package static let all: [Rule] = [badCORS, corsCredentials, trustsAll, ipFilter, proxyTrust, listenProtocols]
}
