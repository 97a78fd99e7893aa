import Diagnostics

/// Collects the entries of a mapping: keys unique, `<<` merged in behind what is written.
struct MappingBuilder {
    private var entries: [Node.Entry] = []
    private var seen: [[UInt8]: SourceRange] = [:]
    private var merges: [Node] = []
    private var key: Scalar?
    private var expectsValue = false

    /// Takes keys and values in turn.
    mutating func add(_ node: Node, _ findings: inout Findings) {
        guard expectsValue else {
            expectsValue = true
            key = acceptKey(node, &findings)
            return
        }
        expectsValue = false
        guard let key else { return }
        self.key = nil
        if key.style == .plain, key.text.bytes.elementsEqual("<<".utf8) {
            merge(node, &findings)
        } else {
            // What a map or nothing at all lacks is told of at its key.
            let isHeld = node.entries != nil || node.isNull
            let value = isHeld ? Node(node.content, at: node.range, under: key.text.whole) : node
            entries.append(Node.Entry(key, value))
        }
    }

    var expectsKey: Bool { !expectsValue }

    /// The key whose value is to come.
    var openKey: Scalar? { expectsValue ? key : nil }

    /// Leaves out the key whose value is to come, and its value.
    mutating func dropKey() {
        expectsValue = false
        key = nil
    }

    /// A short list or map in brackets or braces as the text that was meant.
    private static func quoted(_ node: Node) -> String? {
        let bytes = node.range.source.bytes[node.range.start..<node.range.end]
        guard bytes.count <= 40, let first = bytes.first, "[{".utf8.contains(first) else { return nil }
        if bytes.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == UInt8(ascii: "'") }) { return nil }
        return "'\(String(decoding: bytes, as: UTF8.self))'"
    }

    private mutating func acceptKey(_ node: Node, _ findings: inout Findings) -> Scalar? {
        // An alias may make a key of a value in which something was replaced.
        guard let scalar = node.scalar?.withoutReplacement else {
            findings.report(
                YAMLRules.key, "a key is a word, not \(node.inWords)", at: node.range,
                help: Self.quoted(node).map { "put it in quotes: `\($0)`" }
                    ?? "put text that holds brackets or braces in quotes")
            return nil
        }
        if let first = seen[scalar.text.bytes] {
            findings.report(
                YAMLRules.duplicateKey, "`\(scalar.shortText)` is here twice", at: scalar.range, label: "again here",
                help: "keep one of them", related: [Finding.Related(first, "first here")])
            return nil
        }
        seen[scalar.text.bytes] = scalar.range
        return scalar
    }

    private mutating func merge(_ node: Node, _ findings: inout Findings) {
        for source in node.items ?? [node] {
            if source.entries != nil {
                merges.append(source)
            } else {
                findings.report(
                    YAMLRules.merge, "`<<` takes a map or a list of maps, found \(source.inWords)", at: source.range,
                    help: "name the anchor of a map: `<<: *defaults`")
            }
        }
    }

    /// All entries: first those written here, which win, then those of each merged map, earlier maps first.
    func merged(_ findings: inout Findings) -> [Node.Entry] {
        guard !merges.isEmpty else { return entries }
        var all = entries
        var known = Set(seen.keys)
        for entry in merges.flatMap({ $0.entries ?? [] }) where known.insert(entry.key.text.bytes).inserted {
            all.append(entry)
        }
        return all
    }
}
