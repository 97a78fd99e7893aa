package import Diagnostics

/// What can be wrong with a manifest in several files.
package enum IncludeRules {
    package static let all: [Rule] = [missing, nothing, cycle, twice, override]

    private static func services(_ name: String, _ path: String) -> String {
        "services:\n  \(name):\n    routes:\n      GET \(path): { template: hi }\n"
    }

    package static let missing = Rule(
        "missing-include", summary: "an included file cannot be read",
        explanation: """
            A path under `include` is relative to the manifest that says it, not to where the program was started. The
            rest is checked all the same, without what the file would have brought.
            """,
        bad: "radicle: 1\ninclude: parts/missing.yaml\n", good: "radicle: 1\ninclude: parts/pages.yaml\n")

    package static let nothing = Rule(
        "empty-include", .warning, summary: "a pattern under `include` matches no file",
        explanation: """
            `*`, `?` and `[…]` match within one directory, and not what starts with a dot. A pattern may match nothing,
            as a directory for local additions does; more often it is misspelled, or relative to another directory.
            """,
        bad: "radicle: 1\ninclude: \"nothing/*.yaml\"\n", good: "radicle: 1\ninclude: \"parts/*.yaml\"\n")

    package static let cycle = Rule(
        "include-cycle", summary: "files include one another, or too many others",
        explanation: """
            A file that includes itself, also by way of others, would never be read to its end. Files are included at
            most 8 deep, 100 in all, with 16 MiB together.
            """,
        bad: "radicle: 1\ninclude: circle.yaml\n", good: "radicle: 1\ninclude: parts/pages.yaml\n")

    package static let twice = Rule(
        "defined-twice", summary: "two files define the same thing",
        explanation: """
            A manifest and the files that it includes share out `services` by their names; any other key stands in one of
            them. Which of two would count could only be guessed. To let one file change another, give both to the
            program: `--config base.yaml --config changes.yaml`.
            """,
        bad: "radicle: 1\ninclude: parts/pages.yaml\n" + services("pages", "/hello"),
        good: "radicle: 1\ninclude: parts/pages.yaml\n" + services("api", "/hello"))

    package static let override = Rule(
        "bad-override", summary: "what follows `--set` is not KEY=VALUE",
        explanation: """
            `--set limits.idle=75s` lies over the files. Names of a path are separated by dots; one that has a dot,
            a bracket or `=` in it stands in brackets and quotes: `--set 'services.web.routes["GET /a.txt"].delay=1s'`,
            the whole in single quotes because of the shell. The value is YAML. A list is set as a whole.
            """,
        bad: "# --set limits..idle=75s\nradicle: 1\n", good: "# --set limits.idle=75s\nradicle: 1\n")
}
