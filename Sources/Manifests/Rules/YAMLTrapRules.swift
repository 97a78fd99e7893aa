package import Diagnostics

/// Where YAML reads something other than what was meant. The summary is the message; the suggestion has the quotes.
extension YAMLRules {
    static let traps: [Rule] = [
        hole, bang, star, comment, comma, flow, colon, afterQuote, reserved, escape,
    ]

    package static let hole = Rule(
        "yaml-hole", summary: "a value with `{{ }}` needs quotes here",
        explanation: """
            A value that starts with `{` is a map in YAML, and inside `{ }` or `[ ]` a brace always is. A template hole
            there must stand in quotes: `"{{ path.name }}"`. After other text, outside of braces and brackets, it may
            stand as it is.
            """,
        bad: sample("template: {{ call.id }}"), good: sample("template: \"{{ call.id }}\""))

    package static let bang = Rule(
        "yaml-bang", summary: "`!` starts a tag here, not a negation",
        explanation: """
            YAML takes a word that starts with `!` for a tag, the name of a type, and drops it from the value. An
            expression that starts with `!` must stand in quotes.
            """,
        bad: sample("template: !has(query.name)"), good: sample("template: '!has(query.name)'"))

    package static let star = Rule(
        "yaml-star", summary: "`*` and `&` start an alias or an anchor here, not text",
        explanation: """
            `*name` stands for the value that `&name` marks. Text that starts with one of the two must stand in quotes.
            An anchor with nothing after it is a value too, nothing: `text: &x` silently has no text.
            """,
        bad: "radicle: 1\nservices:\n  web:\n    host: *.example.com\n    routes: { GET /: { template: hi } }\n",
        good: "radicle: 1\nservices:\n  web:\n    host: '*.example.com'\n    routes: { GET /: { template: hi } }\n")

    package static let comment = Rule(
        "yaml-comment", summary: "` #` starts a comment inside this value and cuts it off",
        explanation: """
            A `#` after a space starts a comment, also inside quotes that do not enclose the whole value: the rest of
            the line is silently gone. Put the whole value in quotes.
            """,
        bad: sample("template: Nr {{ call.id + \" #1\" }}"),
        good: sample("template: 'Nr {{ call.id + \" #1\" }}'"))

    package static let comma = Rule(
        "yaml-comma", summary: "a comma ends this value, inside its parentheses or quotes",
        explanation: """
            Inside `{ }` and `[ ]` a comma separates entries wherever it stands outside of quotes around the whole
            value. `{ name: f(a, b) }` is a map with the keys `name` and `b)`. Put the value in quotes.
            A key there without a colon is the rest of such a text, too.
            """,
        bad: sample("template: { text: hello (you, too) }"), good: sample("template: { text: 'hello (you, too)' }"))

    package static let flow = Rule(
        "yaml-flow", summary: "a value with brackets or braces needs quotes here",
        explanation: """
            Inside `{ }` and `[ ]`, brackets and braces open and close maps and lists wherever they stand. A value or a
            key that has them in it must stand in quotes. So must a value that starts with one and is not a list or a map.
            """,
        bad: "radicle: 1\nservices: { web: { routes: { GET /{id}: { template: hi } } } }\n",
        good: "radicle: 1\nservices: { web: { routes: { 'GET /{id}': { template: hi } } } }\n")

    package static let colon = Rule(
        "yaml-colon", summary: "a value with `: ` in it needs quotes",
        explanation: """
            A colon with a space after it makes what is before it a key. Text with a colon, and an expression
            `a ? b : c`, must stand in quotes or below `>-`.
            """,
        bad: sample("template: Note: this is it"), good: sample("template: 'Note: this is it'"))

    package static let afterQuote = Rule(
        "yaml-after-quote", summary: "the value ends with its quote, and more stands after it",
        explanation: """
            A value that starts with a quote is only what is in the quotes. An expression that starts with a string,
            as `"a" in x`, must stand in quotes of the other kind as a whole: '"a" in x'.
            """,
        bad: sample("template: \"hello\" world"), good: sample("template: '\"hello\" world'"))

    package static let reserved = Rule(
        "yaml-reserved", summary: "a value or key cannot start with this sign unless it is in quotes",
        explanation: """
            YAML keeps `@` and the backquote for itself, `%` for directives, and `|` and `>` for blocks of text. A key
            such as "@type", and a value that starts so, must stand in quotes.
            """,
        bad: sample("template: { json: { @type: greeting } }"),
        good: sample("template: { json: { '@type': greeting } }"))

    package static let escape = Rule(
        "yaml-escape", summary: "this escape is not one that YAML knows",
        explanation: """
            In double quotes a backslash starts an escape, as \\n or \\u00e9, and others are refused. Regular
            expressions and Windows paths are best written in single quotes, where a backslash is itself.
            """,
        bad: sample("template: \"\\d\""), good: sample("template: '\\d'"))
}
