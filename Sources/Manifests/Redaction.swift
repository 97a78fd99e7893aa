import CEL
package import Diagnostics
import JSON

/// Keeps what came from the environment or from files out of what is said about it, and mistakes that follow from a
/// value that is not known out of what is said at all.
package struct Redaction: Sendable {
    /// The texts of one source that have something put in, by their places.
    private var texts: [ObjectIdentifier: [PlacedText]] = [:]

    package init() {}

    /// Notes every value of a tree that has something put in.
    mutating func note(_ root: Node) {
        guard root.range.source.bytes.contains(UInt8(ascii: "$")) else { return }
        var rest = [root]
        var seen: Set<ObjectIdentifier> = []
        while let node = rest.popLast() {
            // Aliases share nodes; each is looked at once.
            guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
            switch node.content {
            case .scalar(let scalar):
                if !scalar.isAsWritten { texts[ObjectIdentifier(scalar.range.source), default: []].append(scalar.text) }
            case .sequence(let items): rest += items
            case .mapping(let entries): rest += entries.map(\.value)
            }
        }
    }

    package mutating func add(_ other: Redaction) {
        texts.merge(other.texts) { $0 + $1 }
    }

    /// - Parameter rules: those whose findings quote values that stand elsewhere, as a conflict of routes does hosts.
    package func apply(to findings: inout Findings, quotedBy rules: Set<String> = []) {
        guard !texts.isEmpty else { return }
        // An unset variable where none may stand is one mistake.
        let refused = Set(findings.ordered().filter { $0.rule.id == Self.inExpression }.map(\.range))
        findings.rewrite { finding in
            if finding.rule.id == EnvironmentRules.unset.id, refused.contains(finding.range) { return nil }
            return redacted(finding, quotesOthers: rules.contains(finding.rule.id))
        }
    }

    private func redacted(_ finding: Finding, quotesOthers: Bool) -> Finding? {
        var touched = touched(by: finding.range)
        let isOwn = Self.own.contains(finding.rule.id)
        if !isOwn, touched.contains(where: { $0.contains(finding.range) && $0.insertions.contains { !$0.isKnown } }) {
            return nil
        }
        for related in finding.related { touched += self.touched(by: related.range) }
        if quotesOthers { touched += texts.values.joined() }
        let values = touched.flatMap { text in
            text.insertions.filter(\.isKnown).map { Value(of: $0, in: text) }
        }
        let nearest =
            values.first { $0.place.overlaps(finding.range) } ?? values.first { $0.isTold(in: finding.message) }
        guard !isOwn, let first = nearest ?? values.first else { return finding }
        func tells(_ text: String?) -> Bool { text.map { text in values.contains { $0.isTold(in: text) } } ?? false }

        var message = finding.message
        if tells(message) { message = "the value of `\(first.shown)` does not fit: \(finding.rule.summary)" }
        var redacted = Finding(
            finding.rule, message, at: finding.range, label: tells(finding.label) ? nil : finding.label,
            help: finding.help, suggestion: finding.suggestion, related: finding.related)
        if tells(finding.help) || tells(finding.suggestion) {
            redacted.help = "the value of `\(first.shown)` is not shown here"
            redacted.suggestion = nil
        }
        redacted.related = finding.related.map {
            tells($0.message) ? Finding.Related($0.range, "this belongs to it") : $0
        }
        return redacted
    }

    /// They are about what the file says, and tell nothing of a value.
    private static let own = Set(YAMLRules.all.map(\.id) + EnvironmentRules.all.map(\.id) + [inExpression])
    private static let inExpression = "variable-in-expression"

    /// A text cut at the values that came from outside: those of four bytes and more, as they are or as they stand in
    /// JSON and in URLs. Each piece is either text or, in place of a value, what the file says: `${NAME}`.
    package func pieces(of text: String) -> [(text: String, isValue: Bool)] {
        pieces(of: Array(text.utf8)).map { (String(decoding: $0.bytes, as: UTF8.self), $0.isValue) }
    }

    /// The same for bytes of any kind, in one.
    package func redacted(_ bytes: [UInt8]) -> [UInt8] { texts.isEmpty ? bytes : pieces(of: bytes).flatMap(\.bytes) }

    private func pieces(of bytes: [UInt8]) -> [(bytes: ArraySlice<UInt8>, isValue: Bool)] {
        let values = Set(texts.values.joined().flatMap { text in text.insertions.map { Value(of: $0, in: text) } })
        let needles = values.flatMap { value in value.forms.map { (bytes: $0, shown: Array(value.shown.utf8)[...]) } }
            .sorted { $0.bytes.count > $1.bytes.count }
        let starts = Set(needles.compactMap(\.bytes.first))
        var pieces: [(bytes: ArraySlice<UInt8>, isValue: Bool)] = []
        var start = 0
        var at = 0
        while !needles.isEmpty, at < bytes.count {
            guard starts.contains(bytes[at]), let found = needles.first(where: { bytes[at...].starts(with: $0.bytes) })
            else {
                at += 1
                continue
            }
            if at > start { pieces.append((bytes[start..<at], false)) }
            pieces.append((found.shown, true))
            at += found.bytes.count
            start = at
        }
        if start < bytes.count { pieces.append((bytes[start...], false)) }
        return pieces
    }

    private func touched(by range: SourceRange) -> [PlacedText] {
        (texts[ObjectIdentifier(range.source)] ?? []).filter {
            $0.whole.start <= range.end && range.start <= $0.whole.end
        }
    }

    /// What stands for one `${…}`.
    private struct Value: Hashable {
        let shown: String
        let place: SourceRange
        private let bytes: ArraySlice<UInt8>

        init(of insertion: PlacedText.Insertion, in text: PlacedText) {
            let source = text.whole.source
            shown = String(decoding: source.bytes[insertion.source], as: UTF8.self)
            place = SourceRange(source, insertion.source.lowerBound, insertion.source.upperBound)
            bytes = text.bytes[insertion.text]
        }

        /// The value as it may stand in a text; none if it is too short to be told from others.
        var forms: [[UInt8]] {
            guard bytes.count >= 4 else { return [] }
            var json = ByteWriter(capacity: 64)
            var url = ByteWriter(capacity: 64)
            bytes.withUnsafeBufferPointer { bytes in
                json.append(jsonEscaped: bytes)
                _ = url.append(bytes, as: .urlComponent)
            }
            return [Array(bytes), Array(json.bytes), Array(url.bytes)]
        }

        /// Whether a text has four bytes of the value in a row, or all of a shorter one, or quotes a part of it.
        func isTold(in text: String) -> Bool {
            guard !bytes.isEmpty else { return false }
            let text = Self.removing(Array(shown.utf8), from: Array(text.utf8))[...]
            if bytes.count < 4, Self.contains(text, bytes) { return true }
            if bytes.count >= 4, text.count >= 4 {
                let told = Set((0...text.count - 4).map { text[$0..<$0 + 4] })
                if bytes.indices.dropLast(3).contains(where: { told.contains(bytes[$0..<$0 + 4]) }) { return true }
            }
            let quoted = text.split(separator: UInt8(ascii: "`"), omittingEmptySubsequences: false)
            return quoted.enumerated().contains { index, part in
                index % 2 == 1 && !part.isEmpty && Self.contains(bytes, part)
            }
        }

        /// Whether a part is there on its own, as `5` is in `5s`, but not in `250ms`.
        private static func contains(_ bytes: ArraySlice<UInt8>, _ part: ArraySlice<UInt8>) -> Bool {
            bytes.indices.contains { start in
                guard bytes[start...].starts(with: part) else { return false }
                let end = start + part.count
                let joinsBefore = start > bytes.startIndex && joins(bytes[start - 1], bytes[start])
                return !joinsBefore && !(end < bytes.endIndex && joins(bytes[end - 1], bytes[end]))
            }
        }

        private static func joins(_ a: UInt8, _ b: UInt8) -> Bool {
            let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
            let isLetter: (UInt8) -> Bool = { $0 >= 0x80 || (0x61...0x7A).contains($0 | 0x20) }
            return isDigit(a) && isDigit(b) || isLetter(a) && isLetter(b)
        }

        private static func removing(_ part: [UInt8], from text: [UInt8]) -> [UInt8] {
            var out: [UInt8] = []
            var at = 0
            while at < text.count {
                if text[at...].starts(with: part) {
                    at += part.count
                } else {
                    out.append(text[at])
                    at += 1
                }
            }
            return out
        }
    }
}

extension SourceRange {
    fileprivate func overlaps(_ other: SourceRange) -> Bool {
        source === other.source && (start..<end).overlaps(other.start..<other.end)
    }
}

extension PlacedText {
    fileprivate func contains(_ range: SourceRange) -> Bool {
        whole.start <= range.start && range.end <= whole.end
    }
}
