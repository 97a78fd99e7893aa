import ArgumentParser
import Compiler
import JSON
import Lifecycle

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of the manifest, for completion and checks in editors.",
        discussion: """
            Draft 2020-12. Editors find it through a first line such as

                # yaml-language-server: $schema=radicled.schema.json

            or a `$schema` key, which radicled ignores. It knows keys and values; lint knows more.
            """)

    func run() {
        var out = ByteWriter(capacity: 64 * 1024)
        ManifestSchema.write(to: &out)
        StandardOutput.write(out.bytes)
    }
}
