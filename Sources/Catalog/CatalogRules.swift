package import Diagnostics

/// What can be wrong with a section beyond its keys and types.
package enum CatalogRules {
    package static let badTimeout = Rule(
        "bad-timeout", summary: "a timeout that no call can meet",
        explanation: """
            A timeout of zero would end every call before it began. To have no timeout write `off`; the limits on \
            slow heads, slow bodies and idle connections stay.
            """,
        bad: manifest("middleware: { timeout: 0s }"), good: manifest("middleware: { timeout: off }"))

    package static let sameAddress = Rule(
        "same-address", summary: "an address that is listened on twice",
        explanation: """
            Only one listener can have an address. Every service is on every listener, so the address is needed once; \
            `admin` and `probes` need ones of their own. An address without a host, as `:8080`, takes the port of all.
            """,
        bad: manifest("listen: [\":8080\", \":8080\"]"), good: manifest("listen: [\":8080\", \":8081\"]"))

    package static let openAdmin = Rule(
        "open-admin", .warning, summary: "an admin address that others can reach, without a token",
        explanation: """
            The admin pages show the configuration, the routes and who is connected, and change the log's level. On an \
            address that is not the machine's own they ask for a `token`. Kubelets, load balancers and scrapers need no \
            more than `probes`.
            """,
        bad: manifest("admin: 0.0.0.0:9901"),
        good: manifest("admin: { address: \"0.0.0.0:9901\", token: \"${TOKEN:-none}\" }"))

    package static let badHeaderName = Rule(
        "bad-header-name", summary: "a name that no header can have",
        explanation: """
            The name of a header is made of letters, digits and a few signs such as `-` and `_` (RFC 9110). A space, \
            a colon or any other character in it would break the message.
            """,
        bad: route("template: { headers: { \"x order\": \"1\" }, text: hi }"),
        good: route("template: { headers: { x-order: \"1\" }, text: hi }"))

    package static let reservedHeader = Rule(
        "reserved-header", summary: "a header that the server writes itself",
        explanation: """
            Length, framing, date and the connection's fate belong to the server: it knows them, and a second value \
            would contradict the first. Clients and proxies disagree on which of two such values counts, which is \
            how requests are smuggled.
            """,
        bad: route("template: { headers: { content-length: \"5\" }, text: hello }"),
        good: route("template: { headers: { cache-control: no-store }, text: hello }"))

    package static let oneResponder = Rule(
        "one-responder", summary: "a route with no responder, or with more than one",
        explanation: """
            A route is answered by one responder: `template`, `echo` or `redirect`. With none there is nothing to \
            answer, with two it is not clear which one should.
            """,
        bad: """
            radicle: 1
            services:
              web:
                routes:
                  GET /a: { delay: 10ms }

            """,
        good: route("template: hi"))

    package static let oneBody = Rule(
        "one-body", summary: "a template with more than one body",
        explanation: """
            An answer has one body. Keep one of `json`, `text`, `html`, `file`, `base64` and `messages`, and put the \
            others into routes of their own. Only `messages` may have an `error` beside it, which ends the stream.
            """,
        bad: route("template: { text: hi, json: { a: 1 } }"), good: route("template: { json: { a: 1 } }"))

    package static let badStatus = Rule(
        "bad-status", summary: "not a status",
        explanation: """
            A status is a number from 200 to 599. Those below 200 are interim answers, which the server sends itself \
            where the protocol wants them. A redirect takes 301, 302, 303, 307 or 308.
            """,
        bad: route("template: { status: 999 }"), good: route("template: { status: 204 }"))

    package static let missingFile = Rule(
        "missing-file", summary: "a file that cannot be read",
        explanation: """
            The file that an answer sends must be there, be a regular file, and be readable for the user that the \
            server runs as. A path is relative to the file that says it, not to the directory that the server is \
            started in.
            """,
        bad: route("template: { file: no/such/page.html }"), good: route("template: { html: \"<p>hi</p>\" }"))

    package static let badBase64 = Rule(
        "bad-base64", summary: "text that is not base64",
        explanation: """
            `base64` holds bytes in the standard alphabet of RFC 4648: letters, digits, `+`, `/`, and `=` at the end. \
            Line breaks between are fine.
            """,
        bad: route("template: { base64: \"a*b\" }"), good: route("template: { base64: aGVsbG8= }"))

    package static let streamType = Rule(
        "stream-type", summary: "messages under a content type that does not say how they are framed",
        explanation: """
            How the messages of a stream stand one after the other is said by the content type: `text/event-stream` \
            for server-sent events, `application/x-ndjson` for a JSON text a line, which holds without one, or \
            `application/json-seq` for JSON text sequences (RFC 7464). Parameters may follow. It stands under \
            `content_type`, without holes, so that each message can be checked.
            """,
        bad: route("template: { content_type: application/json, messages: [1, 2] }"),
        good: route("template: { content_type: application/x-ndjson, messages: [1, 2] }"))

    package static let streamInPage = Rule(
        "stream-in-page", summary: "messages in the page of a failure",
        explanation: """
            A page under `errors` says what went wrong, at once. It cannot wait, and nothing could be told if it broke \
            off half-way.
            """,
        bad: route("template: hi, errors: { 404: { messages: [1] } }"),
        good: route("template: hi, errors: { 404: { json: { n: 1 } } }"))

    package static let silentEvent = Rule(
        "silent-event", .warning, summary: "a server-sent event that no client sees",
        explanation: """
            A client drops an event without data, whatever its name is (HTML Living Standard, section 9.2.6). An event \
            that has nothing to carry but its name says `data: ""`. An `id` or a `retry` alone is of use without.
            """,
        bad: route("template: { content_type: text/event-stream, messages: [{ event: ping }] }"),
        good: route("template: { content_type: text/event-stream, messages: [{ event: ping, data: \"\" }] }"))

    package static let unusedKey = Rule(
        "unused-key", summary: "a key that does nothing where it stands",
        explanation: """
            Some keys say something of another one, and nothing without it: `interval` is the time between two of the \
            `messages`. Others cannot hold beside another one: a failure is rendered the same everywhere, and has no \
            `trailers`.
            """,
        bad: route("template: { text: hi, interval: 1s }"), good: route("template: { messages: [hi], interval: 1s }"))

    package static let forbiddenTrailer = Rule(
        "forbidden-trailer", summary: "a trailer that clients need before the body",
        explanation: """
            Some fields say how to read the message that they are a part of, who may have it, or what is to be done \
            with it. Behind the body they come too late, and recipients must ignore them there (RFC 9110 section \
            6.5.1).
            """,
        bad: route("template: { text: hi, trailers: { content-type: text/plain } }"),
        good: route("template: { text: hi, trailers: { x-checksum: \"1\" } }"))

    package static let badRedirect = Rule(
        "bad-redirect", summary: "a redirect to a place that is not meant",
        explanation: """
            A target that starts with `//` names another host, not a path: `//x/y` leads to the host x. It is almost \
            always a path with a slash too many, and where it holds a hole it lets a caller choose the host. An empty \
            target, and one with a line break in it, lead nowhere.
            """,
        bad: route("redirect: //other"), good: route("redirect: /other"))

    package static let logFieldTaken = Rule(
        "log-field-taken", summary: "a log field with the name of a built-in one",
        explanation: """
            The keys that the access log writes itself are published and stable; a second key of the same name in \
            one JSON object would hide the first.
            """,
        bad: manifest("middleware: { access_log: { fields: { url.path: request.path } } }"),
        good: manifest("middleware: { access_log: { fields: { path: request.path } } }"))

    package static let secretInLog = Rule(
        "secret-in-log", summary: "a log field shows a secret",
        explanation: """
            Logs are kept, copied and read by many. A field may say something about a secret, as whether a token is the
            right one, if that is true or false; what is made of its text is refused.
            """,
        bad: manifest(
            "data: { secrets: { token: \"${TOKEN:-none}\" } }\n"
                + "middleware: { access_log: { fields: { token: data.secrets.token } } }"),
        good: manifest(
            "data: { secrets: { token: \"${TOKEN:-none}\" } }\n"
                + "middleware: { access_log: { fields: { known: 'headers[?\"x-token\"] == optional.of(data.secrets.token)' } } }"
        ))

    package static let cannotOpen = Rule(
        "cannot-open", summary: "a file that cannot be written",
        explanation: """
            The access log goes to a file that the server opens for appending when it starts. Its directory must be \
            there, and the user that the server runs as must be allowed to write.
            """,
        bad: manifest("middleware: { access_log: { output: \"file:/no/such/directory/log\" } }"),
        good: manifest("middleware: { access_log: { output: stdout } }"))

    package static let badRange = Rule(
        "bad-range", summary: "a range whose end lies before its start",
        explanation: "Both ends of a range are given smallest first: `uniform: [10ms, 50ms]`.",
        bad: route("template: hi, delay: { uniform: [50ms, 10ms] }"),
        good: route("template: hi, delay: { uniform: [10ms, 50ms] }"))

    package static let oneOf = Rule(
        "one-of", summary: "keys that exclude each other, or none of them",
        explanation: "Of some keys exactly one can be set, since each says the whole of the same thing.",
        bad: route("template: hi, fault: { share: 10% }"),
        good: route("template: hi, fault: { share: 10%, cut: true }"))

    package static let unreachableCase = Rule(
        "unreachable-case", summary: "a case that no call reaches",
        explanation: """
            The first case whose condition is true answers. One that is always true leaves nothing to those after it: \
            they would be written, and never used.
            """,
        bad: route("cases: [{ when: true, template: a }, { when: query.?b.hasValue(), template: b }]"),
        good: route("cases: [{ when: query.?b.hasValue(), template: b }, { when: true, template: a }]"))

    package static let badCompression = Rule(
        "bad-compression", summary: "compression of nothing",
        explanation: """
            `types` are content types, as `text/html`, or all of a kind, as `text/*`, or all of a suffix, as `*+json`. \
            At least one algorithm is needed; to have no compression write `compression: off`.
            """,
        bad: manifest("middleware: { compression: { types: [html] } }"),
        good: manifest("middleware: { compression: { types: [text/html] } }"))

    package static let badCollector = Rule(
        "bad-collector", summary: "not a collector that spans can be sent to",
        explanation: """
            `otlp` is a URL as `http://127.0.0.1:4318`, to which `/v1/traces` is added. Only `http://` is spoken: a \
            collector or an agent nearby takes the spans and carries them on.
            """,
        bad: manifest("middleware: { tracing: { otlp: 127.0.0.1:4318 } }"),
        good: manifest("middleware: { tracing: { otlp: 'http://127.0.0.1:4318' } }"))

    package static let badMetricName = Rule(
        "bad-metric-name", summary: "a name that a metric or a label cannot have",
        explanation: """
            The names of metrics and labels are made of letters, digits and `_`, and begin with no digit; two `_` at the start             are Prometheus' own. `_total`, `_created`, `_bucket` and `_info` at the end are what the exposition adds,             and `le`, `otel_scope_…` and `otel_metric_overflow` are its labels.
            """,
        bad: manifest("middleware: { metrics: { counters: { hello.count: {} } } }"),
        good: manifest("middleware: { metrics: { counters: { hello_count: {} } } }"))

    package static let metricTaken = Rule(
        "metric-taken", summary: "a metric with the name of a built-in one",
        explanation: """
            The names of the server's own metrics are published and stable, and all that begins with `radicled_` is kept for             them. A counter takes up its name with `_total`, a histogram its name with `_bucket`, `_sum` and `_count`.
            """,
        bad: manifest("middleware: { metrics: { counters: { radicled_hellos: {} } } }"),
        good: manifest("middleware: { metrics: { counters: { hellos: {} } } }"))

    package static let metricClash = Rule(
        "metric-clash", summary: "one name for metrics that are not the same",
        explanation: """
            A name stands for one metric in the whole process: of one kind, and with the same buckets wherever it is said             again. A counter `a` is also taken for `a_total`, a histogram `a` for `a_count`, `a_sum` and `a_bucket`.
            """,
        bad: manifest(
            "middleware: { metrics: { counters: { load: {} }, gauges: { load: { value: response.size } } } }"),
        good: manifest(
            "middleware: { metrics: { counters: { loads: {} }, gauges: { load: { value: response.size } } } }"))

    package static let badMetricValue = Rule(
        "bad-metric-value", summary: "an expression that gives no number, or no text for a label",
        explanation: """
            A metric counts numbers: an int, a double, or a duration, which counts in seconds. A label is one text: a list or             a map has to be made one first, or only its size taken. What the type leaves open shows when a call is over;             it counts as a failure then.
            """,
        bad: manifest("middleware: { metrics: { gauges: { path_length: { value: request.path } } } }"),
        good: manifest("middleware: { metrics: { gauges: { path_length: { value: size(request.path) } } } }"))

    package static let badBuckets = Rule(
        "bad-buckets", summary: "buckets that are not in order",
        explanation: """
            The bounds of a histogram are numbers in ascending order, each once, and 100 at most: every one of them is a             series to who scrapes. The last bucket, which takes the rest, is there without being written.
            """,
        bad: manifest(
            "middleware: { metrics: { histograms: { sizes: { value: response.size, buckets: [10, 5] } } } }"),
        good: manifest(
            "middleware: { metrics: { histograms: { sizes: { value: response.size, buckets: [5, 10] } } } }"))

    package static let unknownTarget = Rule(
        "unknown-target", summary: "a metric on a service or route that there is not",
        explanation: """
            `on` is the name of a service, or a service and one of its routes as they are written under `routes`, with a point             between: `web` or `web.GET /hello/{name}`.
            """,
        bad: manifest("middleware: { metrics: { counters: { hellos: { on: wbe } } } }"),
        good: manifest("middleware: { metrics: { counters: { hellos: { on: web.GET /a } } } }"))

    package static let secretInMetric = Rule(
        "secret-in-metric", summary: "a label shows a secret",
        explanation: """
            Metrics are scraped, kept and shown to many. A label may say something about a secret, as whether a token is the             right one, if that is true or false; what is made of its text is refused.
            """,
        bad: manifest(
            "data: { secrets: { token: \"${TOKEN:-none}\" } }\n"
                + "middleware: { metrics: { counters: { hellos: { labels: { token: data.secrets.token } } } } }"),
        good: manifest(
            "data: { secrets: { token: \"${TOKEN:-none}\" } }\n"
                + "middleware: { metrics: { counters: { hellos: { labels: { known: 'headers[?\"x-token\"] == optional.of(data.secrets.token)' } } } } }"
        ))

    package static let exampleRoute = Rule(
        "example-route", summary: "an example whose request does not reach its route",
        explanation: """
            An example is run as a client would call: its request goes through the router. If it reaches another route, or \
            none, it shows nothing of this one. The path is the whole path, with the service's prefix, and where the \
            pattern has wildcards it has to be written.
            """,
        bad: route("template: hi, examples: [{ request: { path: /b }, response: { text: hi } }]"),
        good: route("template: hi, examples: [{ request: { path: /a }, response: { text: hi } }]"))

    package static let exampleBody = Rule(
        "example-body", summary: "an example with more than one body, or with one that cannot be",
        explanation: """
            A request and an answer have one body each. What is written under `json` must be JSON, which has no infinity \
            and nothing that is not a number.
            """,
        bad: route("template: hi, examples: [{ request: { text: a, json: a }, response: { text: hi } }]"),
        good: route("template: hi, examples: [{ request: { json: a }, response: { text: hi } }]"))

    package static let exampleExpectation = Rule(
        "example-expectation", summary: "an example that expects nothing, or what cannot come",
        explanation: """
            An example that compares nothing passes whatever is answered, so it only looks like a test. One that expects \
            what no answer can be, such as a body after HEAD, can only fail.
            """,
        bad: route("template: hi, examples: [{ response: {} }]"),
        good: route("template: hi, examples: [{ response: { status: 200 } }]"))

    package static let badLimit = Rule(
        "bad-limit", summary: "a rate limit that cannot be kept",
        explanation: """
            A bucket holds `burst` calls, and a call takes its `cost`: less than nothing would fill it, and more than all \
            of it never comes through. Rates go up to a million a second, and a bucket must be full again within a hundred \
            years. The name of a policy is sent to clients in `RateLimit-Policy`, so it is made of ASCII, and `default` is \
            that of the policy that `rate` makes.
            """,
        bad: manifest("middleware: { rate_limit: { rate: 5/s, cost: \"6\" } }"),
        good: manifest("middleware: { rate_limit: { rate: 5/s, burst: 6, cost: \"6\" } }"))

    package static let forgeableKey = Rule(
        "forgeable-key", .warning, summary: "a rate limit that a client can get around",
        explanation: """
            Each value of `key` has a bucket of its own. Who can choose the value has a new, full bucket with each call: \
            headers, cookies, the query and the body are what a client says. `client.address` is the address of the \
            connection's peer, or, behind `trusted_proxies`, the one that those vouch for.
            """,
        bad: manifest("middleware: { rate_limit: { rate: 5/s, key: 'headers[\"x-forwarded-for\"]' } }"),
        good: manifest("middleware: { rate_limit: { rate: 5/s, key: client.address } }"))

    package static let all: [Rule] = [
        badLimit, forgeableKey,
        unreachableCase, badCompression, badCollector, exampleRoute, exampleBody, exampleExpectation,
        badMetricName, metricTaken, metricClash, badMetricValue, badBuckets, unknownTarget, secretInMetric,
        streamType, streamInPage, silentEvent, unusedKey, forbiddenTrailer,
        badTimeout, sameAddress, openAdmin, badHeaderName, reservedHeader, oneResponder, oneBody, badStatus,
        missingFile,
        badBase64, badRedirect, logFieldTaken, secretInLog, cannotOpen, badRange, oneOf,
    ]

    static func manifest(_ line: String) -> String {
        "radicle: 1\n\(line)\nservices: { web: { routes: { GET /a: { template: hi } } } }\n"
    }

    static func route(_ keys: String) -> String {
        "radicle: 1\nservices:\n  web:\n    routes:\n      GET /a: { \(keys) }\n"
    }
}
