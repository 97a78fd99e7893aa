import Diagnostics

/// Makes the placed text of a scalar from where it stands in the repaired text.
struct ScalarText {
    let source: Source
    let repair: Repair

    /// - Parameters:
    ///   - value: what libyaml decoded.
    ///   - range: of `repair.text`, without anchor and tag.
    func placed(_ value: [UInt8], style: Scalar.Style, _ range: Range<Int>) -> PlacedText {
        let end = style == .literal || style == .folded ? withoutBreaks(range) : range.upperBound
        let start = repair.original(range.lowerBound)
        let whole = SourceRange(source, start, max(start, repair.originalEnd(end)))
        guard !range.isEmpty, let decoded = decode(value, style: style, range) else {
            return PlacedText(value, whole: range.isEmpty ? SourceRange(source, start, start) : whole, runs: [])
        }
        let quoted = style == .single || style == .double
        return PlacedText(value, whole: whole, runs: runs(decoded.places, end: quoted ? end - 1 : end))
    }

    private func decode(_ value: [UInt8], style: Scalar.Style, _ range: Range<Int>) -> ScalarDecoder? {
        func attempt(_ body: (inout ScalarDecoder) -> Void) -> ScalarDecoder? {
            var decoder = ScalarDecoder(repair.text, range)
            body(&decoder)
            return decoder.bytes == value ? decoder : nil
        }
        switch style {
        case .plain: return attempt { $0.plain() }
        case .single: return attempt { $0.single() }
        case .double: return attempt { $0.double() }
        case .literal, .folded:
            if let decoded = attempt({ $0.block(indent: nil) }) { return decoded }
            // The header gives the indentation, relative to a parent that is not known here: find it.
            let header = repair.text[range].prefix { $0 != 0x0A && $0 != 0x0D && $0 != UInt8(ascii: "#") }
            guard header.contains(where: { $0 >= 0x31 && $0 <= 0x39 }) else { return nil }
            for indent in 1...Self.deepestIndent {
                if let decoded = attempt({ $0.block(indent: indent) }) { return decoded }
            }
            return nil
        }
    }

    /// Nobody indents a block by more and gives the number too; only the exact carets would be lost.
    private static let deepestIndent = 40

    private func runs(_ places: [Int], end: Int) -> [PlacedText.Run] {
        var runs: [PlacedText.Run] = []
        var next = -1
        for (offset, place) in places.enumerated() {
            let original = repair.original(place)
            if original != next { runs.append(PlacedText.Run(text: offset, source: original)) }
            next = original + 1
        }
        // Where the text ends, so that an escape at its end is covered whole.
        let last = repair.originalEnd(end)
        if last != next { runs.append(PlacedText.Run(text: places.count, source: last)) }
        return runs
    }

    private func withoutBreaks(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, [0x0A, 0x0D, 0x20].contains(repair.text[end - 1]) { end -= 1 }
        return end
    }
}
