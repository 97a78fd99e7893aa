import Diagnostics
import JSON

/// Puts values in the place of `${NAME}`, `${NAME:-default}` and `${file:PATH}`, and `${` in the place of `$${`.
///
/// It works on the decoded text of one scalar, so that a value never becomes structure, and it notes where it put what.
struct Environment {
    private let surroundings: Surroundings
    /// How much may still be put in: a few lines that name a large file many times must not fill the memory.
    private var room = YAMLReader.maximumSize

    /// What a file of `${file:PATH}` may have: a token, a certificate; not data.
    static let maximumFileSize = 64 * 1024

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    private static let dollar = UInt8(ascii: "$")
    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")

    /// The text with its variables replaced; nil if there is nothing to replace. What cannot be replaced is reported,
    /// and stays as it is.
    mutating func replaced(_ text: PlacedText, _ findings: inout Findings) -> PlacedText? {
        let bytes = text.bytes
        guard bytes.indices.contains(where: { opens(bytes, $0) }) else { return nil }
        var out = Output(text)
        var at = 0
        while at < bytes.count {
            if bytes[at] == Self.dollar, opens(bytes, at + 1) {
                out.copy(at..<at + 1)
                out.copy(at + 2..<at + 3)
                at += 3
            } else if opens(bytes, at) {
                let reference = VariableReference(bytes, at: at)
                let value = value(of: reference, in: text, &findings)
                out.insert(value ?? Array(bytes[reference.range]), for: reference.range, isKnown: value != nil)
                at = reference.range.upperBound
            } else {
                out.copy(at..<at + 1)
                at += 1
            }
        }
        return out.text
    }

    private func opens(_ bytes: [UInt8], _ at: Int) -> Bool {
        at + 1 < bytes.count && bytes[at] == Self.dollar && bytes[at + 1] == Self.open
    }

    // MARK: Values

    private mutating func value(
        of reference: VariableReference, in text: PlacedText, _ findings: inout Findings
    ) -> [UInt8]? {
        let place = text.range(reference.range)
        let found: [UInt8]?
        switch reference.kind {
        case .variable(let name, let standard):
            found = variable(name, standard, at: place, &findings)
        case .file(let path):
            found = file(path, at: text.range(path), String(decoding: text.bytes[path], as: UTF8.self), &findings)
        case .malformed(let wrong):
            findings.report(
                EnvironmentRules.syntax, wrong.message, at: text.range(wrong.range), help: wrong.help,
                suggestion: wrong.suggestion)
            found = nil
        }
        guard let found else { return nil }
        guard found.count <= room else {
            findings.report(
                YAMLRules.limit, "the values that this manifest takes from outside have more than 3 MiB together",
                at: place, help: "put large data into files of its own")
            return nil
        }
        room -= found.count
        return found
    }

    private func variable(
        _ name: String, _ standard: [UInt8]?, at place: SourceRange, _ findings: inout Findings
    ) -> [UInt8]? {
        let value = surroundings.variable(name) ?? []
        if value.isEmpty {
            if let standard { return standard }
            findings.report(
                EnvironmentRules.unset, "the environment variable `\(name)` is not set, or is empty", at: place,
                help: "set it, or write a default: `${\(name):-default}`")
            return nil
        }
        guard Self.isText(value) else {
            findings.report(
                EnvironmentRules.unreadable, "the environment variable `\(name)` is not UTF-8 text", at: place,
                help: "what is put into a manifest is text; write bytes as base64")
            return nil
        }
        return value
    }

    private func file(
        _ path: Range<Int>, at place: SourceRange, _ name: String, _ findings: inout Findings
    ) -> [UInt8]? {
        func refuse(_ reason: String, help: String) -> [UInt8]? {
            findings.report(EnvironmentRules.unreadable, "cannot read \(name): \(reason)", at: place, help: help)
            return nil
        }
        do {
            var bytes = try surroundings.file(place.source.resolve(name), Self.maximumFileSize)
            if bytes.count > Self.maximumFileSize {
                return refuse("it is larger than 64 KiB", help: "`${file:…}` is for secrets and other short texts")
            }
            guard Self.isText(bytes) else {
                return refuse(
                    "it is not UTF-8 text", help: "what is put into a manifest is text; write bytes as base64")
            }
            if bytes.last == 0x0A { bytes.removeLast() }
            if bytes.last == 0x0D { bytes.removeLast() }
            return bytes
        } catch {
            return refuse(error.reason, help: "a path is relative to the manifest that says it")
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { UTF8Scanner.firstInvalid($0) } == nil
    }

    // MARK: The new text

    /// Grows with what is copied from the old text and what is put between.
    private struct Output {
        private let old: PlacedText
        private var bytes: [UInt8] = []
        private var runs: [PlacedText.Run] = []
        private var insertions: [PlacedText.Insertion] = []
        /// Where in the file the next byte stands, if it goes on one for one.
        private var next = -1

        init(_ old: PlacedText) {
            self.old = old
        }

        mutating func copy(_ range: Range<Int>) {
            let place = old.range(range)
            if place.start != next { runs.append(PlacedText.Run(text: bytes.count, source: place.start)) }
            next = place.start + range.count
            bytes += old.bytes[range]
        }

        mutating func insert(_ value: [UInt8], for range: Range<Int>, isKnown: Bool) {
            let place = old.range(range)
            let start = bytes.count
            runs.append(PlacedText.Run(text: start, source: place.start))
            bytes += value
            insertions.append(
                PlacedText.Insertion(
                    text: start..<bytes.count, source: place.start..<place.end, isKnown: isKnown))
            next = -1
        }

        var text: PlacedText {
            // Where the text ends, so that an escape at its end is covered whole.
            let end = old.range(max(0, old.bytes.count - 1)..<old.bytes.count).end
            let last = PlacedText.Run(text: bytes.count, source: end)
            let isPlaced = old.isPlaced
            return PlacedText(
                bytes, whole: old.whole, runs: isPlaced ? runs + [last] : [], insertions: insertions)
        }
    }
}
