import ArgumentParser

@main
struct Radicled: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "radicled",
        abstract: "A server from a manifest: routes, templates and middleware in YAML, no code.",
        discussion: """
            Write a manifest, or have `radicled init` write one:

                radicle: 1
                services:
                  web:
                    routes:
                      GET /hello/{name}:
                        template: { json: { message: "Hello {{ path.name }}" } }

            then:

                radicled lint hello.yaml            find every mistake, with its fix
                radicled test hello.yaml            run the examples that it carries
                radicled routes hello.yaml          see what would be served
                radicled --config hello.yaml        serve it; Ctrl-C drains and stops
            """,
        version: Version.text,
        subcommands: [
            Run.self, Lint.self, Test.self, Routes.self, CallCommand.self, Explain.self, Schema.self, Init.self,
            ProbeCommand.self, DevCert.self, VersionCommand.self,
        ],
        defaultSubcommand: Run.self)
}
