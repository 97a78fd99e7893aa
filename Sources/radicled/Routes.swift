import ArgumentParser
import Compiler
import Diagnostics
import DryRun
import Examples
import JSON
import Lifecycle

struct Routes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a manifest serves: each route, what answers it, and its middleware in order.",
        discussion: """
            Of each method it shows as well how it is called over gRPC, gRPC-Web, Connect and, where it has HTTP rules, HTTP \
            with JSON, in lines for a shell.

            With --explain it tells what would become of one request, without serving anything: which pattern wins and \
            why the others do not, what each condition and each middleware comes to, what answers, and where in the \
            manifest all of that was written.

                radicled routes orders.yaml --explain "POST /v1/orders" --body order.json
                radicled routes orders.yaml --explain https://api.example.com/v1/orders/7
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    @Argument(help: ArgumentHelp("The manifest; - reads standard input.", valueName: "file"))
    var file: String

    @Option(help: "table, for people; json, for programs, with places and every setting.")
    var format = Format.table

    @Option(help: ArgumentHelp("What becomes of a request: \"METHOD /path\", or a URL.", valueName: "request"))
    var explain: String?

    @Option(
        name: .long, help: ArgumentHelp("A header of that request; may be given again.", valueName: "name: value"))
    var header: [String] = []

    @Option(help: ArgumentHelp("The body of that request; - reads standard input.", valueName: "file"))
    var body: String?

    @Option(help: ArgumentHelp("The IP address that it comes from (127.0.0.1).", valueName: "address"))
    var client: String?

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func validate() throws {
        if explain == nil, body != nil || client != nil || !header.isEmpty {
            throw ValidationError("--header, --body and --client belong to a request: say which with --explain")
        }
        if file == "-", body == "-" { throw ValidationError("only one of manifest and body can be standard input") }
    }

    func run() throws {
        let compilation = try ReadManifest.compile(file, overrides: overrides)
        var out = ByteWriter(capacity: 4096)
        if let explain {
            let decision = try decide(explain, compilation)
            if format == .json {
                decision.json(into: &out)
            } else {
                out.append(decision.human(inColour: StandardOutput.takesColour))
            }
        } else if format == .json {
            RouteSummary.json(compilation.routes, into: &out) { route in
                route.method == nil
                    ? [] : [("faces", MethodFaces(route, compilation)?.json ?? .array([]))]
            }
        } else {
            RouteSummary.table(compilation.routes, into: &out)
            MethodFaces.text(MethodFaces.all(of: compilation), into: &out)
        }
        StandardOutput.write(out.bytes)
    }

    private func decide(_ text: String, _ compilation: Compilation) throws -> RouteDecision {
        do {
            let bytes = try body.map { path throws(SourceFile.Unreadable) in try SourceFile.body(path) }
            let request = try AskedRequest(
                text, headers: header, body: bytes, bodyName: body, client: client ?? AskedRequest.nearby)
            guard let rehearsal = Rehearsal(compilation) else { throw ExitCode(1) }
            return rehearsal.decide(request)
        } catch let unreadable as SourceFile.Unreadable {
            StandardError.write("radicled: \(unreadable)\n")
            throw ExitCode(2)
        } catch let mistake as AskedRequest.Mistake {
            StandardError.write("radicled: \(mistake)\n")
            throw ExitCode(64)
        }
    }
}
