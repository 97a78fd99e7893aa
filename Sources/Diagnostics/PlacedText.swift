/// The decoded text of a scalar, which knows where each of its bytes stands in the file.
///
/// A quoted or folded scalar's text differs from what the file says; a caret under an expression inside it must
/// still be right. The map is a list of runs: from byte `text` of the decoded text on, the file's bytes start at
/// `source` and go on one for one until the next run.
package struct PlacedText: Sendable {
    package struct Run: Sendable, Equatable {
        package let text: Int
        package let source: Int

        package init(text: Int, source: Int) {
            self.text = text
            self.source = source
        }
    }

    /// A stretch that stands in no file: what was put in the place of a `${…}`.
    package struct Insertion: Sendable, Equatable {
        /// In the decoded text; empty where nothing was put in.
        package let text: Range<Int>
        /// The whole `${…}` in the file.
        package let source: Range<Int>
        /// False if nobody knows what would stand here; the text is then what the file says.
        package let isKnown: Bool

        package init(text: Range<Int>, source: Range<Int>, isKnown: Bool) {
            self.text = text
            self.source = source
            self.isKnown = isKnown
        }
    }

    package let bytes: [UInt8]
    /// In the order of the text, none within another.
    package let insertions: [Insertion]
    /// The whole scalar in the file, quotes included.
    package let whole: SourceRange
    private let runs: [Run]

    /// - Parameter runs: ordered by `text`; empty if only the whole is known.
    package init(_ bytes: [UInt8], whole: SourceRange, runs: [Run], insertions: [Insertion] = []) {
        self.bytes = bytes
        self.insertions = insertions
        self.whole = whole
        self.runs = runs
    }

    /// A text that stands in its source as it is, from `start` on.
    package init(verbatim bytes: [UInt8], in source: Source, at start: Int = 0) {
        self.init(
            bytes, whole: SourceRange(source, start, start + bytes.count), runs: [Run(text: 0, source: start)])
    }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Where `range` of the decoded text stands in the file.
    package func range(_ range: Range<Int>) -> SourceRange {
        guard !runs.isEmpty else { return whole }
        let start = insertion(at: range.lowerBound)?.source.lowerBound ?? place(range.lowerBound)
        // The end is the place behind the last byte, so that an escape or a break behind it is not swallowed.
        let end = range.isEmpty ? start : placeBehind(range.upperBound - 1)
        return SourceRange(whole.source, min(start, whole.end), min(max(start, end), whole.end))
    }

    /// A part of the text, with its places.
    package func slice(_ range: Range<Int>) -> PlacedText {
        let part = range.clamped(to: 0..<bytes.count)
        var cut: [Run] = []
        for run in runs[(runs.isEmpty ? 0 : runIndex(part.lowerBound))...] {
            guard run.text <= part.upperBound else { break }
            let skipped = max(0, part.lowerBound - run.text)
            cut.append(Run(text: run.text + skipped - part.lowerBound, source: run.source + skipped))
        }
        let near = insertions[insertionIndex(part.lowerBound)...].prefix { $0.text.lowerBound <= part.upperBound }
        let inside = near.compactMap { insertion -> Insertion? in
            let kept = insertion.text.clamped(to: part)
            if kept.isEmpty, !insertion.text.isEmpty { return nil }
            return Insertion(
                text: kept.lowerBound - part.lowerBound..<kept.upperBound - part.lowerBound,
                source: insertion.source, isKnown: insertion.isKnown)
        }
        return PlacedText(Array(bytes[part]), whole: self.range(part), runs: cut, insertions: inside)
    }

    /// The text with every byte that was put in made an underscore: what came from outside is never structure.
    package var ownBytes: [UInt8] {
        var own = bytes
        for insertion in insertions {
            for at in insertion.text { own[at] = UInt8(ascii: "_") }
            // Two signs that nothing stands between only now are no pair.
            let at = insertion.text.lowerBound
            if insertion.text.isEmpty, at > 0, at < own.count, own[at] == own[at - 1] {
                own[at - 1] = UInt8(ascii: "_")
            }
        }
        return own
    }

    /// The first insertion that does not end before `offset`.
    private func insertionIndex(_ offset: Int) -> Int {
        var low = 0
        var high = insertions.count
        while low < high {
            let middle = (low + high) / 2
            if insertions[middle].text.upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func insertion(at offset: Int) -> Insertion? {
        // Those that end just here, and empty ones, come first.
        insertions[insertionIndex(offset)...].prefix { $0.text.lowerBound <= offset }.first { $0.text.contains(offset) }
    }

    /// False if only the whole is known.
    package var isPlaced: Bool { !runs.isEmpty }

    /// Behind what the file has for byte `offset`.
    private func placeBehind(_ offset: Int) -> Int {
        insertion(at: offset)?.source.upperBound ?? place(offset) + width(offset)
    }

    private func runIndex(_ offset: Int) -> Int {
        var low = 0
        var high = runs.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].text <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private func place(_ offset: Int) -> Int {
        let run = runs[runIndex(offset)]
        return run.source + max(0, offset - run.text)
    }

    /// How many bytes of the file make byte `offset`: more than one where it came from an escape.
    private func width(_ offset: Int) -> Int {
        let index = runIndex(offset)
        guard index + 1 < runs.count, runs[index + 1].text == offset + 1 else { return 1 }
        // The last byte before a new run: an escape ends where the next run starts, a line break may lie between.
        let gap = runs[index + 1].source - place(offset)
        let between = whole.source.bytes[
            place(offset)..<min(max(place(offset), runs[index + 1].source), whole.source.bytes.count)]
        return gap > 0 && !between.contains(0x0A) && !between.contains(0x0D) ? gap : 1
    }
}
