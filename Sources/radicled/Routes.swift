import ArgumentParser
import Compiler
import Diagnostics
import JSON
import Lifecycle

struct Routes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a manifest serves: each route, what answers it, and its middleware in order.")

    @Argument(help: ArgumentHelp("The manifest; - reads standard input.", valueName: "file"))
    var file: String

    func run() throws {
        let source: Source
        do {
            source = try SourceFile.read(file)
        } catch {
            StandardError.write("radicled: \(error)\n")
            throw ExitCode(2)
        }
        var findings = Findings()
        let compilation = Compilation(source, &findings)
        if findings.hasErrors {
            let ordered = findings.ordered()
            var out = ByteWriter(capacity: 4096)
            HumanRenderer().render(ordered, to: &out)
            StandardError.write(String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(ordered) + "\n")
            throw ExitCode(1)
        }
        var out = ByteWriter(capacity: 4096)
        Self.table(compilation.routes, into: &out)
        StandardOutput.write(out.bytes)
    }

    /// Columns as wide as their widest cell; hosts only where there are any.
    private static func table(_ routes: [RouteSummary], into out: inout ByteWriter) {
        let hasHosts = routes.contains { !$0.host.isEmpty }
        var rows = [["METHOD"] + (hasHosts ? ["HOST"] : []) + ["PATH", "SERVICE", "RESPONDER", "MIDDLEWARE"]]
        for route in routes {
            rows.append(
                [route.method] + (hasHosts ? [route.host.isEmpty ? "*" : route.host] : [])
                    + [route.path, route.service, route.responder, route.stages.joined(separator: " > ")])
        }
        let columns = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: columns[column] - cell.count + 2)
                }
            }
            out.append(line + "\n")
        }
    }
}
