import Diagnostics

extension Node {
    /// This node laid over `base`, as a deeper scope lies over a wider one: maps merge key by key, `depth` levels down;
    /// scalars, lists and `off` replace. Each value keeps its own place.
    ///
    /// - Parameters:
    ///   - short: the key that a value which is not a map sets, if this is a section with a short form: `2s` over
    ///     `{ default: 1s, maximum: 9s }` changes `default` alone.
    ///   - shorts: the same for the sections one level down, by their key.
    ///   - alternatives: keys of which one stands in for the others: one of them takes the others away that lie below.
    ///   - rivals: the same for the sections one level down.
    ///   - depths: how many levels down those sections merge, counted from here, where that is not `depth`.
    package func laid(
        over base: Node, depth: Int = 1, short: String? = nil, shorts: (String) -> String? = { _ in nil },
        alternatives: [String] = [], rivals: (String) -> [String] = { _ in [] }, depths: ((String) -> Int)? = nil
    ) -> Node {
        // A map over `off` switches on again: the defaults and what it says.
        guard depth > 0, !isOff, !base.isOff else { return self }
        guard let upper = asMap(short), let lower = base.asMap(short) else { return self }
        // Neither is written as a map: the one simply replaces the other. Nothing over a short form leaves that as it is.
        if entries == nil, base.entries == nil, !isNull || base.isNull { return self }

        let choosesAnew = alternatives.contains { name in upper.contains { $0.name == name } }
        var overs = Dictionary(upper.map { ($0.key.text.bytes, $0) }, uniquingKeysWith: { first, _ in first })
        var merged: [Entry] = []
        for entry in lower {
            guard let over = overs.removeValue(forKey: entry.key.text.bytes) else {
                if !choosesAnew || !alternatives.contains(entry.name) { merged.append(entry) }
                continue
            }
            let depth = depths?(entry.name) ?? depth
            let value =
                depth > 1
                ? over.value.laid(
                    over: entry.value, depth: depth - 1, short: shorts(entry.name), alternatives: rivals(entry.name))
                : over.value
            merged.append(Entry(over.key, value))
        }
        for entry in upper where overs[entry.key.text.bytes] != nil { merged.append(entry) }
        return Node(.mapping(merged), at: range, under: holder)
    }

    /// The entries of a map; none for nothing; the short form written out; nil for anything else.
    private func asMap(_ short: String?) -> [Entry]? {
        if let entries { return entries }
        if isNull { return [] }
        guard let short else { return nil }
        let key = Scalar(PlacedText(Array(short.utf8), whole: range, runs: []), style: .plain, value: .string)
        return [Entry(key, self)]
    }
}
