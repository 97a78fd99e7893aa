/// The nearest of the words that could have been meant.
package enum Suggest {
    /// The closest candidate within about a third of the word's length (one to three edits), else the only one that
    /// starts with the word, or nil. More edits than that are another word: `rate_limit` is not `body_limit`.
    package static func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
        // No word that was meant is this long.
        guard word.utf8.count <= 64 else { return nil }
        let length = word.unicodeScalars.count
        let limit = min(3, max(1, length / 3 + (length > 4 ? 1 : 0)))
        var best: (distance: Int, word: String)?
        for candidate in candidates where candidate != word {
            let distance = self.distance(word, candidate)
            if distance <= limit, distance < (best?.distance ?? Int.max) { best = (distance, candidate) }
        }
        return best?.word ?? completed(word, among: candidates)
    }

    /// `min` is `minimum`, if nothing else starts so.
    private static func completed(_ word: String, among candidates: some Sequence<String>) -> String? {
        guard word.utf8.count >= 3 else { return nil }
        let start = word.lowercased()
        let found = candidates.filter { $0 != word && $0.lowercased().hasPrefix(start) }
        return found.count == 1 ? found.first : nil
    }

    /// Edits (insert, delete, replace, swap of neighbours) that turn one word into the other, case ignored.
    /// Damerau, "A technique for computer detection and correction of spelling errors" (1964).
    package static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.lowercased().unicodeScalars)
        let b = Array(b.lowercased().unicodeScalars)
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(row[j - 1] + 1, previous[j] + 1, previous[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], before[j - 2] + 1)
                }
            }
            before = previous
            previous = row
        }
        return previous[b.count]
    }
}
