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

    package static let all: [Rule] = [badCORS, corsCredentials]
}
