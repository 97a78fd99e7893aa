import ArgumentParser
import Calling
import Compiler
import Diagnostics
import JSON
import Lifecycle

struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a method of a server, or of a manifest without serving it: JSON in, JSON out.",
        discussion: """
            The server tells by reflection what methods it has, unless --proto does. Replies go to standard output as they \
            come, all else to standard error. Exits 0 if the call succeeded, 1 if it failed, 2 if it could not be made, and \
            130 after Ctrl-C, which cancels it.

                radicled call :8080                   what the server has
                radicled call :8080 shop.Orders       one service, and its messages
                radicled call :8080 shop.Orders/Get '{"id": "7"}'
                radicled call shop.yaml shop.Orders/Get '{"id": "7"}'
                radicled call https://example.com shop.Orders/Put --data @order.json
                radicled call :8080 shop.Orders/Chat --data @-

            Of a manifest nothing waits: its clock jumps to what is due next.
            """)

    @Argument(
        help: ArgumentHelp(
            "HOST:PORT, :PORT, a URL, unix:PATH, or a manifest that ends in .yaml.", valueName: "target"))
    var target: String

    @Argument(
        help: ArgumentHelp(
            "package.Service/Method to call it; a service, message or enum to see it; nothing for a list.",
            valueName: "name"))
    var name: String?

    @Argument(help: ArgumentHelp("The message as JSON; the same as --data.", valueName: "json"))
    var message: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "JSON, @FILE, or @- for standard input. Of a client stream each document is a message, sent as it comes.",
            valueName: "json"))
    var data: String?

    @Option(name: .customLong("protocol"), help: "grpc; grpc-web; connect; json, by the method's HTTP rule.")
    var speech = CallProtocol.grpc

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp(
            "Metadata; of a name that ends in -bin in base64. May be given again.", valueName: "name: value"))
    var header: [String] = []

    @Option(
        help: ArgumentHelp("How long the call may take, as 500ms or 2s; the server is told.", valueName: "duration"))
    var timeout: String?

    @Option(
        help: ArgumentHelp(
            "A .proto file or descriptor set that describes the methods, instead of reflection. May be given again.",
            valueName: "file"))
    var proto: [String] = []

    @Option(
        help: ArgumentHelp("A folder that imports of --proto start from. May be given again.", valueName: "folder"))
    var importPath: [String] = []

    @Option(
        help: ArgumentHelp("The name of the server that the call asks for, instead of the target's.", valueName: "host")
    )
    var authority: String?

    @Flag(help: "Speak TLS, as https:// and port 443 do.")
    var tls = false

    @Option(
        help: ArgumentHelp("Certificates in PEM that vouch for the server, instead of the system's.", valueName: "file")
    )
    var ca: String?

    @Flag(help: "Take any certificate.")
    var insecure = false

    @Option(help: ArgumentHelp("The client's own certificate, in PEM.", valueName: "file"))
    var cert: String?

    @Option(help: ArgumentHelp("Its key, in PEM, if it is not in the same file.", valueName: "file"))
    var key: String?

    @Flag(name: .shortAndLong, help: "Tell what is sent, and the fields in front of the replies and behind them.")
    var verbose = false

    @Flag(help: "Write fields that have their default value too.")
    var emitDefaults = false

    @Option(help: "pretty, for people; json, a reply a line, and failures as one object.")
    var format = CallOutput.Format.pretty

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func validate() throws {
        if message != nil, data != nil {
            throw ValidationError("the message is given twice: as an argument and by --data")
        }
        if key != nil, cert == nil { throw ValidationError("--key belongs to --cert") }
        if let timeout, Probe.nanoseconds(timeout) == nil {
            throw ValidationError("--timeout is a duration such as 500ms or 2s")
        }
    }

    func run() throws {
        do {
            var options = Call.Options(
                target: try CallTarget(target, isTLS: tls || ca != nil || insecure || cert != nil))
            options.name = name
            options.input = (message ?? data).map { CallInput($0) }
            options.speech = speech
            options.headers = header
            options.timeout = timeout.flatMap { Probe.nanoseconds($0) }
            options.protos = proto
            options.importPaths = importPath
            options.authority = authority
            var compilation: Compilation?
            switch options.target {
            case .manifest(let path):
                compilation = try ReadManifest.compile(
                    path, overrides: overrides, mistakes: 2, inColour: StandardError.takesColour)
            case .server(let peer) where peer.isTLS:
                options.tls = try CallTLS(authorities: ca, isInsecure: insecure, certificate: cert, key: key)
            case .server: break
            }
            let call = try Call(options, compilation: compilation, in: .process, output)
            let code = try call.run()
            if code != 0 { throw ExitCode(code) }
        } catch let mistake as CallMistake {
            StandardError.write("radicled: \(mistake)\n")
            throw ExitCode(2)
        }
    }

    private var output: CallOutput {
        var output = CallOutput(answer: { StandardOutput.offer($0) }, note: { StandardError.write($0) })
        output.format = format
        output.isVerbose = verbose
        output.writesDefaults = emitDefaults
        output.inColour = StandardError.takesColour
        return output
    }
}

extension CallProtocol: ExpressibleByArgument {}
extension CallOutput.Format: ExpressibleByArgument {}
