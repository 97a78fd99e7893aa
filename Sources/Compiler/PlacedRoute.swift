import CEL
import Catalog
import Diagnostics
import Manifests
import Pipeline

/// A route or a method with its service around it and its pattern read.
struct PlacedRoute {
    enum Content {
        case route(RouteSection)
        case method(MethodSection, RPCMethod)
        /// A method that the service has and the manifest does not name.
        case unserved(RPCMethod)
    }

    let service: ServiceSection
    let serviceName: String
    /// The service's middleware over the root's.
    let settings: Node?
    /// The root's, the service's and the route's, those of deeper scopes in place of those of the same name.
    let variables: Named<Expression>
    let errors: ErrorPages
    let content: Content
    /// The pattern in the manifest, or the name of the method; where the manifest does not name it, that of the service.
    let key: PlacedText
    /// What stands behind it there.
    let node: Node?
    /// Its patterns, each on every host of the service; none if the pattern cannot be read: then the rest is checked all
    /// the same.
    private(set) var entrances: [Entrance]
    /// Those that stand only where nothing else takes the same.
    private var spares: [Entrance] = []

    /// One way to it: what asks, and which of its routes in the table answers that.
    struct Entrance {
        let pattern: RoutePattern
        /// From its first route. A method has one for gRPC, one for the calls that are carried in bodies of HTTP, and one for
        /// each of its HTTP rules.
        var offset = 0
        /// Where it is written, if that is not where the route is.
        var place: SourceRange?
    }

    var patterns: [RoutePattern] { entrances.map(\.pattern) }

    /// How many routes it has in the table.
    var tableCount: Int { method == nil ? 1 : 2 + bindings.count }

    /// How HTTP with JSON reaches it, if it is a method.
    var bindings: [HTTPBinding] = []

    var place: ManifestPlace {
        switch content {
        case .route: servicePlace.key("routes").key(key.string)
        case .method(_, let method), .unserved(let method): servicePlace.key("methods").key(method.name)
        }
    }
    private var servicePlace: ManifestPlace { ManifestPlace.root.key("services").key(serviceName) }

    /// The method that it is; nil for an HTTP route.
    var method: RPCMethod? {
        switch content {
        case .route: nil
        case .method(_, let method), .unserved(let method): method
        }
    }

    /// What it is called: the pattern in the manifest, or the full name of the method.
    var name: String { method?.fullName ?? key.string }

    var middleware: MiddlewareMap {
        switch content {
        case .route(let route): route.middleware
        case .method(let method, _): method.middleware
        case .unserved: MiddlewareMap()
        }
    }

    /// What answers; nil where nothing does.
    var answer: (any AnsweringSection)? {
        switch content {
        case .route(let route): route
        case .method(let method, _): method
        case .unserved: nil
        }
    }

    var examples: [Placed<ExampleSection>] {
        if case .route(let route) = content { route.examples } else { [] }
    }

    var methodExamples: [Placed<MethodExample>] {
        if case .method(let method, _) = content { method.examples } else { [] }
    }

    /// The scopes around it below the root, the deepest first.
    var writers: [RouteCompiler.Writer] {
        [
            RouteCompiler.Writer(place: place, middleware: middleware.node),
            RouteCompiler.Writer(place: servicePlace, middleware: service.middleware.node),
        ]
    }

    static func all(
        of root: ManifestRoot, _ descriptors: inout ServiceDescriptors, _ findings: inout Findings
    ) -> [PlacedRoute] {
        var placed: [PlacedRoute] = []
        for service in root.services.entries {
            let around = Surrounding(service, under: root)
            for route in service.value.routes.entries { placed.append(around.placed(route, &findings)) }
            guard service.value.proto != nil else { continue }
            for method in descriptors.methods(of: service.value, &findings) ?? [] {
                placed.append(around.placed(method, &findings))
            }
        }
        addSpares(to: &placed)
        return placed
    }

    private static func addSpares(to placed: inout [PlacedRoute]) {
        let spares = placed.indices.flatMap { index in placed[index].spares.map { (index, $0) } }
        guard !spares.isEmpty else { return }
        let standing = RoutePattern.standing(spares.map(\.1.pattern), beside: placed.flatMap(\.patterns))
        for ((index, spare), stands) in zip(spares, standing) where stands { placed[index].entrances.append(spare) }
    }

    /// What a service lays around its routes.
    private struct Surrounding {
        let entry: Named<ServiceSection>.Entry
        let hosts: [RouteHost?]
        let settings: Node?
        let variables: Named<Expression>
        let errors: ErrorPages

        init(_ entry: Named<ServiceSection>.Entry, under root: ManifestRoot) {
            let service = entry.value
            self.entry = entry
            hosts = service.host.values.isEmpty ? [nil] : service.host.values.map { $0.host }
            settings = service.middleware.laid(over: root.middleware.node)
            variables = service.variables.laid(over: root.variables)
            errors = service.errors.laid(over: root.errors)
        }

        func placed(_ route: Named<RouteSection>.Entry, _ findings: inout Findings) -> PlacedRoute {
            let pattern = RoutePattern.parse(route.key, &findings)
            // A pattern with a host of its own stands once, whatever hosts the service has.
            let around = pattern?.host == nil ? hosts : [nil]
            return PlacedRoute(
                service: entry.value, serviceName: entry.name, settings: settings,
                variables: route.value.variables.laid(over: variables), errors: route.value.errors.laid(over: errors),
                content: .route(route.value), key: route.key, node: route.node,
                entrances: around.compactMap {
                    (pattern?.with(host: $0, prefix: entry.value.prefix?.prefix)).map { Entrance(pattern: $0) }
                })
        }

        func placed(_ method: RPCMethod, _ findings: inout Findings) -> PlacedRoute {
            let written = entry.value.methods.entries.first { $0.key.bytes.elementsEqual(method.name.utf8) }
            let bindings = HTTPBinding.all(of: method, written?.value, &findings)
            return PlacedRoute(
                service: entry.value, serviceName: entry.name, settings: settings,
                variables: written.map { $0.value.variables.laid(over: variables) } ?? variables, errors: errors,
                content: written.map { .method($0.value, method) } ?? .unserved(method),
                key: written?.key ?? entry.key, node: written?.node,
                entrances: hosts.flatMap { host in
                    method.patterns(host: host).map { Entrance(pattern: $0) }
                        + bindings.enumerated().map { number, binding in
                            Entrance(
                                pattern: binding.pattern.with(host: host, prefix: nil), offset: 2 + number,
                                place: binding.place)
                        }
                },
                spares: hosts.flatMap { host in
                    bindings.enumerated().compactMap { number, binding in
                        binding.spare.map {
                            Entrance(
                                pattern: $0.with(host: host, prefix: nil), offset: 2 + number, place: binding.place)
                        }
                    }
                }, bindings: bindings)
        }
    }
}

extension Named {
    /// These over those of a wider scope: of two with one name the deeper one stays, at its own place.
    fileprivate func laid(over wider: Named) -> Named {
        Named(wider.entries.filter { self[$0.name] == nil } + entries)
    }
}
