import CEL
import Catalog
import Diagnostics
import Manifests
import Pipeline

/// Examples that do not reach their route, and assertions that cannot be read.
struct ExamplesPass {
    private let routes: [PlacedRoute]
    private let router: Router
    private let numbers: [Int]
    /// False where patterns conflict: which of them takes a request is not settled then.
    private let isSettled: Bool

    init(_ routes: [PlacedRoute], _ router: Router, _ numbers: [Int], isSettled: Bool) {
        self.routes = routes
        self.router = router
        self.numbers = numbers
        self.isSettled = isSettled
    }

    /// The examples of all routes, in the order of the manifest, but those that cannot be sent.
    func run(_ findings: inout Findings) -> [RouteExample] {
        var examples: [RouteExample] = []
        for (index, route) in routes.enumerated() {
            for example in route.examples {
                if let example = check(example, of: index, &findings) { examples.append(example) }
            }
            for example in route.methodExamples {
                guard let method = route.method, let place = example.range,
                    let call = MethodCall(example.value, method, &findings)
                else { continue }
                examples.append(
                    RouteExample(
                        content: .call(call), name: example.value.name, client: example.value.client,
                        count: example.value.count, place: place, service: route.serviceName,
                        pattern: method.fullName, route: index))
            }
        }
        return examples
    }

    private func check(_ example: Placed<ExampleSection>, of index: Int, _ findings: inout Findings) -> RouteExample? {
        let route = routes[index]
        let response = example.value.response
        let assertions = response.assertions.values.compactMap {
            $0.check(ExampleReply.environment, expecting: .bool, &findings)
        }
        // A pattern that cannot be read has been told of.
        guard let pattern = route.patterns.first, let place = example.range else { return nil }
        guard let call = ExampleCall(example.value.request, pattern: pattern) else {
            let names = pattern.wildcardNames.map { "`{\($0)}`" }
            let values = (names.count == 1 ? "a value for " : "values for ") + names.joined(separator: ", ")
            findings.report(
                CatalogRules.exampleRoute, "an example of `\(route.key.string)` needs a `path`", at: place.start(of: 1),
                label: "`path` is missing",
                help: "write `path: \(Self.path(fitting: pattern))` under `request`, with \(values)")
            return nil
        }
        let expectsBody =
            response.json != nil
            || response.text.map { !$0.isEmpty } ?? response.base64.map { !$0.bytes.isEmpty } ?? false
        if call.method == "HEAD", expectsBody {
            findings.report(
                CatalogRules.exampleExpectation, "an answer to HEAD cannot have a body",
                at: example.value.request.method?.range ?? place.start(of: 1),
                help: "expect its status and its headers, or send GET")
        }
        if isSettled, example.value.request.hasMethod {
            checkRoute(call, example.value.request, to: index, at: place, &findings)
        }
        return RouteExample(
            content: .request(example.value, call, assertions), name: example.value.name,
            client: example.value.request.client, count: example.value.request.count, place: place,
            service: route.serviceName, pattern: route.key.string, route: index)
    }

    // MARK: Routing

    private func match(_ call: ExampleCall, path: [UInt8]) -> Router.Match {
        var captures = Captures()
        let method = Array(call.method.utf8)
        let host = Array((call.value(of: "host") ?? "").utf8)
        return method.withUnsafeBufferPointer { method in
            host.withUnsafeBufferPointer { host in
                path.withUnsafeBufferPointer { router.match(method: method, host: host, path: $0, &captures) }
            }
        }
    }

    private func checkRoute(
        _ call: ExampleCall, _ request: ExampleRequest, to index: Int, at place: SourceRange,
        _ findings: inout Findings
    ) {
        let path = String(decoding: call.path, as: UTF8.self)
        let range = request.path?.range ?? place.start(of: 1)
        let key = routes[index].key
        func report(
            _ message: String, at range: SourceRange, help: String, suggestion: String? = nil,
            related: [Finding.Related] = []
        ) {
            findings.report(
                CatalogRules.exampleRoute, message, at: range, help: help, suggestion: suggestion, related: related)
        }
        switch match(call, path: call.path) {
        case .route(let number) where numbers[number] == index: return
        case .route(let number):
            let other = routes[numbers[number]].key
            report(
                "`\(call.method) \(path)` reaches the route `\(other.string)`, not this one", at: range,
                help: "put the example there, or send something that only `\(key.string)` takes",
                related: [Finding.Related(other.whole, "this route takes it")])
        case .methodNotAllowed:
            report(
                "no route takes `\(call.method)` for `\(path)`", at: request.method?.range ?? range,
                help: patternHelp(index))
        case .redirect:
            report(
                "`\(path)` is redirected before it reaches a route", at: range,
                help: "write it as the pattern has it, without empty and dot segments and with its last slash")
        case .badPath(let fault):
            let written = request.path?.value ?? path
            let isRelative = fault == .noSlash && !written.isEmpty && !written.contains("://")
            let meant = isRelative ? "/" + written : nil
            report(
                "`\(path)` is refused: \(fault.message)", at: range,
                help: meant.map { "write `\($0)`" }
                    ?? (path.hasPrefix("/")
                        ? "a percent sign is written `%25`" : "write the path alone, as in `/hello`"),
                suggestion: request.path == nil ? nil : meant)
        case .notFound:
            if let prefixed = prefixed(call, index) {
                report(
                    "`\(path)` matches no route", at: range, help: "the service's prefix belongs to it: `\(prefixed)`",
                    suggestion: request.path == nil ? nil : prefixed)
            } else if let host = request.headers.entries.first(where: { $0.name.lowercased() == "host" }) {
                report(
                    "`\(path)` matches no route of the host `\(call.value(of: "host") ?? "")`",
                    at: host.node?.range ?? host.key.whole,
                    help: hostHelp(index))
            } else {
                report("`\(path)` matches no route", at: range, help: patternHelp(index))
            }
        }
    }

    /// The path below the service's prefix, if it was left out.
    private func prefixed(_ call: ExampleCall, _ index: Int) -> String? {
        guard let prefix = routes[index].service.prefix?.written().scalar?.text.bytes else { return nil }
        let path = prefix + call.path
        guard case .route(let number) = match(call, path: path), numbers[number] == index else { return nil }
        return String(decoding: path, as: UTF8.self)
    }

    private func hostHelp(_ index: Int) -> String {
        let hosts = routes[index].patterns.compactMap { $0.host.map { "`\($0)`" } }
        return hosts.isEmpty ? patternHelp(index) : "this route is for \(hosts.joined(separator: ", "))"
    }

    private func patternHelp(_ index: Int) -> String {
        let route = routes[index]
        guard route.service.prefix != nil, let pattern = route.patterns.first else {
            return "the pattern of this route is `\(route.key.string)`"
        }
        let method = pattern.method.map { $0 + " " } ?? ""
        return "this route is `\(method)\(pattern.path)`, the service's prefix included"
    }

    /// A path that the pattern matches, with `x` for what a wildcard takes.
    private static func path(fitting pattern: RoutePattern) -> String {
        pattern.segments.map { segment in
            switch segment {
            case .literal: "/" + segment.text
            case .wildcard, .rest(.some): "/x"
            case .verb(_, let verb), .restVerb(_, let verb): "/x:" + String(decoding: verb, as: UTF8.self)
            case .rest(nil), .end: "/"
            }
        }.joined()
    }
}

extension SourceRange {
    /// The first bytes of it: a map is too long to be underlined.
    fileprivate func start(of count: Int) -> SourceRange { SourceRange(source, start, min(end, start + count)) }
}
