import Compiler
import Diagnostics
import Glibc
import JSON
package import Manifests

/// The manifest that `radicled init` writes.
package struct StarterFile {
    /// Why it was not written.
    package struct Refusal: Error {
        /// Whole lines.
        package let text: String
        package let code: Int32
    }

    /// The `.proto` whose services it serves; without one it serves two HTTP routes.
    package var proto: String?
    package var importPaths: [String]
    package var services: [String]
    /// `-` is standard output.
    package var output: String
    /// Whether a file that is there is written anew.
    package var replaces: Bool

    package init(proto: String?, importPaths: [String], services: [String], output: String, replaces: Bool) {
        self.proto = proto
        self.importPaths = importPaths
        self.services = services
        self.output = output
        self.replaces = replaces
    }

    private var isPrinted: Bool { output == "-" }

    /// Writes it. Returns what to tell of it, in whole lines.
    package func write(in surroundings: Surroundings = .process) throws(Refusal) -> String {
        if !isPrinted, !replaces, access(output, F_OK) == 0 {
            throw failure("\(output) is there already; --force writes it anew, --output names another")
        }
        let file = Self.word(isPrinted ? "radicled.yaml" : output)
        let text: String
        var what = "two HTTP routes"
        if let proto {
            let starter = try compiled(proto, surroundings)
            what = starter.summary
            let folder = isPrinted ? "." : Self.folder(of: output)
            text = starter.manifest(
                proto: RelativePath.of(proto, from: folder),
                roots: starter.roots.map { RelativePath.of($0, from: folder) }, file: file)
        } else {
            text = StarterManifest.plain(file: file)
        }
        guard !isPrinted else {
            StandardOutput.write(text)
            return ""
        }
        try save(text)
        return """
            wrote \(HumanRenderer.safe(output)): \(what)

                radicled lint \(file)
                radicled test \(file)
                radicled --config \(file)


            """
    }

    private func compiled(_ proto: String, _ surroundings: Surroundings) throws(Refusal) -> StarterProto {
        do {
            return try StarterProto(proto, roots: importPaths, services: services, in: surroundings)
        } catch {
            switch error {
            case .unreadable(let message): throw failure(message)
            case .services(let message, let help):
                throw Refusal(
                    text: "radicled: \(HumanRenderer.safe(message))\n"
                        + (help.map { "help: \(HumanRenderer.safe($0))\n" } ?? ""), code: 1)
            case .mistakes(let findings):
                var out = ByteWriter(capacity: 4096)
                HumanRenderer(inColour: StandardError.takesColour).render(findings, to: &out)
                let isImport = findings.contains { $0.rule.id == "proto-import" }
                let help = isImport ? "help: --import-path names a folder that imports start from\n" : ""
                throw Refusal(
                    text: String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(findings) + "\n" + help,
                    code: 1)
            }
        }
    }

    private func failure(_ message: String) -> Refusal {
        Refusal(text: "radicled: \(HumanRenderer.safe(message))\n", code: 2)
    }

    /// A link is followed, so that a manifest that is kept elsewhere stays there.
    private func save(_ text: String) throws(Refusal) {
        let file = open(output, O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL), 0o644)
        guard file >= 0 else { throw failure("cannot write \(output): \(Self.reason)") }
        defer { close(file) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("cannot write \(output): \(Self.reason)") }
            rest = rest.dropFirst(count)
        }
    }

    private static var reason: String { String(cString: strerror(errno)).lowercased() }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// As a shell takes it.
    private static func word(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "-_./".utf8.contains($0)
        }
        return isPlain ? path : "'" + HumanRenderer.safe(path).replacing("'", with: "'\\''") + "'"
    }
}

/// Paths of files as another place sees them.
enum RelativePath {
    /// - Parameter folder: where the path will be read from; both start from the current folder.
    static func of(_ path: String, from folder: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        // A folder that is reached by a link has other folders above it than its path says.
        guard let start = real(folder), let here = real(".") else { return path }
        let whole = resolved(here + parts(of: path))
        let shared = zip(whole, start).prefix { $0 == $1 }.count
        let relative = Array(repeating: "..", count: start.count - shared) + whole.dropFirst(shared)
        return relative.isEmpty ? "." : relative.joined(separator: "/")
    }

    private static func parts(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map { String($0) }
    }

    private static func resolved(_ parts: [String]) -> [String] {
        var kept: [String] = []
        for part in parts {
            if part != ".." { kept.append(part) } else if !kept.isEmpty { kept.removeLast() }
        }
        return kept
    }

    private static func real(_ path: String) -> [String]? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return parts(of: String(cString: found))
    }
}
