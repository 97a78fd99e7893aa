import ArgumentParser
import Compiler
import JSON
import Lifecycle

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of manifests, or with --openapi the description of what one serves.",
        discussion: """
            Draft 2020-12. Editors find it through a first line such as

                # yaml-language-server: $schema=radicled.schema.json

            or a `$schema` key, which radicled ignores. It knows keys and values; lint knows more.

            With --openapi it prints an OpenAPI 3.1 description, in JSON, of the HTTP routes of a manifest and of the methods \
            that HTTP reaches with JSON.

                radicled schema --openapi orders.yaml >openapi.json
            """)

    @Option(help: ArgumentHelp("The manifest to describe; - reads standard input.", valueName: "file"))
    var openapi: String?

    @Option(name: .customLong("set"), help: Overrides.help)
    var overrides: [String] = []

    func validate() throws {
        if openapi == nil, !overrides.isEmpty {
            throw ValidationError("--set belongs to a manifest: say which with --openapi")
        }
    }

    func run() throws {
        var out = ByteWriter(capacity: 64 * 1024)
        if let openapi {
            guard let document = APIDocument(try ReadManifest.compile(openapi, overrides: overrides)) else {
                throw ExitCode(1)
            }
            document.write(to: &out)
        } else {
            ManifestSchema.write(to: &out)
        }
        StandardOutput.write(out.bytes)
    }
}
