import Diagnostics
import JSON
import Protobuf

/// Files held in memory, compiled.
struct Compiled {
    let pool: DescriptorPool?
    let findings: [Finding]

    static let manifest = SourceRange(Source(name: "radicled.yaml", text: "proto: x\n"), 7, 8)

    init(files: [String: [UInt8]], entries: [String], roots: [String] = []) {
        var findings = Findings()
        pool = ProtoFiles.compile(
            entries.map { ProtoFiles.Entry($0, at: Compiled.manifest) }, roots: roots,
            read: { path in files[path].map { .bytes($0) } ?? .missing }, &findings)
        self.findings = findings.ordered()
    }

    init(files: [String: String], entries: [String], roots: [String] = []) {
        self.init(files: files.mapValues { Array($0.utf8) }, entries: entries, roots: roots)
    }

    /// One file, `test.proto`.
    init(_ text: String) { self.init(files: ["test.proto": text], entries: ["test.proto"]) }

    /// One line a finding: its place, level and message.
    var lines: [String] {
        findings.map { finding in
            let place = finding.range.from
            return "\(finding.range.source.name):\(place.line):\(place.column): \(finding.message)"
        }
    }

    var rules: [String] { findings.map(\.rule.id) }

    var human: String {
        var writer = ByteWriter()
        HumanRenderer().render(findings, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    var bytes: [UInt8] { Array(utf8) }
}
