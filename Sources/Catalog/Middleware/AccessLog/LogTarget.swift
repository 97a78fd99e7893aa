package import Diagnostics
import Glibc
package import Manifests
import Telemetry

/// Where the lines go.
package enum LogTarget: ManifestValue, Hashable {
    case standardOutput
    case standardError
    case file(path: String)
    case syslog(path: String)

    package static var schema: Schema {
        .string(
            pattern: "^(stdout|stderr|file:.+|syslog(:.+)?)$",
            examples: ["stdout", "stderr", "file:access.log", "syslog"])
    }

    private static let expected = "`stdout`, `stderr`, `file:PATH` or `syslog`"
    private static let systemLog = "/dev/log"

    package static func decode(_ node: Node, _ findings: inout Findings) -> LogTarget? {
        guard let text = node.scalar?.text, text.bytes.count > 0 else {
            findings.wrongType(node, expected: expected)
            return nil
        }
        if text.bytes.elementsEqual("stdout".utf8) { return .standardOutput }
        if text.bytes.elementsEqual("stderr".utf8) { return .standardError }
        if text.bytes.elementsEqual("syslog".utf8) { return .syslog(path: systemLog) }
        if text.bytes.starts(with: "syslog:".utf8), text.bytes.count > 7, !text.bytes.contains(0) {
            return .syslog(path: node.range.source.resolve(String(decoding: text.bytes.dropFirst(7), as: UTF8.self)))
        }
        if text.bytes.starts(with: "file:".utf8), text.bytes.count > 5, !text.bytes.contains(0) {
            return .file(path: node.range.source.resolve(String(decoding: text.bytes.dropFirst(5), as: UTF8.self)))
        }
        let nearest = Suggest.nearest(text.string, among: ["stdout", "stderr", "syslog"])
        findings.wrongType(
            node, expected: expected,
            help: nearest.map { "did you mean `\($0)`?" } ?? "a file is written `file:PATH`", suggestion: nearest)
        return nil
    }

    package func written() -> Node {
        switch self {
        case .standardOutput: Node(string: "stdout")
        case .standardError: Node(string: "stderr")
        case .file(let path): Node(string: "file:" + path)
        case .syslog(let path): Node(string: path.utf8.elementsEqual(Self.systemLog.utf8) ? "syslog" : "syslog:" + path)
        }
    }

    var output: LogOutputs.Output {
        switch self {
        case .standardOutput: .standardOutput
        case .standardError: .standardError
        case .file(let path): .file(path: path)
        case .syslog(let path): .syslog(path: path)
        }
    }

    var isTerminal: Bool {
        switch self {
        case .standardOutput: isatty(1) == 1
        case .standardError: isatty(2) == 1
        case .file, .syslog: false
        }
    }

    static let isDirectory = "it is a directory"

    /// Why a file could not be opened for appending, without creating it.
    static func whyNotWritable(_ path: String) -> String? {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return isDirectory }
            return access(path, W_OK) == 0 ? nil : String(cString: strerror(errno))
        }
        let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
        return access(parent.isEmpty ? "/" : parent, W_OK) == 0 ? nil : String(cString: strerror(errno))
    }
}
