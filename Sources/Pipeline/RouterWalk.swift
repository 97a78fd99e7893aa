/// One search of the trie: at each node literal before verb before wildcard before a rest with a verb before rest, back
/// where one leads nowhere.
///
/// A node has one depth, and a depth is one place in the path; so no node is entered twice, and the most hostile path
/// costs no more than visiting every node that the manifest has made.
struct RouterWalk {
    let path: RouterPath
    /// Whether a segment may differ from its decoded text.
    let isEscaped: Bool
    let method: UInt16
    /// Taken too, but after `method`: GET for HEAD, else `method` again.
    let secondMethod: UInt16
    /// The route found is a rest. Such a match gives way to a redirect.
    private(set) var endedInRest = false
    /// The path with a slash behind it would match a pattern that ends there.
    private(set) var matchesWithSlash = false

    @inline(__always) init(_ path: RouterPath, isEscaped: Bool, method: UInt16, secondMethod: UInt16) {
        self.path = path
        self.isEscaped = isEscaped
        self.method = method
        self.secondMethod = secondMethod
    }

    /// The index of the entry found from `start` on, where the path goes on at `place`; 0 if there is none.
    mutating func find(
        _ table: borrowing RouterTable, from start: UInt32, at place: Int, wildcards: Int, _ captures: inout Captures
    ) -> UInt32 {
        var number = start
        var place = place
        var wildcards = wildcards
        while true {
            let node = table.nodes + Int(number)
            if place >= path.count {
                let entry = route(table, node.pointee.own)
                if entry == 0, route(table, node.pointee.end) | route(table, node.pointee.rest) != 0 {
                    matchesWithSlash = true
                }
                return entry
            }
            let first = place &+ 1
            if first == path.count {
                let entry = route(table, node.pointee.end)
                return entry != 0 ? entry : rest(table, node, first, wildcards, &captures)
            }
            let end = path.segmentEnd(first)
            let wildcard = node.pointee.wildcard
            let rests = node.pointee.rest != 0 || node.pointee.hasRestVerbs
            if node.pointee.hasLiterals {
                let literal = child(table, number, .literal, first, end)
                if literal != 0 {
                    if wildcard == 0, !rests, !node.pointee.hasVerbs {
                        number = literal
                        place = end
                        continue
                    }
                    let entry = find(table, from: literal, at: end, wildcards: wildcards, &captures)
                    if entry != 0 { return entry }
                }
            }
            if node.pointee.hasVerbs, end == path.count {
                let entry = verb(table, number, .verb, first, wildcards, &captures)
                if entry != 0 { return entry }
            }
            if wildcard != 0 {
                captures.set(wildcards, first, end)
                if !rests {
                    number = wildcard
                    place = end
                    wildcards &+= 1
                    continue
                }
                let entry = find(table, from: wildcard, at: end, wildcards: wildcards &+ 1, &captures)
                if entry != 0 { return entry }
            }
            if node.pointee.hasRestVerbs {
                let entry = verb(table, number, .restVerb, first, wildcards, &captures)
                if entry != 0 { return entry }
            }
            return rest(table, node, first, wildcards, &captures)
        }
    }

    @inline(__always)
    private mutating func rest(
        _ table: borrowing RouterTable, _ node: UnsafeMutablePointer<RouterTable.Node>, _ first: Int, _ wildcards: Int,
        _ captures: inout Captures
    ) -> UInt32 {
        let entry = route(table, node.pointee.rest)
        if entry != 0 {
            captures.set(wildcards, first, path.count)
            endedInRest = true
        }
        return entry
    }

    /// The entry of the leaf that takes the method; entries lie in the order of preference.
    @inline(__always) private func route(_ table: borrowing RouterTable, _ leaf: UInt32) -> UInt32 {
        if leaf == 0 { return 0 }
        var index = leaf
        while true {
            let entry = table.entries[Int(index)]
            if entry.method == method || entry.method == 0 || entry.method == secondMethod { return index }
            if entry.isLast { return 0 }
            index &+= 1
        }
    }

    // MARK: Segments

    @inline(__always)
    private func child(
        _ table: borrowing RouterTable, _ node: UInt32, _ edge: RouterTable.Edge, _ start: Int, _ end: Int
    ) -> UInt32 {
        if isEscaped { return decoded(table, node, edge, start, end) }
        return table.child(node, edge, path.bytes + start, end &- start)
    }

    @inline(never)
    private func decoded(
        _ table: borrowing RouterTable, _ node: UInt32, _ edge: RouterTable.Edge, _ start: Int, _ end: Int
    ) -> UInt32 {
        let segment = UnsafeBufferPointer(start: path.bytes + start, count: end &- start)
        guard segment.contains(UInt8(ascii: "%")) else {
            return table.child(node, edge, path.bytes + start, end &- start)
        }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: segment.count) { scratch in
            guard let out = scratch.baseAddress else { return 0 }
            return table.child(node, edge, UnsafePointer(out), PathEscapes.decode(segment, into: out))
        }
    }

    /// The path cut at the last colon of its last segment. An escaped colon is part of a name, never the mark of a verb.
    @inline(never)
    private mutating func verb(
        _ table: borrowing RouterTable, _ node: UInt32, _ edge: RouterTable.Edge, _ start: Int, _ wildcards: Int,
        _ captures: inout Captures
    ) -> UInt32 {
        guard let colon = verbColon(start) else { return 0 }
        let child = child(table, node, edge, colon &+ 1, path.count)
        if child == 0 { return 0 }
        let entry = route(table, table.nodes[Int(child)].own)
        if entry != 0 { captures.set(wildcards, start, colon) }
        return entry
    }

    /// The last colon of the last segment, if something stands before it there.
    private func verbColon(_ start: Int) -> Int? {
        var at = path.count &- 1
        while at > start, path.bytes[at] != UInt8(ascii: ":"), path.bytes[at] != UInt8(ascii: "/") { at &-= 1 }
        return at > start && path.bytes[at] == UInt8(ascii: ":") && path.bytes[at &- 1] != UInt8(ascii: "/") ? at : nil
    }

    // MARK: Other methods

    /// Adds the methods of all patterns that match the path, or would with a slash behind it.
    func collect(_ table: borrowing RouterTable, from number: UInt32, at place: Int, into methods: inout MethodSet) {
        if number == 0 { return }
        let node = table.nodes[Int(number)]
        if place >= path.count {
            add(table, node.own, &methods)
            add(table, node.end, &methods)
            add(table, node.rest, &methods)
            return
        }
        add(table, node.rest, &methods)
        let first = place &+ 1
        if first == path.count {
            add(table, node.end, &methods)
            return
        }
        let end = path.segmentEnd(first)
        if node.hasLiterals {
            collect(table, from: child(table, number, .literal, first, end), at: end, into: &methods)
        }
        if node.hasVerbs || node.hasRestVerbs, let colon = verbColon(first) {
            if end == path.count {
                collect(table, from: child(table, number, .verb, colon &+ 1, end), at: end, into: &methods)
            }
            collect(
                table, from: child(table, number, .restVerb, colon &+ 1, path.count), at: path.count, into: &methods)
        }
        collect(table, from: node.wildcard, at: end, into: &methods)
    }

    private func add(_ table: borrowing RouterTable, _ leaf: UInt32, _ methods: inout MethodSet) {
        if leaf == 0 { return }
        var index = Int(leaf)
        while true {
            methods.insert(table.entries[index].method)
            if table.entries[index].isLast { return }
            index &+= 1
        }
    }
}
