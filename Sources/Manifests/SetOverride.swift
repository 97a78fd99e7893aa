package import Diagnostics

/// `--set a.b.c=VALUE`: one value that lies over all files.
package enum SetOverride {
    /// What a map nested in maps may be deep, so that what is laid over it can be walked.
    private static let maximumNames = 50
    /// What findings call the text of an override.
    package static let name = "--set"

    private struct Name {
        let bytes: [UInt8]
        let range: Range<Int>
        let isQuoted: Bool
    }

    private struct Wrong: Error {
        let message: String
        let range: Range<Int>
        let help: String
        var suggestion: String?
    }

    /// The manifest that an override says; nil if it cannot be read, which is reported in the source `--set`.
    package static func read(
        _ text: String, in surroundings: Surroundings, _ redaction: inout Redaction, _ findings: inout Findings
    ) -> Node? {
        let source = Source(name: name, bytes: Array(text.utf8), directory: "")
        do {
            let (names, value) = try path(source.bytes)
            guard let node = YAMLReader.value(source, from: value, in: surroundings, &findings) else { return nil }
            redaction.note(node)
            return names.reversed().reduce(node) { node, name in
                let place = SourceRange(source, name.range.lowerBound, name.range.upperBound)
                let runs = name.isQuoted ? [] : [PlacedText.Run(text: 0, source: place.start)]
                let key = Scalar(
                    PlacedText(name.bytes, whole: place, runs: runs), style: name.isQuoted ? .double : .plain,
                    value: .string)
                return Node(
                    .mapping([Node.Entry(key, node)]), at: SourceRange(source, place.start, source.bytes.count))
            }
        } catch {
            findings.report(
                IncludeRules.override, error.message,
                at: SourceRange(source, error.range.lowerBound, error.range.upperBound), help: error.help,
                suggestion: error.suggestion)
            return nil
        }
    }

    /// The names of the path, and where the value starts.
    private static func path(_ bytes: [UInt8]) throws(Wrong) -> ([Name], Int) {
        var names: [Name] = []
        var at = 0
        while true {
            let isBracket = at < bytes.count && bytes[at] == UInt8(ascii: "[")
            let name = isBracket ? try quoted(bytes, at) : try plain(bytes, at)
            names.append(name)
            at = name.range.upperBound
            guard at < bytes.count else {
                throw Wrong(
                    message: "there is no `=`", range: 0..<bytes.count,
                    help: "write `KEY=VALUE`, as in `limits.idle=75s`")
            }
            if names.count > maximumNames {
                throw Wrong(
                    message: "the path has more than \(maximumNames) names", range: 0..<at, help: "no key is that deep")
            }
            switch bytes[at] {
            case UInt8(ascii: "="):
                if let first = names.first, first.bytes.elementsEqual("include".utf8) {
                    throw Wrong(
                        message: "`include` cannot be set", range: first.range,
                        help: "write it into a manifest, or give the file with a `--config` of its own")
                }
                return (names, at + 1)
            case UInt8(ascii: "."): at += 1
            case UInt8(ascii: "["): break
            default:
                throw Wrong(
                    message: "expected `.`, `[` or `=` here", range: at..<at + 1,
                    help: "write `KEY=VALUE`, as in `limits.idle=75s`")
            }
        }
    }

    private static func plain(_ bytes: [UInt8], _ start: Int) throws(Wrong) -> Name {
        let end = bytes[start...].firstIndex { ".[=".utf8.contains($0) } ?? bytes.count
        guard end > start else {
            let isFirst = start == 0
            throw Wrong(
                message: "a name is missing here", range: start..<min(start + 1, bytes.count),
                help: isFirst
                    ? "write `KEY=VALUE`, as in `limits.idle=75s`"
                    : "names are separated by one dot; one with a dot in it is written `[\"name\"]`")
        }
        return Name(bytes: Array(bytes[start..<end]), range: start..<end, isQuoted: false)
    }

    private static func quoted(_ bytes: [UInt8], _ start: Int) throws(Wrong) -> Name {
        let mark = start + 1 < bytes.count ? bytes[start + 1] : 0
        guard mark == UInt8(ascii: "\"") || mark == UInt8(ascii: "'") else {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) ?? bytes.count - 1
            let inside = bytes[(start + 1)..<max(start + 1, end)]
            if !inside.isEmpty, inside.allSatisfy({ (0x30...0x39).contains($0) }) {
                throw Wrong(
                    message: "an item of a list cannot be set alone", range: start..<end + 1,
                    help: "set the whole list: `KEY=[a, b]`")
            }
            throw Wrong(
                message: "a name in brackets needs quotes", range: start..<end + 1,
                help: "write `[\"name\"]`, and the whole in single quotes, since the shell takes the others away")
        }
        var name: [UInt8] = []
        var at = start + 2
        while at < bytes.count, bytes[at] != mark {
            // A backslash makes the next byte text, a quote above all.
            if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count { at += 1 }
            name.append(bytes[at])
            at += 1
        }
        guard at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "]") else {
            throw Wrong(
                message: "this bracket is not closed", range: start..<start + 1, help: "write `[\"name\"]`")
        }
        return Name(bytes: name, range: start..<at + 2, isQuoted: true)
    }
}
