package import JSON

/// Finds the route of a request, on bytes. Immutable; built once from patterns without conflicts.
///
/// As Go's ServeMux, but a redirect is 308, and `OPTIONS` is answered from the same list as 405's `Allow`.
package final class Router: Sendable {
    package enum Match: Sendable, Equatable {
        /// The index of the pattern in the array that the router was made from.
        case route(Int)
        /// Other methods match: 405 with `Allow`; for OPTIONS it is the answer. `append(allow:)` writes the list.
        case methodNotAllowed(MethodSet)
        /// 308 to the path that `PathCleaning.append(redirectFrom:addingSlash:to:)` writes, and the same query.
        case redirect(addingSlash: Bool)
        case notFound
        /// 400.
        case badPath(PathFault)
    }

    private let table: RouterTable
    private let methodNames: [String]
    private let head: UInt16
    private let options: UInt16
    /// The methods of all patterns, for `*`.
    private let everything: MethodSet
    /// What a pattern without a method stands for, where methods are listed.
    private let common: MethodSet

    /// - Parameter patterns: without conflicts (`RoutePattern.conflicts(among:)`); of two that match the same, the first
    ///   one stays.
    package init(_ patterns: [RoutePattern]) {
        let builder = RouterBuilder(patterns)
        table = RouterTable(builder)
        methodNames = builder.methodNames
        head = builder.number("HEAD")
        options = builder.number("OPTIONS")
        var everything = builder.used
        common = builder.common
        if everything.hasAny { everything.formUnion(common) }
        self.everything = everything
    }

    /// - Parameters:
    ///   - host: the value of `Host` or `:authority`, perhaps with a port; case does not matter.
    ///   - path: as the request has it, without the query; empty is `/`. Control bytes are refused before.
    ///   - captures: filled if the match is a route, else undefined.
    package func match(
        method: UnsafeBufferPointer<UInt8>, host: UnsafeBufferPointer<UInt8>, path: UnsafeBufferPointer<UInt8>,
        _ captures: inout Captures
    ) -> Match {
        guard let bytes = path.baseAddress, path.count > 0 else {
            // The absolute form may leave the path out (RFC 9112 section 3.2.1).
            let root: StaticString = "/"
            return search(RouterPath(root.utf8Start, 1), table.method(method), host, isEscaped: false, &captures)
        }
        let shape = RouterPath(bytes, path.count)
        let number = table.method(method)
        if shape.isPlain, bytes[0] == UInt8(ascii: "/") {
            return search(shape, number, host, isEscaped: false, &captures)
        }
        return matchOdd(method, number, host, path, shape, &captures)
    }

    /// A path with escapes, empty segments or segments that start with a dot.
    @inline(never)
    private func matchOdd(
        _ method: UnsafeBufferPointer<UInt8>, _ number: UInt16, _ host: UnsafeBufferPointer<UInt8>,
        _ path: UnsafeBufferPointer<UInt8>, _ shape: RouterPath, _ captures: inout Captures
    ) -> Match {
        guard path.first == UInt8(ascii: "/") else {
            guard path.count == 1, path.first == UInt8(ascii: "*") else { return .badPath(.noSlash) }
            return number == options ? .methodNotAllowed(withHead(everything)) : .badPath(.asterisk)
        }
        if let fault = PathEscapes.fault(path) { return .badPath(fault) }
        if !method.elementsEqual("CONNECT".utf8), PathCleaning.isNeeded(path) {
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: path.count &+ 1) { scratch in
                guard let clean = scratch.baseAddress else { return .notFound }
                let shape = RouterPath(UnsafePointer(clean), PathCleaning.clean(path, into: clean))
                // One redirect is better than two.
                let match = search(shape, number, host, isEscaped: !shape.isPlain, &captures)
                return .redirect(addingSlash: match == .redirect(addingSlash: true))
            }
        }
        let match = search(shape, number, host, isEscaped: true, &captures)
        captures.markEscapes(path)
        return match
    }

    @inline(__always)
    private func search(
        _ path: RouterPath, _ method: UInt16, _ host: UnsafeBufferPointer<UInt8>, isEscaped: Bool,
        _ captures: inout Captures
    ) -> Match {
        var walk = RouterWalk(
            path, isEscaped: isEscaped, method: method, secondMethod: method == head ? table.get : method)
        var found: UInt32 = 0
        if table.hasHosts {
            forEachRoot(host) { root in
                found = walk.find(table, from: root, at: 0, wildcards: 0, &captures)
                return found == 0
            }
        } else {
            found = walk.find(table, from: table.root, at: 0, wildcards: 0, &captures)
        }
        if walk.matchesWithSlash, found == 0 || walk.endedInRest { return .redirect(addingSlash: true) }
        guard found != 0 else { return missed(walk, host) }
        let entry = table.entries[Int(found)]
        captures.count = Int(entry.captures)
        captures.escaped = 0
        return .route(Int(entry.route))
    }

    @inline(never)
    private func missed(_ walk: RouterWalk, _ host: UnsafeBufferPointer<UInt8>) -> Match {
        var methods = MethodSet()
        forEachRoot(host) { root in
            walk.collect(table, from: root, at: 0, into: &methods)
            return true
        }
        return methods.isEmpty ? .notFound : .methodNotAllowed(withHead(methods))
    }

    /// The methods that a path is there under, those that stand for any method by name.
    /// - Parameter path: a clean one.
    package func methods(host: UnsafeBufferPointer<UInt8>, path: UnsafeBufferPointer<UInt8>) -> MethodSet {
        guard let bytes = path.baseAddress, path.first == UInt8(ascii: "/") else { return withHead(everything) }
        let shape = RouterPath(bytes, path.count)
        let nobody = RouterTable.unknownMethod
        let walk = RouterWalk(shape, isEscaped: !shape.isPlain, method: nobody, secondMethod: nobody)
        guard case .methodNotAllowed(var methods) = missed(walk, host) else { return MethodSet() }
        if methods.hasAny { methods.formUnion(common) }
        return methods
    }

    /// Calls `body` with the name of each, in the order of the bytes, until it returns false.
    package func forEach(_ methods: MethodSet, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) {
        for (index, name) in methodNames.enumerated() where methods.contains(UInt16(clamping: index + 1)) {
            var name = name
            if !name.withUTF8(body) { return }
        }
    }

    private func withHead(_ methods: MethodSet) -> MethodSet {
        var methods = methods
        if methods.contains(table.get) { methods.insert(head) }
        return methods
    }

    /// Calls `body` with the tries of the host, of the suffixes it ends in, longest first, and of no host, until it
    /// returns false.
    @inline(never)
    private func forEachRoot(_ host: UnsafeBufferPointer<UInt8>, _ body: (UInt32) -> Bool) {
        if table.hasHosts, !host.isEmpty {
            let goesOn = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: RouteHost.maxLength) { scratch in
                guard let name = scratch.baseAddress else { return true }
                let count = RouteHost.name(of: host, into: name)
                if count == 0 { return true }
                let root = table.child(0, .host, UnsafePointer(name), count)
                if root != 0, !body(root) { return false }
                guard table.hasHostSuffixes else { return true }
                for dot in 1..<count where name[dot] == UInt8(ascii: ".") && dot &+ 1 < count {
                    let root = table.child(0, .hostSuffix, UnsafePointer(name + (dot &+ 1)), count &- dot &- 1)
                    if root != 0, !body(root) { return false }
                }
                return true
            }
            if !goesOn { return }
        }
        if table.root != 0 { _ = body(table.root) }
    }

    // MARK: Allow

    /// Appends the methods as `Allow` lists them (RFC 9110 section 10.2.1), sorted.
    /// - Parameter addingOptions: whether the server itself answers OPTIONS.
    package func append(allow methods: MethodSet, addingOptions: Bool = false, to writer: inout ByteWriter) {
        var methods = methods
        if addingOptions { methods.insert(options) }
        var isFirst = true
        for (index, name) in methodNames.enumerated() where methods.contains(UInt16(clamping: index + 1)) {
            if !isFirst { writer.append(", ") }
            isFirst = false
            writer.append(name)
        }
    }
}

/// Some of a router's methods, by their numbers.
package struct MethodSet: Sendable, Equatable {
    /// A router with more methods finds its routes all the same, but lists only the first of them by name in `Allow`.
    package static let capacity = 63

    // Bit 0 is "any method".
    private var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }
    var hasAny: Bool { bits & 1 != 0 }

    mutating func insert(_ method: UInt16) {
        if method <= MethodSet.capacity { bits |= 1 &<< UInt64(method) }
    }

    func contains(_ method: UInt16) -> Bool {
        method <= MethodSet.capacity && bits & (1 &<< UInt64(method)) != 0
    }

    mutating func formUnion(_ other: MethodSet) { bits |= other.bits }
}
