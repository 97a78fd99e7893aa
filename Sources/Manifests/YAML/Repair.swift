/// A text with edits applied, which still knows where each byte of it stands in the original.
///
/// A trap of YAML is reported with its replacement, and the replacement is what the reader then reads, so that the
/// rest of the file is checked in the same run.
struct Repair: Sendable {
    struct Edit: Sendable, Equatable {
        let start: Int
        let end: Int
        let replacement: [UInt8]

        init(_ start: Int, _ end: Int, _ replacement: some Sequence<UInt8>) {
            self.start = start
            self.end = end
            self.replacement = Array(replacement)
        }
    }

    /// The text to read, without the byte order mark.
    let text: [UInt8]
    /// Where a stretch of `text` begins, and where that is in the original. Between edits both advance together;
    /// inside a replacement the original stands still.
    private let stretches: [(text: Int, original: Int, moves: Bool)]
    private let identityShift: Int?

    /// - Parameters:
    ///   - edits: offsets of `original`; those that overlap an earlier one are left out.
    ///   - from: how many bytes of the original to skip: a byte order mark.
    init(_ original: [UInt8], from: Int, edits: [Edit]) {
        var text: [UInt8] = []
        var stretches: [(text: Int, original: Int, moves: Bool)] = []
        var at = from
        let sorted = edits.enumerated().sorted { a, b in
            a.element.start == b.element.start ? a.offset < b.offset : a.element.start < b.element.start
        }
        for (_, edit) in sorted where edit.start >= at && edit.end >= edit.start && edit.end <= original.count {
            if edit.start > at { stretches.append((text.count, at, true)) }
            text.append(contentsOf: original[at..<edit.start])
            if !edit.replacement.isEmpty { stretches.append((text.count, edit.start, false)) }
            text.append(contentsOf: edit.replacement)
            at = edit.end
        }
        stretches.append((text.count, at, true))
        if edits.isEmpty, from == 0 {
            text = original
        } else {
            text.append(contentsOf: original[min(at, original.count)...])
        }
        self.text = text
        self.stretches = stretches
        self.identityShift = edits.isEmpty ? from : nil
    }

    /// The original's offset of a byte of `text`.
    func original(_ offset: Int) -> Int {
        if let identityShift { return offset + identityShift }
        var low = 0
        var high = stretches.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if stretches[middle].text <= offset { low = middle } else { high = middle }
        }
        let stretch = stretches[low]
        return stretch.moves ? stretch.original + max(0, offset - stretch.text) : stretch.original
    }

    /// The original's offset of the end of a run of `text`: behind the byte before it.
    func originalEnd(_ offset: Int) -> Int {
        if let identityShift { return offset + identityShift }
        guard offset > 0 else { return original(0) }
        var low = 0
        var high = stretches.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if stretches[middle].text <= offset - 1 { low = middle } else { high = middle }
        }
        let stretch = stretches[low]
        // Behind a replacement is where the next stretch starts.
        if !stretch.moves { return low + 1 < stretches.count ? stretches[low + 1].original : stretch.original }
        return stretch.original + offset - stretch.text
    }
}
