/// What a manifest came to: the router, and for each route its chain and responder. Immutable once made.
package final class Plan: Sendable {
    package let router: Router
    private let table: RouteTable
    /// The route of each of the router's patterns: a route on several hosts has a pattern for each.
    private let numbers: [Int]
    package let name: String
    /// How many manifests this process has had in force, this one included.
    package let generation: Int
    /// Whose word about the client counts; nil if nobody's does.
    package let proxies: ProxyTrust?
    /// The full names of the services whose methods are among the routes.
    private let services: Set<[UInt8]>

    package init(
        name: String, generation: Int = 1, proxies: ProxyTrust? = nil, router: Router, numbers: [Int],
        unmatched: consuming Route,
        routes: consuming RouteTable
    ) {
        self.name = name
        self.generation = generation
        self.proxies = proxies
        self.router = router
        self.numbers = numbers
        var table = routes
        table.setUnmatched(unmatched)
        var services: Set<[UInt8]> = []
        for index in 0..<table.count {
            if let method = table[index].pointee.rpc { services.insert(Array(method.service.utf8)) }
        }
        self.services = services
        self.table = table
    }

    /// Whether some method of this service is served.
    func serves(service: UnsafeBufferPointer<UInt8>) -> Bool { services.contains(Array(service)) }

    /// The chain of the root and the answer for what matched no route.
    package var unmatched: UnsafePointer<Route> { table.unmatched }

    /// The route of a pattern that this plan's router chose.
    package func route(_ index: Int) -> UnsafePointer<Route> { table[numbers[index]] }

    package var routeCount: Int { table.count }
}

/// Routes at fixed addresses, so that using one copies no references.
package struct RouteTable: ~Copyable, @unchecked Sendable {
    // @unchecked: written while the plan is made, only read afterwards; Route's parts are Sendable.
    private let storage: UnsafeMutablePointer<Route>
    private let capacity: Int
    package private(set) var count = 0
    /// A table is dropped without it where the manifest has mistakes.
    private var hasUnmatched = false

    /// - Parameter capacity: how many routes will be appended.
    package init(capacity: Int) {
        self.capacity = capacity
        // One more in front for the unmatched.
        storage = .allocate(capacity: capacity + 1)
    }

    deinit {
        if hasUnmatched { storage.deinitialize(count: 1) }
        (storage + 1).deinitialize(count: count)
        storage.deallocate()
    }

    package mutating func append(_ route: consuming Route) {
        precondition(count < capacity, "the plan makes room for each route that it appends")
        (storage + count + 1).initialize(to: route)
        count += 1
    }

    /// A method's route, and that of its calls that are carried in bodies of HTTP.
    package mutating func append(_ route: consuming Route, carried: consuming Route) {
        var route = route
        route.hasCarried = true
        append(route)
        append(carried)
    }

    fileprivate mutating func setUnmatched(_ route: consuming Route) {
        precondition(!hasUnmatched, "a plan has one route for what matches none")
        storage.initialize(to: route)
        hasUnmatched = true
    }

    fileprivate var unmatched: UnsafePointer<Route> { UnsafePointer(storage) }

    fileprivate subscript(index: Int) -> UnsafePointer<Route> {
        index >= 0 && index < count ? UnsafePointer(storage + index + 1) : UnsafePointer(storage)
    }
}
