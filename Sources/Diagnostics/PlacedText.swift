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

    package let bytes: [UInt8]
    /// The whole scalar in the file, quotes included.
    package let whole: SourceRange
    private let runs: [Run]

    /// - Parameter runs: ordered by `text`; empty if only the whole is known.
    package init(_ bytes: [UInt8], whole: SourceRange, runs: [Run]) {
        self.bytes = bytes
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
        let start = place(range.lowerBound)
        // The end is the place behind the last byte, so that an escape or a break behind it is not swallowed.
        let end = range.isEmpty ? start : place(range.upperBound - 1) + width(range.upperBound - 1)
        return SourceRange(whole.source, min(start, whole.end), min(max(start, end), whole.end))
    }

    /// A part of the text, with its places.
    package func slice(_ range: Range<Int>) -> PlacedText {
        let part = range.clamped(to: 0..<bytes.count)
        var cut: [Run] = []
        for (index, run) in runs.enumerated() {
            let next = index + 1 < runs.count ? runs[index + 1].text : Int.max
            guard next > part.lowerBound, run.text <= part.upperBound else { continue }
            let skipped = max(0, part.lowerBound - run.text)
            cut.append(Run(text: run.text + skipped - part.lowerBound, source: run.source + skipped))
        }
        return PlacedText(Array(bytes[part]), whole: self.range(part), runs: cut)
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
        let between = whole.source.bytes[place(offset)..<min(max(place(offset), runs[index + 1].source), whole.source.bytes.count)]
        return gap > 0 && !between.contains(0x0A) && !between.contains(0x0D) ? gap : 1
    }
}
