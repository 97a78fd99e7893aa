// Compiles .proto files as the server would, for tests that compare the outcome with protoc's.
//
//   ProtoJudge [-IROOT]... FILE...    the descriptor set to standard output, findings to standard error
import Diagnostics
import Glibc
import JSON
import Protobuf

func contents(_ path: String) -> ProtoRead {
    guard let file = fopen(path, "r") else {
        return errno == ENOENT || errno == ENOTDIR ? .missing : .failed("errno \(errno)")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes += buffer[..<count]
    }
    return .bytes(bytes)
}

func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count <= 0 { exit(2) }
        rest = rest.dropFirst(count)
    }
}

func compile(_ arguments: [String]) -> (set: [UInt8]?, findings: String) {
    let roots = arguments.filter { $0.hasPrefix("-I") }.map { String($0.dropFirst(2)) }
    let manifest = SourceRange(Source(name: "manifest", text: ""), 0, 0)
    let entries = arguments.filter { !$0.hasPrefix("-I") }.map { ProtoFiles.Entry($0, at: manifest) }
    var findings = Findings()
    let pool = ProtoFiles.compile(entries, roots: roots, read: contents, &findings)
    var text = ""
    for finding in findings.ordered() {
        let place = finding.range.from
        text +=
            "\(finding.range.source.name):\(place.line):\(place.column): \(finding.level.rawValue): \(finding.message)"
        text += " [\(finding.rule.id)]" + (finding.help.map { " (\($0))" } ?? "") + "\n"
    }
    return (pool.map { DescriptorWriter($0).fileSet() }, text)
}

let (set, text) = compile(Array(CommandLine.arguments.dropFirst()))
write(set ?? [], to: STDOUT_FILENO)
write(Array(text.utf8), to: STDERR_FILENO)
exit(set == nil ? 1 : 0)
