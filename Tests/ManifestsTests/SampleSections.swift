import Diagnostics
import Manifests

/// Sections as the catalog has them, small: for tests of what every section can do.
struct Timeout: ManifestSection, Equatable {
    static let key = "timeout"
    static let doc = "How long a call may take."
    static let short: String? = "default"
    static let fields: [Field<Timeout>] = [
        Field(
            "default", \.standard, doc: "Where the client sets none.", example: "2s",
            check: within(.milliseconds(1)...(.hours(1)))),
        Field("maximum", \.maximum, doc: "The most a client may ask for.", example: "10s"),
    ]
    var standard = Timespan.seconds(30)
    var maximum: Timespan?
}

struct AccessLog: ManifestSection, Equatable {
    enum Format: String, Choice {
        case json
        case text
        case combined
    }
    static let key = "access_log"
    static let doc = "One line for each call."
    static let short: String? = "format"
    static let fields: [Field<AccessLog>] = [
        Field("format", \.format, doc: "How a line looks.", example: "json"),
        Field("output", \.output, doc: "Where lines go.", example: "stdout"),
        Field("sample", \.sample, doc: "The part of the calls that is logged.", example: "10%"),
    ]
    var format = Format.json
    var output = "stdout"
    var sample = Share(fraction: 1)
}

struct Middleware: ManifestSection, Equatable {
    static let key = "middleware"
    static let doc = "What every call goes through."
    static let fields: [Field<Middleware>] = [
        Field("timeout", \.timeout, doc: "The deadline.", example: "2s"),
        Field("access_log", \.accessLog, doc: "The log.", example: "json"),
        Field("body_limit", \.bodyLimit, doc: "The largest body.", example: "1MiB"),
    ]
    var timeout = Switchable.on(Timeout())
    var accessLog = Switchable.on(AccessLog())
    var bodyLimit = Switchable.on(Size.mebibytes(1))
}

struct Fault: ManifestSection, Equatable {
    static let key = "fault"
    static let doc = "Fails a share of the calls."
    static let fields: [Field<Fault>] = [
        Field("share", \.share, doc: "How many.", example: "10%", required: true),
        Field("cut", \.cut, doc: "Closes the connection."),
    ]
    var share = Share(fraction: 0)
    var cut = false
}

struct Route: ManifestSection, Equatable {
    static let key = "a route"
    static let doc = "What answers a pattern."
    static let fields: [Field<Route>] = [
        Field("template", \.template, doc: "The answer.", example: "hi"),
        Field("echo", \.echo, doc: "Answers with the request."),
        Field("delay", \.delay, doc: "Waits before the answer.", example: "20ms"),
        Field("fault", \.fault, doc: "Fails some."),
        Field("middleware", \.middleware, doc: "Overrides."),
    ]
    var template: Node?
    var echo: Node?
    var delay: Timespan?
    var fault: Fault?
    var middleware: Middleware?

    static func == (a: Route, b: Route) -> Bool {
        render(a.template) == render(b.template) && render(a.echo) == render(b.echo) && a.delay == b.delay
            && a.fault == b.fault && a.middleware == b.middleware
    }

    func lint(_ node: Node, _ findings: inout Findings) {
        if node["template"] != nil, let echo = node.entry("echo") {
            findings.report(ManifestRules.unknownKey, "a route has one responder", at: echo.key.range)
        }
    }
}

struct Service: ManifestSection {
    static let key = "a service"
    static let doc = "Routes that belong together."
    static let fields: [Field<Service>] = [
        Field("host", \.host, doc: "The names it answers to.", example: "api.example.com"),
        Field("prefix", \.prefix, doc: "What paths start with.", example: "/api"),
        Field("routes", \.routes, doc: "Patterns and what answers them."),
        Field("middleware", \.middleware, doc: "Overrides."),
    ]
    var host = OneOrMore<String>()
    var prefix: Placed<String>?
    var routes = Named<Route>()
    var middleware: Middleware?
}

struct Shutdown: ManifestSection {
    static let key = "shutdown"
    static let doc = "How it ends."
    static let fields: [Field<Shutdown>] = [
        Field("delay", \.delay, doc: "Before listeners close.", example: "5s"),
        Field("grace", \.grace, doc: "For calls in flight.", example: "30s"),
    ]
    var delay: Timespan?
    var grace = Timespan.seconds(30)
}

struct Limits: ManifestSection {
    static let key = "limits"
    static let doc = "Limits of HTTP/1."
    static let fields: [Field<Limits>] = [
        Field("header_total", \.headerTotal, doc: "All fields.", example: "64KiB"),
        Field("idle", \.idle, doc: "Keep-alive.", example: "75s"),
    ]
    var headerTotal = Size.kibibytes(64)
    var idle = Timespan.seconds(75)
}

struct Sample: ManifestSection {
    static let key = "the manifest"
    static let doc = "The whole."
    static let fields: [Field<Sample>] = [
        Field(
            "radicle", \.radicle, doc: "The version of the format.", example: "1", required: true, check: within(1...1)),
        Field("name", \.name, doc: "What telemetry calls it."),
        Field("listen", \.listen, doc: "Where it listens.", example: ":8080"),
        Field("workers", \.workers, doc: "Event loops.", example: "2", check: within(1...1024)),
        Field("limits", \.limits, doc: "Limits."),
        Field("shutdown", \.shutdown, doc: "The end."),
        Field("middleware", \.middleware, doc: "Defaults for all."),
        Field("services", \.services, doc: "What is served."),
    ]
    var radicle = 1
    var name: String?
    var listen = OneOrMore([ListenAddress.tcp(host: "127.0.0.1", port: 8080)])
    var workers: Int?
    var limits = Limits()
    var shutdown = Shutdown()
    var middleware = Middleware()
    var services = Named<Service>()
}

/// Reads and decodes a text as a value.
struct Decoding<Value: ManifestValue> {
    let source: Source
    let value: Value?
    let findings: [Finding]

    init(_ text: String, name: String = "m.yaml") {
        source = Source(name: name, text: text)
        var findings = Findings()
        var value: Value?
        if let node = YAMLReader.read(source, &findings) {
            KeyPlaces.$known.withValue(KeyPlaces(Sample.schema)) { value = Value.decode(node, &findings) }
        }
        self.value = value
        self.findings = findings.ordered()
    }

    /// `4:7 unknown-key tmeplate`: the place, the rule and what the carets cover.
    var told: [String] {
        findings.map { "\($0.range.from.line):\($0.range.from.column) \($0.rule.id) \(slice($0.range))" }
    }
}
