package import Diagnostics

/// What can be wrong with a manifest as YAML.
package enum YAMLRules {
    package static let all: [Rule] =
        [
            syntax, encoding, empty, documents, limit, alias, key, duplicateKey, merge, tag, quote, bracket, indent,
            tab,
        ] + traps

    package static let syntax = Rule(
        "yaml-syntax", summary: "the file is not YAML",
        explanation: """
            The text cannot be read as YAML, so nothing in it can be checked further. The caret is where reading
            stopped, or where the thing that could not be finished begins. Keys of one map have the same indentation;
            a value that holds `: `, ` #`, brackets or braces needs quotes.
            """,
        bad: sample("template: hi", extra: "- workers: 1\n"), good: sample("template: hi"))

    package static let encoding = Rule(
        "yaml-encoding", summary: "the file is not UTF-8 text",
        explanation: """
            Manifests are UTF-8, with or without a byte order mark. Editors on Windows may save UTF-16 or a code page
            instead: choose UTF-8. Control characters other than tab and line breaks cannot stand in YAML; write them
            as escapes in double quotes, as "\\u0007".
            """,
        bad: "radicle: 1\nname: a\u{1}b\n" + services("template: hi"),
        good: "radicle: 1\nname: \"a\\u0001b\"\n" + services("template: hi"))

    package static let empty = Rule(
        "yaml-empty", summary: "there is no manifest in the file",
        explanation: """
            The file is empty, or has only comments. The shortest manifest is `radicle: 1`. Often the path is wrong, or the
            file is written by another program that has not finished.
            """,
        bad: "# nothing here yet\n", good: "radicle: 1\n")

    package static let documents = Rule(
        "yaml-documents", summary: "a manifest is one document",
        explanation: """
            A line `---` starts a new YAML document, and a manifest is exactly one. Put the second one into a file of
            its own, or remove the line. A `---` before the first key is fine.
            """,
        bad: sample("template: hi", extra: "---\nworkers: 1\n"), good: "---\n" + sample("template: hi"))

    package static let limit = Rule(
        "yaml-limit", summary: "the file is larger or deeper than a manifest may be",
        explanation: """
            A manifest has at most 3 MiB, 100 levels and 100 000 values, counting what an alias stands for each time:
            a few lines of aliases to aliases can stand for billions of values, and a reload must not fall for it.
            Put large data into files of its own.
            """,
        bad: "radicle: 1\nx-deep: " + String(repeating: "[", count: 101) + String(repeating: "]", count: 101) + "\n",
        good: "radicle: 1\nx-deep: [[[]]]\n")

    package static let alias = Rule(
        "yaml-alias", summary: "an alias refers to an anchor that is not there",
        explanation: """
            `*name` stands for the value that `&name` marks further up in the same file. There is no such mark above.
            If the text is meant to begin with a star, put it in quotes.
            """,
        bad: sample("template: *greeting"), good: "x-greeting: &greeting hi\n" + sample("template: *greeting"))

    package static let key = Rule(
        "yaml-key", summary: "a key is a word",
        explanation: """
            YAML lets a map or a list be a key; a manifest has no use for it. It is nearly always text with braces or
            brackets that lacks its quotes.
            """,
        bad: sample("template: hi", extra: "[a, b]: 1\n"), good: sample("template: hi"))

    package static let duplicateKey = Rule(
        "duplicate-key", summary: "a key is there twice",
        explanation: """
            Both cannot be meant, and YAML does not say which one counts. Keep one of them. Keys are compared byte for
            byte, after quotes and escapes are gone. What `<<` merges in does not count: keys that are written win.
            """,
        bad: sample("template: hi", extra: "workers: 1\nworkers: 2\n"),
        good: sample("template: hi", extra: "workers: 1\n"))

    package static let merge = Rule(
        "yaml-merge", summary: "`<<` takes a map or a list of maps",
        explanation: """
            The key `<<` puts the entries of another map into this one, where they are not written already. It takes an
            alias of a map, or a list of such aliases.
            """,
        bad: sample("template: hi", extra: "limits: { <<: 5 }\n"),
        good: "x-limits: &limits { idle: 75s }\n" + sample("template: hi", extra: "limits: { <<: *limits }\n"))

    package static let tag = Rule(
        "yaml-tag", summary: "a tag is not known, or does not fit its value",
        explanation: """
            A word that starts with `!` is a tag, a type of YAML. Only those of YAML's core are known: `!!str`,
            `!!int`, `!!float`, `!!bool`, `!!null`, `!!map`, `!!seq`. Files are named without a tag: `file: page.html`.
            """,
        bad: sample("template: !include page.html"), good: sample("template: '!include page.html'"))

    package static let quote = Rule(
        "yaml-quote", summary: "a quote is not closed",
        explanation: """
            A value that starts with a quote goes on to the next quote of the same kind, over lines if need be, and
            swallows what stands between. Close it where the text ends.
            """,
        bad: sample("template: \"hi", extra: "workers: 1\n"), good: sample("template: \"hi\"", extra: "workers: 1\n"))

    package static let bracket = Rule(
        "yaml-bracket", summary: "a bracket is not closed",
        explanation: """
            A map in braces or a list in brackets goes on over lines until it is closed. Here a key of the map around
            it comes first.
            """,
        bad: sample("template: { text: hi", extra: "workers: 1\n"),
        good: sample("template: { text: hi }", extra: "workers: 1\n"))

    package static let indent = Rule(
        "yaml-indent", summary: "a key is indented below a key that has its value already",
        explanation: """
            What is indented below `key: value` belongs to the value, as a further line of its text, and a key cannot
            stand there. Give the line the indentation of its neighbours. If it is text, put the whole text in quotes
            or below `>-`.
            """,
        bad: "radicle: 1\nname: greeter\n  workers: 2\n" + services("template: hi"),
        good: "radicle: 1\nname: greeter\nworkers: 2\n" + services("template: hi"))

    package static let tab = Rule(
        "yaml-tab", summary: "indentation is spaces, not tabs",
        explanation: """
            YAML takes only spaces for indentation, since a tab has no width of its own. Replace each tab, and have the
            editor write spaces in .yaml files.
            """,
        bad: "radicle: 1\nshutdown:\n\tgrace: 5s\n" + services("template: hi"),
        good: "radicle: 1\nshutdown:\n  grace: 5s\n" + services("template: hi"))

    /// A small manifest around one responder.
    static func sample(_ responder: String, extra: String = "") -> String {
        "radicle: 1\n" + services(responder) + extra
    }

    static func services(_ responder: String) -> String {
        """
        services:
          web:
            routes:
              GET /hello:
                \(responder)

        """
    }
}
