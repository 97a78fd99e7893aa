package import Diagnostics

/// Every rule that reading and decoding a manifest can break.
package enum ManifestRules {
    package static let all: [Rule] =
        YAMLRules.all + EnvironmentRules.all + IncludeRules.all + [
            wrongType, unknownKey, missingKey, outOfRange, unknownChoice, badDuration, badSize, badShare, badAddress,
        ]

    package static let wrongType = Rule(
        "wrong-type", summary: "a value is of another kind than its key takes",
        explanation: """
            Each key takes a kind of value: a map, a list, a number, a duration. The message says what it takes and what
            is there. Strings in quotes are strings, whatever is in them; `yes`, `no`, `on` and `off` are strings too,
            as in YAML 1.2.
            """,
        bad: YAMLRules.sample("template: hi", extra: "workers: many\n"),
        good: YAMLRules.sample("template: hi", extra: "workers: 2\n"))

    package static let unknownKey = Rule(
        "unknown-key", summary: "a key is not known here",
        explanation: """
            A key that nothing reads would silently do nothing, so it is a mistake. The message names the key that was
            likely meant, or where the key belongs, or which keys there are. `$schema` and keys that start with `x-` are
            ignored anywhere.
            """,
        bad: YAMLRules.sample("tmeplate: hi"), good: YAMLRules.sample("template: hi"))

    package static let missingKey = Rule(
        "missing-key", summary: "a key that must be there is not",
        explanation: """
            There is no default that would be right for everybody, so the key has to be written. `radicled explain KEY`
            tells what it takes.
            """,
        bad: "name: greeter\n", good: "radicle: 1\nname: greeter\n")

    package static let outOfRange = Rule(
        "out-of-range", summary: "a number is too small or too large",
        explanation: """
            The key takes values in a range, which the message names. Limits exist where a value outside could not
            work, or would work against the server.
            """,
        bad: YAMLRules.sample("template: hi", extra: "workers: 0\n"),
        good: YAMLRules.sample("template: hi", extra: "workers: 1\n"))

    package static let unknownChoice = Rule(
        "unknown-choice", summary: "a word is not one of those that the key takes",
        explanation: """
            The key takes one of a few words, which the message lists. They are written in lower case and without quotes
            or spaces.
            """,
        bad: YAMLRules.sample("template: hi", extra: "middleware: { access_log: { format: jsn } }\n"),
        good: YAMLRules.sample("template: hi", extra: "middleware: { access_log: { format: json } }\n"))

    package static let badDuration = Rule(
        "bad-duration", summary: "a text is not a duration",
        explanation: """
            Durations are numbers with their units and without spaces: `250ms`, `2s`, `1h30m`. Units are `ns`, `us`,
            `ms`, `s`, `m` and `h`. A number alone is refused, since other tools take it for seconds or for milliseconds.
            """,
        bad: YAMLRules.sample("template: hi", extra: "shutdown: { grace: 5 }\n"),
        good: YAMLRules.sample("template: hi", extra: "shutdown: { grace: 5s }\n"))

    package static let badSize = Rule(
        "bad-size", summary: "a text is not a size",
        explanation: """
            Sizes are bytes, or a number with its unit and without a space: `512`, `64KiB`, `1MiB`. `KiB`, `MiB`, `GiB`
            are powers of 1024, `KB`, `MB`, `GB` powers of 1000.
            """,
        bad: YAMLRules.sample("template: hi", extra: "middleware: { body_limit: 1 mb }\n"),
        good: YAMLRules.sample("template: hi", extra: "middleware: { body_limit: 1MiB }\n"))

    package static let badShare = Rule(
        "bad-share", summary: "a text is not a share",
        explanation: """
            A share is a part of all: `0.1` or `10%`, from 0 to 1 or from 0% to 100%. A number over 1 without the sign is
            refused, since `10` may mean ten per cent or all.
            """,
        bad: YAMLRules.sample("template: hi\n        fault: { share: 10, cut: true }"),
        good: YAMLRules.sample("template: hi\n        fault: { share: 10%, cut: true }"))

    /// Not in `all`: its example needs a section that takes a rate.
    package static let badRate = Rule(
        "bad-rate", summary: "a text is not a rate",
        explanation: """
            A rate is a whole number in a stretch of time: `100/s`, `5/m`, `1000/h`, `20/d`.
            """,
        bad: YAMLRules.sample("template: hi", extra: "middleware: { rate_limit: 100 per second }\n"),
        good: YAMLRules.sample("template: hi", extra: "middleware: { rate_limit: 100/s }\n"))

    package static let badAddress = Rule(
        "bad-address", summary: "a text is not an address to listen on",
        explanation: """
            An address is `HOST:PORT`, `[::1]:PORT` for IPv6, `:PORT` for every address of the machine, or `unix:PATH`.
            The port is always written, 0 takes a free one.
            """,
        bad: YAMLRules.sample("template: hi", extra: "listen: localhost:99999\n"),
        good: YAMLRules.sample("template: hi", extra: "listen: localhost:8080\n"))
}
