package import Diagnostics
import JSON

/// YAML text to nodes with places, over libyaml's parser.
package enum YAMLReader {
    /// SnakeYAML's default for the size; ours for the rest.
    package static let maximumSize = 3 * 1024 * 1024
    package static let maximumDepth = 100
    package static let maximumNodes = 100_000

    /// Reads the one document of a source. Mistakes become findings; nil if there is nothing to go on with.
    ///
    /// - Parameter surroundings: what `${…}` in its values stands for; nil leaves them as they are.
    package static func read(
        _ source: Source, in surroundings: Surroundings? = nil, _ findings: inout Findings
    ) -> Node? {
        let start = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return read(source, from: start, mayBeNothing: false, surroundings, &findings)
    }

    /// Reads a value that begins at `start` and goes to the end of the source. It may be nothing.
    static func value(
        _ source: Source, from start: Int, in surroundings: Surroundings, _ findings: inout Findings
    ) -> Node? {
        read(source, from: start, mayBeNothing: true, surroundings, &findings)
    }

    /// Reads data beside a manifest: nothing in it is replaced, and it may be nothing.
    static func data(_ source: Source, _ findings: inout Findings) -> Node? {
        let start = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return read(source, from: start, mayBeNothing: true, nil, &findings)
    }

    private static func read(
        _ source: Source, from start: Int, mayBeNothing: Bool, _ surroundings: Surroundings?,
        _ findings: inout Findings
    ) -> Node? {
        guard isReadable(source, &findings) else { return nil }
        func builder(_ edits: [Repair.Edit]) -> YAMLBuilder {
            YAMLBuilder(
                source, Repair(source.bytes, from: start, edits: edits), mayBeNothing: mayBeNothing,
                surroundings.map { Environment($0) })
        }

        // First as it is: if that is good YAML, only the traps that good YAML has can be meant.
        var first = Findings()
        var plain = builder([])
        let asWritten = plain.build(&first)
        let found = asWritten.isOverLimit ? [] : YAMLTraps.find(in: source, from: start)
        let traps = found.filter { asWritten.failed || $0.isSilent }
        guard !traps.isEmpty else {
            findings.report(contentsOf: first)
            return asWritten.node
        }

        for trap in traps { findings.report(trap.finding) }
        var second = Findings()
        var mended = builder(traps.flatMap { $0.edits })
        let repaired = mended.build(&second)
        if repaired.failed {
            // What stops the reader on a line that a trap has explained needs no second word.
            let told = Set(traps.map { $0.finding.range.from.line })
            findings.report(contentsOf: second) {
                $0.rule.id != YAMLRules.syntax.id || told.isDisjoint(with: [$0.range.from.line])
            }
            return nil
        }
        findings.report(contentsOf: second)
        return repaired.node
    }

    private static func isReadable(_ source: Source, _ findings: inout Findings) -> Bool {
        let bytes = source.bytes
        if bytes.count > maximumSize {
            findings.report(
                YAMLRules.limit, "the file is larger than 3 MiB", at: SourceRange(source, 0, 0),
                help: "put large data into files of its own")
            return false
        }
        if let bad = bytes.withUnsafeBufferPointer({ UTF8Scanner.firstInvalid($0) }) {
            let wide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
            findings.report(
                YAMLRules.encoding, wide ? "the file is UTF-16, not UTF-8" : "the file is not UTF-8 here",
                at: SourceRange(source, bad, bad + 1), help: "save the file as UTF-8")
            return false
        }
        if let control = firstControl(bytes) {
            let code = String(control.code, radix: 16, uppercase: true)
            let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
            findings.report(
                YAMLRules.encoding, "the control character \(name) cannot stand in a manifest",
                at: SourceRange(source, control.offset, control.offset + control.length),
                help: "remove it, or write it as an escape in double quotes")
            return false
        }
        return true
    }

    /// The first character that YAML 1.2 does not allow (production 1, c-printable). The text is valid UTF-8.
    private static func firstControl(_ bytes: [UInt8]) -> (offset: Int, length: Int, code: UInt32)? {
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case 0x09, 0x0A, 0x0D, 0x20...0x7E: continue
            case 0x00...0x7F: return (offset, 1, UInt32(byte))
            case 0xC2:
                let next = bytes[offset + 1]
                if next < 0xA0, next != 0x85 { return (offset, 2, UInt32(next)) }
            case 0xEF:
                let code = 0xF000 | UInt32(bytes[offset + 1] & 0x3F) << 6 | UInt32(bytes[offset + 2] & 0x3F)
                if code >= 0xFFFE || (code == 0xFEFF && offset > 0) { return (offset, 3, code) }
            default: continue
            }
        }
        return nil
    }
}

extension Findings {
    /// Takes over what another list has, in its order.
    mutating func report(contentsOf other: borrowing Findings, where wanted: (Finding) -> Bool = { _ in true }) {
        for finding in other.ordered() where wanted(finding) { report(finding) }
    }
}
