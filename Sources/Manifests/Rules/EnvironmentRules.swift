package import Diagnostics

/// What can be wrong with a `${…}`.
package enum EnvironmentRules {
    package static let all: [Rule] = [syntax, unset, unreadable]

    package static let syntax = Rule(
        "variable-syntax", summary: "`${` does not begin a variable",
        explanation: """
            In any value `${NAME}` stands for an environment variable, `${NAME:-default}` for one that may be unset or
            empty, and `${file:PATH}` for what a file holds. Other forms of shells are not known. A `${` that is meant as
            text is written `$${`; a `$` before anything else is text. Keys are not looked at.
            """,
        bad: YAMLRules.sample("template: \"Hello ${NAME\""),
        good: YAMLRules.sample("template: \"Hello ${NAME:-World}, that costs $5 or $${PRICE}\""))

    package static let unset = Rule(
        "unset-variable", summary: "an environment variable is not set, or is empty",
        explanation: """
            `${NAME}` without a default must stand for something, since an empty text in its place would be found much
            later and far away. Set the variable, or say what stands for it otherwise: `${NAME:-default}`, and
            `${NAME:-}` for nothing. A plain value is read after the replacement, so `workers: ${WORKERS:-2}` is a
            number; one in quotes stays text.
            """,
        bad: YAMLRules.sample("template: hi", extra: "workers: ${RADICLED_UNSET}\n"),
        good: YAMLRules.sample("template: hi", extra: "workers: ${RADICLED_UNSET:-2}\n"))

    package static let unreadable = Rule(
        "unreadable-value", summary: "a value that is taken from outside cannot be read",
        explanation: """
            `${file:PATH}` stands for the text of a file of at most 64 KiB, without the line break at its end; the path
            is relative to the manifest that says it. The file must be there when the manifest is loaded, also for
            `lint`. What comes from a file or from the environment is UTF-8 text.
            """,
        bad: YAMLRules.sample("template: { text: hi, headers: { x-token: \"${file:missing/token}\" } }"),
        good: YAMLRules.sample("template: { text: hi, headers: { x-token: \"${TOKEN:-none}\" } }"))
}
