import ArgumentParser
import Lifecycle

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a manifest to start from, for HTTP or for every method of a .proto.",
        discussion: """
            What it writes lints clean, and its examples pass. With --proto each method answers with a message that is made \
            up from the names and the types of its fields, taken from the request where that has the same field.

                radicled init
                radicled init --proto protos/helloworld.proto
                radicled init --proto api/shop.proto --import-path api --import-path third_party --service shop.Orders
                radicled init --output -

            Exits 1 if the .proto has mistakes, and 2 if a file is there already or cannot be read or written.
            """)

    @Option(help: ArgumentHelp("A .proto file, or a descriptor set, whose services are served.", valueName: "file"))
    var proto: String?

    @Option(
        name: .customLong("import-path"),
        help: ArgumentHelp(
            "A folder that imports of the .proto start from; may be given again. Without it: its own folder, or one above.",
            valueName: "directory"))
    var importPaths: [String] = []

    @Option(
        name: .customLong("service"),
        help: ArgumentHelp(
            "A service, as helloworld.Greeter; may be given again. Without it: all of the file.", valueName: "name"))
    var services: [String] = []

    @Option(help: ArgumentHelp("Where it is written; - prints it.", valueName: "file"))
    var output = "radicled.yaml"

    @Flag(help: "Write a file that is there already anew.")
    var force = false

    func validate() throws {
        if proto == nil, !importPaths.isEmpty || !services.isEmpty {
            throw ValidationError("--import-path and --service belong to --proto")
        }
    }

    func run() throws {
        let file = StarterFile(
            proto: proto, importPaths: importPaths, services: services, output: output, replaces: force)
        do {
            StandardError.write(try file.write())
        } catch {
            StandardError.write(error.text)
            throw ExitCode(error.code)
        }
    }
}
