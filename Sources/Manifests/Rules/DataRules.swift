package import Diagnostics

/// What can be wrong with `data`.
package enum DataRules {
    package static let all: [Rule] = [unreadable, broken, plainSecret]

    private static func sample(_ data: String) -> String {
        YAMLRules.sample("template: hi", extra: "data: \(data)\n")
    }

    package static let unreadable = Rule(
        "unreadable-data", summary: "a data file cannot be read",
        explanation: """
            A string under `data` is the path of a file, relative to the manifest that says it. The file is JSON, YAML or
            CSV by its ending, UTF-8 text, and a regular file: no pipe, no device. JSON and CSV have at most 16 MiB and
            1 000 000 values, YAML as much as a manifest. It is read when the manifest is loaded, also for `lint`.
            """,
        bad: sample("{ prices: missing.json }"), good: sample("{ prices: data/prices.json }"))

    package static let broken = Rule(
        "bad-data", summary: "a data file is broken",
        explanation: """
            The file is not what its ending says. JSON is as RFC 8259 has it, without comments or a comma after the last
            entry, and a key is there once. CSV is as RFC 4180 has it: the first row names the columns, every other row has
            a field for each, and a field with a comma, a quote or a line break in it stands in quotes, with its quotes
            doubled.
            """,
        bad: sample("{ prices: data/broken.json }"), good: sample("{ prices: data/prices.json }"))

    package static let plainSecret = Rule(
        "plain-secret", .warning, summary: "a secret is written in the manifest",
        explanation: """
            Who can read the manifest, its history or its backups can read the secret. Take it from a file with
            `${file:/run/secrets/NAME}`, or from the environment with `${NAME}`.
            """,
        bad: sample("{ secrets: { token: hunter2 } }"), good: sample("{ secrets: { token: \"${TOKEN:-none}\" } }"))
}
