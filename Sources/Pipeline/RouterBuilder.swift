/// Makes the flat trie of a `Router` from its patterns.
struct RouterBuilder: ~Copyable {
    /// The trie while it grows. Route numbers by method; none is any method.
    private final class Draft {
        var literals: [[UInt8]: Draft] = [:]
        var verbs: [[UInt8]: Draft] = [:]
        var restVerbs: [[UInt8]: Draft] = [:]
        var wildcard: Draft?
        var own: [String?: Leaf] = [:]
        var end: [String?: Leaf] = [:]
        var rest: [String?: Leaf] = [:]
    }

    private struct Leaf {
        let route: Int
        let captures: Int
    }

    /// Always known: GET implies HEAD, OPTIONS may be answered for all, and `*` names what any method means.
    private static let knownMethods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

    // Index 0 is none in all of these.
    private(set) var nodes = [RouterTable.Node()]
    private(set) var entries = [
        RouterTable.Entry(method: RouterTable.unknownMethod, captures: 0, isLast: true, route: 0)
    ]
    private(set) var texts: [UInt8] = []
    private(set) var methods: [RouterTable.Method] = []
    private(set) var hasHosts = false
    private(set) var hasHostSuffixes = false
    private(set) var root: UInt32 = 0
    private(set) var methodNames: [String] = []
    /// The numbers of the methods that a pattern has.
    private(set) var used = MethodSet()
    private var numbers: [String: UInt16] = [:]

    init(_ patterns: [RoutePattern]) {
        let names = Set(patterns.compactMap(\.method)).union(Self.knownMethods)
        // Tokens are ASCII, so the order of the scalars is that of the bytes.
        methodNames = names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        for (index, name) in methodNames.enumerated() {
            let bytes = Array(name.utf8)
            numbers[name] = UInt16(clamping: index + 1)
            methods.append(
                RouterTable.Method(
                    head: Self.word(bytes.prefix(8)), text: UInt32(texts.count), count: UInt32(bytes.count)))
            texts += bytes
        }
        var roots: [RouteHost?: Draft] = [:]
        var order: [RouteHost?] = []
        for (number, pattern) in patterns.enumerated() {
            if roots[pattern.host] == nil {
                roots[pattern.host] = Draft()
                order.append(pattern.host)
            }
            if let draft = roots[pattern.host] { Self.insert(pattern, number, into: draft) }
            used.insert(pattern.method.flatMap { numbers[$0] } ?? 0)
        }
        for host in order {
            guard let draft = roots[host] else { continue }
            guard let host else {
                root = emit(draft, edge: 0, text: [])
                continue
            }
            hasHosts = true
            if host.isSuffix { hasHostSuffixes = true }
            _ = emit(draft, edge: RouterTable.key(0, host.isSuffix ? .hostSuffix : .host), text: host.bytes)
        }
    }

    private static func insert(_ pattern: RoutePattern, _ number: Int, into root: Draft) {
        let leaf = Leaf(route: number, captures: pattern.wildcardNames.count)
        var draft = root
        for segment in pattern.segments {
            switch segment {
            case .literal(let text):
                let next = draft.literals[text] ?? Draft()
                draft.literals[text] = next
                draft = next
            case .verb(_, let text):
                let next = draft.verbs[text] ?? Draft()
                draft.verbs[text] = next
                draft = next
            case .restVerb(_, let text):
                let next = draft.restVerbs[text] ?? Draft()
                draft.restVerbs[text] = next
                draft = next
            case .wildcard:
                let next = draft.wildcard ?? Draft()
                draft.wildcard = next
                draft = next
            case .rest:
                draft.rest[pattern.method] = draft.rest[pattern.method] ?? leaf
                return
            case .end:
                draft.end[pattern.method] = draft.end[pattern.method] ?? leaf
                return
            }
        }
        draft.own[pattern.method] = draft.own[pattern.method] ?? leaf
    }

    private mutating func emit(_ draft: Draft, edge: UInt32, text: [UInt8]) -> UInt32 {
        let number = UInt32(nodes.count)
        var node = RouterTable.Node()
        node.edge = edge
        node.head = Self.word(text.prefix(8))
        node.tail = text.count > 8 ? Self.word(text.suffix(8)) : 0
        node.text = UInt32(texts.count)
        node.textCount = UInt32(text.count)
        texts += text
        node.hasLiterals = !draft.literals.isEmpty
        node.hasVerbs = !draft.verbs.isEmpty
        node.hasRestVerbs = !draft.restVerbs.isEmpty
        node.own = emit(draft.own)
        node.end = emit(draft.end)
        node.rest = emit(draft.rest)
        nodes.append(node)
        // In a set order, so that one manifest always makes one layout.
        for (text, child) in draft.literals.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            _ = emit(child, edge: RouterTable.key(number, .literal), text: text)
        }
        for (text, child) in draft.verbs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            _ = emit(child, edge: RouterTable.key(number, .verb), text: text)
        }
        for (text, child) in draft.restVerbs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            _ = emit(child, edge: RouterTable.key(number, .restVerb), text: text)
        }
        if let child = draft.wildcard { nodes[Int(number)].wildcard = emit(child, edge: 0, text: []) }
        return number
    }

    private mutating func emit(_ leaf: [String?: Leaf]) -> UInt32 {
        if leaf.isEmpty { return 0 }
        // HEAD takes its own before GET's, and every method its own before any's.
        func rank(_ method: String?) -> (Int, UInt16) {
            let number = method.flatMap { numbers[$0] } ?? 0
            return (method == nil ? 2 : method == "GET" ? 1 : 0, number)
        }
        let sorted = leaf.sorted { rank($0.key) < rank($1.key) }
        let start = UInt32(entries.count)
        for (index, (method, route)) in sorted.enumerated() {
            entries.append(
                RouterTable.Entry(
                    method: rank(method).1, captures: UInt8(clamping: route.captures),
                    isLast: index + 1 == sorted.count, route: UInt32(clamping: route.route)))
        }
        return start
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { Words.load($0, buffer.count) } ?? 0
        }
    }

    /// The numbers of the methods that a pattern without one stands for, where they must be listed.
    var common: MethodSet {
        var set = MethodSet()
        for name in Self.knownMethods { set.insert(numbers[name] ?? 0) }
        return set
    }

    func number(_ method: String) -> UInt16 { numbers[method] ?? RouterTable.unknownMethod }
}
