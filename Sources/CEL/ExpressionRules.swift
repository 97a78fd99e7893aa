package import Diagnostics

/// What can be wrong with an expression.
package enum ExpressionRules {
    package static let all: [Rule] = [
        syntax, unknownName, unknownFunction, typeMismatch, tooDeep, constantFailure, templateHole, headerCase,
        headerValue, eventField, badRegex, variable,
    ]

    private static func manifest(_ pattern: String, _ text: String) -> String {
        """
        radicle: 1
        services:
          demo:
            routes:
              \(pattern):
                template: \(text)

        """
    }

    package static let syntax = Rule(
        "expression-syntax", summary: "an expression is not valid CEL",
        explanation: """
            Expressions are written in CEL, the Common Expression Language: inside `{{ }}` in a templated string, and
            bare under keys such as `when`. A bracket that is not closed, an operator without its second side or an
            unknown escape stops the expression from being read; the caret shows the first place that does not fit.
            """,
        bad: manifest("GET /hello/{name}", "'Hello {{ path.name + }}'"),
        good: manifest("GET /hello/{name}", "'Hello {{ path.name + \"!\" }}'"))

    package static let unknownName = Rule(
        "unknown-name", summary: "an expression uses a name that is not there",
        explanation: """
            An expression sees the names of its place only: the path parameters of its own route under `path`, the
            query under `query`, and so on. A name that does not exist would fail every call, so it is found when the
            manifest is loaded. Behind `.?` a name that may be missing gives an empty optional instead.
            """,
        bad: manifest("GET /hello/{name}", "'Hello {{ path.nmae }}'"),
        good: manifest("GET /hello/{name}", "'Hello {{ path.name }}'"))

    package static let unknownFunction = Rule(
        "unknown-function", summary: "an expression calls a function that does not exist",
        explanation: """
            Some functions are called with all their arguments in brackets, as in `size(x)`, others on a value, as in
            `x.trim()`; the other way is an unknown function too.
            """,
        bad: manifest("GET /hello/{name}", "'{{ path.name.uperAscii() }}'"),
        good: manifest("GET /hello/{name}", "'{{ path.name.upperAscii() }}'"))

    package static let typeMismatch = Rule(
        "type-mismatch", summary: "a value has a type that does not fit where it stands",
        explanation: """
            CEL does not convert on its own: text and numbers are added only after `string(…)`, `int(…)` or
            `double(…)` made both sides of one type, a condition is a bool, and an optional is unwrapped by
            `orValue(…)`. What comes from a path, a query or a header is a string.
            """,
        bad: manifest("GET /next/{n}", "'{{ path.n + 1 }}'"),
        good: manifest("GET /next/{n}", "'{{ int(path.n) + 1 }}'"))

    package static let tooDeep = Rule(
        "expression-too-deep", summary: "an expression is nested too deep or is too long",
        explanation: """
            Brackets, conditionals and operators may stand 64 deep inside one another, a chain of operators or fields
            may have 250 links, and an expression may be 64 KiB long. Beyond that it is data rather than an
            expression.
            """,
        bad: manifest(
            "GET /", "'{{ \(String(repeating: "(", count: 70))1\(String(repeating: ")", count: 70)) }}'"),
        good: manifest("GET /", "'{{ (1) }}'"))

    package static let constantFailure = Rule(
        "constant-failure", summary: "a part of an expression fails whenever it is evaluated",
        explanation: """
            What does not depend on the call is worked out when the manifest is loaded. A division by zero or a
            conversion of text that is no number would fail every call in the same way.
            """,
        bad: manifest("GET /", "'{{ 60 / 0 }}'"),
        good: manifest("GET /", "'{{ 60 / 2 }}'"))

    package static let templateHole = Rule(
        "template-hole", summary: "a hole in a template is not closed or is empty",
        explanation: """
            A hole starts with `{{` and ends with `}}`; between them is one expression. Single braces are plain text.
            For two braces as text, write them as an expression: `{{ "{{" }}`.
            """,
        bad: manifest("GET /hello/{name}", "'Hello {{ path.name'"),
        good: manifest("GET /hello/{name}", "'Hello {{ path.name }}'"))

    package static let headerCase = Rule(
        "header-case", summary: "a header is looked up by a name with capital letters",
        explanation: """
            Header names do not depend on case and are lower case in expressions, so a name with capitals is never
            found.
            """,
        bad: manifest("GET /", "'{{ headers[\"X-Tenant\"] }}'"),
        good: manifest("GET /", "'{{ headers[\"x-tenant\"] }}'"))

    package static let headerValue = Rule(
        "header-value", summary: "the value of a header holds a line break or NUL",
        explanation: """
            A line break would end the header and start another one, so it is refused, here and in what an expression
            gives. A block scalar ends in a line break unless it is written with `>-` or `|-`.
            """,
        bad: manifest("GET /", "{ text: hi, headers: { x-note: \"one\\ntwo\" } }"),
        good: manifest("GET /", "{ text: hi, headers: { x-note: \"one two\" } }"))

    package static let eventField = Rule(
        "event-field", summary: "the name or the id of an event holds a line break or NUL",
        explanation: """
            A server-sent event is made of lines: a line break in its name or its id would end the field, and let what
            follows pass for another one. So it is refused, here and in what an expression gives. Text of several lines
            goes into `data`, where each line is sent as one of its own.
            """,
        bad: manifest(
            "GET /", "{ content_type: text/event-stream, messages: [{ event: \"one\\ntwo\", data: hi }] }"),
        good: manifest(
            "GET /", "{ content_type: text/event-stream, messages: [{ event: one, data: \"hi\\nthere\" }] }"))

    package static let badRegex = Rule(
        "bad-regex", summary: "a regular expression is not valid",
        explanation: """
            Patterns are written in RE2's syntax and matched in time linear in the text, so that no request can make
            one run away. That leaves out references back (`\\1` in a pattern) and looking ahead or behind. A pattern
            may hold 10,000 instructions once its counted repetitions are written out. In a string literal a backslash
            is written twice, or once in a raw string: `r'\\d+'`.
            """,
        bad: manifest("GET /orders/{id}", "'{{ path.id.matches(\"^[0-9+$\") }}'"),
        good: manifest("GET /orders/{id}", "'{{ path.id.matches(\"^[0-9]+$\") }}'"))

    package static let variable = Rule(
        "variable-in-expression", summary: "`${…}` stands inside an expression",
        explanation: """
            What `${NAME}` and `${file:…}` stand for is text, and inside an expression it would become a part of the
            program: a quote in a password would end the string around it. So it is refused inside `{{ }}` and under
            keys that take an expression. Outside of the holes of a template it may stand; for an expression it is put
            under `data`, which expressions read.
            """,
        bad: manifest("GET /hello/{name}", "'{{ \"${GREETING:-Hello} \" + path.name }}'"),
        good: manifest("GET /hello/{name}", "'${GREETING:-Hello} {{ path.name }}'"))

    /// Reports each `${…}` in the text of an expression; true if there is one.
    ///
    /// - Parameter sparesUnknown: says nothing of those that nobody knows, since they may stand for no expression.
    static func refuseVariables(
        in text: PlacedText, sparesUnknown: Bool = false, _ findings: inout Findings
    ) -> Bool {
        for insertion in text.insertions where insertion.isKnown || !sparesUnknown {
            findings.report(
                variable, "`${…}` cannot stand in an expression",
                at: SourceRange(text.whole.source, insertion.source.lowerBound, insertion.source.upperBound),
                help: "put it under `data`, as in `settings: { name: \"${NAME}\" }`, and read `data.settings.name`; a "
                    + "secret goes under `data.secrets`")
        }
        return !text.insertions.isEmpty
    }
}
