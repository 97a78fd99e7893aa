import Diagnostics
import Testing

/// A mistake that people make, marked in a manifest: `⟦` and `⟧` stand around what the caret must be under, and are
/// not part of it.
struct Mistake: CustomTestStringConvertible, Sendable {
    let name: String
    let rule: String
    let text: String
    /// The message, or a part of it.
    let says: String
    var suggestion: String?
    var help: String?
    /// What the note of another place stands at, where there is one.
    var related: String?
    /// How many findings there are in all.
    var count = 1

    var testDescription: String { name }

    /// The text without the marks, and the bytes between them.
    var marked: (text: String, start: Int, end: Int) {
        let bytes = Array(text.utf8)
        func find(_ mark: String) -> Int {
            let mark = Array(mark.utf8)
            return bytes.indices.first { bytes[$0...].starts(with: mark) } ?? bytes.count
        }
        let start = find("⟦")
        let end = find("⟧") - "⟦".utf8.count
        return (text.replacing("⟦", with: "").replacing("⟧", with: ""), start, end)
    }
}

private func top(_ lines: String) -> String {
    "radicle: 1\n\(lines)\nservices:\n  web:\n    routes:\n      GET /hello/{name}:\n        template: hi\n"
}

private func route(_ lines: String, pattern: String = "GET /hello/{name}") -> String {
    "radicle: 1\nservices:\n  web:\n    routes:\n      \(pattern):\n        \(lines)\n"
}

@Suite struct MistakesTests {
    /// Each with its place to the column, and the text that mends it where one is sure.
    static let all: [Mistake] = [
        Mistake(
            name: "misspelt key at the top", rule: "unknown-key", text: top("⟦lisen⟧: 127.0.0.1:8080"),
            says: "unknown key `lisen`", suggestion: "listen"),
        Mistake(
            name: "misspelt key in a section", rule: "unknown-key", text: top("limits: { ⟦idel⟧: 75s }"),
            says: "unknown key `idel`", suggestion: "idle"),
        Mistake(
            name: "misspelt middleware", rule: "unknown-key", text: top("middleware:\n  ⟦acces_log⟧: json"),
            says: "unknown key `acces_log`", suggestion: "access_log"),
        Mistake(
            name: "misspelt key of a leaf", rule: "unknown-key",
            text: top("middleware:\n  access_log:\n    ⟦formt⟧: json"), says: "unknown key `formt`",
            suggestion: "format"),
        Mistake(
            name: "misspelt responder", rule: "unknown-key",
            text: route("⟦tempalte⟧: hi").replacing(
                "        template: hi\n", with: ""), says: "unknown key `tempalte`", suggestion: "template"),
        Mistake(
            name: "beginning of a key", rule: "unknown-key",
            text: top("middleware: { concurrency: { adaptive: { ⟦min⟧: 5 } } }"), says: "unknown key `min`",
            suggestion: "minimum"),
        Mistake(
            name: "text for a route", rule: "wrong-type",
            text: "radicle: 1\nservices: { web: { routes: { GET /a: ⟦\"hi, you\"⟧ } } }\n",
            says: "expected a map with the keys of a route", suggestion: "{ template: \"hi, you\" }"),
        Mistake(
            name: "collector without a scheme", rule: "bad-collector",
            text: top("middleware: { tracing: ⟦localhost:4318⟧ }"), says: "does not begin with `http://`",
            suggestion: "http://localhost:4318"),
        Mistake(
            name: "origin with a user", rule: "bad-cors", text: top("middleware: { cors: ⟦https://u:p@a.example⟧ }"),
            says: "names a user", suggestion: "https://a.example"),
        Mistake(
            name: "right key at the wrong level", rule: "unknown-key", text: top("⟦timeout⟧: 2s"),
            says: "unknown key `timeout`", help: "`timeout` belongs under `middleware`"),
        Mistake(
            name: "word for a number", rule: "wrong-type", text: top("workers: ⟦many⟧"),
            says: "expected a whole number, found `many`", help: "as in `workers: 2`"),
        Mistake(
            name: "number in quotes", rule: "wrong-type", text: top("workers: ⟦\"2\"⟧"),
            says: "expected a whole number", suggestion: "2"),
        Mistake(
            name: "duration 5sec", rule: "bad-duration", text: top("shutdown: { grace: ⟦5sec⟧ }"),
            says: "`5sec` is not a duration", suggestion: "5s"),
        Mistake(
            name: "duration without a unit", rule: "bad-duration", text: top("middleware: { timeout: ⟦5⟧ }"),
            says: "`5` has no unit", suggestion: "5s"),
        Mistake(
            name: "size", rule: "bad-size", text: top("middleware: { body_limit: ⟦1 mb⟧ }"),
            says: "`1 mb` is not a size", suggestion: "1MB"),
        Mistake(
            name: "size with a letter", rule: "bad-size", text: top("limits:\n  header_total: ⟦64k⟧"),
            says: "`64k` is not a size", suggestion: "64KiB"),
        Mistake(
            name: "share over the whole", rule: "bad-share",
            text: route("template: hi\n        fault: { share: ⟦10⟧, cut: true }"),
            says: "more than the whole", suggestion: "10%"),
        Mistake(
            name: "port 99999", rule: "bad-address", text: top("listen: 127.0.0.1:⟦99999⟧"),
            says: "the port 99999 is too large", help: "ports go from 0 to 65535"),
        Mistake(
            name: "port alone", rule: "bad-address", text: top("listen: ⟦8080⟧"),
            says: "`8080` is a port without an address", suggestion: ":8080"),
        Mistake(
            name: "address with a scheme", rule: "bad-address", text: top("listen: ⟦http://localhost:8080/⟧"),
            says: "an address cannot have a scheme", suggestion: "localhost:8080"),
        Mistake(
            name: "misspelt choice", rule: "unknown-choice", text: top("middleware:\n  access_log: ⟦jsn⟧"),
            says: "`jsn` is not one of the choices", suggestion: "json"),
        Mistake(
            name: "no protocols", rule: "listen-protocols",
            text: top("listen: { address: \":80\", protocols: ⟦[]⟧ }"), says: "would answer nobody"),
        Mistake(
            name: "protocol twice", rule: "listen-protocols",
            text: top("listen: { address: \":80\", protocols: [http1, http2, ⟦http1⟧] }"),
            says: "`http1` is there twice", related: "http1"),
        Mistake(
            name: "protocol by its name in ALPN", rule: "unknown-choice",
            text: top("listen: { address: \":80\", protocols: [⟦h2⟧] }"), says: "`h2` is not one of the choices"),
        Mistake(
            name: "key twice", rule: "duplicate-key", text: top("name: a\n⟦name⟧: b"), says: "`name` is here twice"),
        Mistake(
            name: "route twice", rule: "duplicate-key",
            text: route("template: hi") + "      ⟦GET /hello/{name}⟧:\n        template: ho\n",
            says: "`GET /hello/{name}` is here twice"),
        Mistake(
            name: "required key missing", rule: "missing-key",
            text: "⟦name⟧: a\nservices: { web: { routes: { GET /a: { template: hi } } } }\n",
            says: "the manifest needs `radicle`", help: "add `radicle: 1`"),
        Mistake(
            name: "routes missing", rule: "missing-key", text: "radicle: 1\nservices:\n  ⟦web⟧:\n    prefix: /v1\n",
            says: "a service needs `routes`"),
        Mistake(
            name: "file missing", rule: "missing-file", text: route("template: { file: ⟦no/such/page.html⟧ }"),
            says: "cannot read no/such/page.html: No such file"),
        Mistake(
            name: "two routes for the same", rule: "route-conflict",
            text: route("template: hi") + "      ⟦GET /hello/{who}⟧:\n        template: ho\n",
            says: "`GET /hello/{name}` and `GET /hello/{who}` match the same requests"),
        Mistake(
            name: "unknown variable", rule: "unknown-name", text: route("template: Hello {{ path.⟦nmae⟧ }}"),
            says: "unknown path parameter 'nmae'", suggestion: "name"),
        Mistake(
            name: "unknown variable in a block", rule: "unknown-name",
            text: route("template: >-\n          Hello\n          {{ ⟦pth⟧.name }}"), says: "unknown name 'pth'",
            suggestion: "path"),
        Mistake(
            name: "unknown variable behind an escape", rule: "unknown-name",
            text: route("template: \"\\u00e4\\n {{ path.⟦nam⟧ }}\""), says: "unknown path parameter 'nam'",
            suggestion: "name"),
        Mistake(
            name: "broken expression", rule: "expression-syntax", text: route("template: \"{{ path.name ⟦+⟧ }}\""),
            says: "the expression ends where a value should follow"),
        Mistake(
            name: "bracket of an expression not closed", rule: "expression-syntax",
            text: route("template: \"{{ size⟦(⟧path.name }}\""), says: "'(' is not closed"),
        Mistake(
            name: "unknown function", rule: "unknown-function",
            text: route("template: \"{{ path.name.⟦uperAscii⟧() }}\""),
            says: "unknown function 'uperAscii'", suggestion: "upperAscii"),
        Mistake(
            name: "wrong types", rule: "type-mismatch", text: route("template: \"{{ path.name ⟦+⟧ 1 }}\""),
            says: "'+' does not take string and int"),
        Mistake(
            name: "hole not closed", rule: "template-hole", text: route("template: Hello ⟦{{⟧ path.name"),
            says: "`{{` is not closed"),
        Mistake(
            name: "quote not closed", rule: "yaml-quote",
            text: route("template: ⟦\"Hello {{ path.name }}⟧") + "workers: 1\n", says: "this quote is not closed",
            suggestion: "\"Hello {{ path.name }}\""),
        Mistake(
            name: "bracket not closed", rule: "yaml-bracket", text: top("limits: ⟦{⟧ idle: 75s"),
            says: "this `{` is not closed"),
        Mistake(
            name: "indentation", rule: "yaml-indent", text: top("name: a\n  ⟦workers⟧: 2"),
            says: "`workers` is indented below a key that has its value already"),
        Mistake(
            name: "tab", rule: "yaml-tab", text: top("limits:\n⟦\t⟧idle: 75s"), says: "indentation is spaces, not tabs",
            suggestion: "  "),
        Mistake(
            name: "hole without quotes", rule: "yaml-hole", text: route("template: ⟦{{ path.name }}⟧"),
            says: "a value with `{{ }}` needs quotes here", suggestion: "\"{{ path.name }}\""),
        Mistake(
            name: "too small", rule: "out-of-range", text: top("workers: ⟦0⟧"), says: "0 is too small", suggestion: "1"),
        Mistake(
            name: "status out of range", rule: "bad-status", text: route("template: { status: ⟦999⟧ }"),
            says: "`999` is not a status"),
        Mistake(
            name: "method in small letters", rule: "bad-route", text: route("template: hi", pattern: "⟦get⟧ /hello"),
            says: "methods are case-sensitive", suggestion: "GET"),
        Mistake(
            name: "pattern without a slash", rule: "bad-route", text: route("template: hi", pattern: "⟦hello⟧"),
            says: "the route pattern has no path", suggestion: "/hello"),
        Mistake(
            name: "header name with a space", rule: "bad-header-name",
            text: route("template: { text: hi, headers: { \"x⟦ ⟧note\": \"1\" } }"),
            says: "cannot be the name of a header"),
        Mistake(
            name: "value of a header whose name starts with x-", rule: "unknown-name",
            text: route("template: { text: hi, headers: { x-note: \"{{ ⟦nothing⟧ }}\" } }"),
            says: "unknown name 'nothing'"),
        Mistake(
            name: "log field whose name starts with x-", rule: "unknown-name",
            text: top("middleware: { access_log: { fields: { x-note: ⟦nothing⟧ } } }"), says: "unknown name 'nothing'"),
        Mistake(
            name: "no space behind a colon", rule: "yaml-syntax", text: top("⟦workers:2⟧"),
            says: "a `:` needs a space after it", suggestion: "workers: 2"),
        Mistake(
            name: "no space behind a colon in braces", rule: "yaml-syntax", text: top("limits: { ⟦idle:75s⟧ }"),
            says: "a `:` needs a space after it", suggestion: "idle: 75s"),
        Mistake(
            name: "no colon behind a key", rule: "yaml-syntax", text: top("⟦limits⟧\n  idle: 75s"),
            says: "`limits` has no `:`", suggestion: "limits:"),
        Mistake(
            name: "no colon behind a pattern", rule: "yaml-syntax",
            text: route("template: hi") + "      ⟦GET /b⟧\n        template: ho\n", says: "`GET /b` has no `:`",
            suggestion: "GET /b:"),
        Mistake(
            name: "comma in a text in braces", rule: "yaml-comma",
            text: route("template: { json: { a: Hello, ⟦world⟧ } }"), says: "`world` has no `:`"),
        Mistake(
            name: "quote within the same quotes", rule: "yaml-after-quote", text: route("template: ⟦'It's'⟧"),
            says: "the value ends with its quote", suggestion: "\"It's\""),
        Mistake(
            name: "dash in a header's name", rule: "unknown-name",
            text: route("template: \"{{ headers.⟦x-tenant-id⟧ }}\""),
            says: "'x-tenant-id' is a subtraction here", suggestion: "`x-tenant-id`"),
        Mistake(
            name: "prefix without a slash", rule: "bad-prefix",
            text: "radicle: 1\nservices: { web: { prefix: ⟦v1⟧, routes: { GET /a: { template: hi } } } }\n",
            says: "a prefix starts with `/`", suggestion: "/v1"),
        Mistake(
            name: "switched on by a word", rule: "wrong-type", text: top("middleware: { access_log: ⟦true⟧ }"),
            says: "expected a map of settings, found `true`", suggestion: "{}"),
        Mistake(
            name: "switched off by a word", rule: "wrong-type", text: top("middleware: { timeout: ⟦none⟧ }"),
            says: "expected a duration, settings or `off`, found `none`", suggestion: "off"),
        Mistake(
            name: "same address twice", rule: "same-address", text: top("listen: [':8080', ⟦':8080'⟧]"),
            says: "`:8080` is listened on twice"),
        Mistake(
            name: "body of a 204", rule: "bad-status", text: route("template: { status: 204, ⟦text⟧: hi }"),
            says: "an answer with status 204 cannot have a body"),
        Mistake(
            name: "wildcard of another router", rule: "literal-wildcard",
            text: route("template: hi", pattern: "GET /orders/⟦:id⟧"), says: "`:id` is text here, not a wildcard",
            suggestion: "{id}"),
        Mistake(
            name: "host with a scheme", rule: "bad-host",
            text:
                "radicle: 1\nservices: { web: { host: ⟦https://⟧example.com, routes: { GET /a: { template: hi } } } }\n",
            says: "a host cannot have a scheme", suggestion: ""),
        Mistake(
            name: "alias of no anchor", rule: "yaml-alias", text: top("x-hello: &hello a\nname: ⟦*helo⟧"),
            says: "`*helo` refers to an anchor that is not there", suggestion: "*hello"),
        Mistake(
            name: "range the wrong way round", rule: "bad-range",
            text: route("template: hi\n        delay: { uniform: ⟦[50ms, 10ms]⟧ }"), says: "ends before it starts",
            suggestion: "[10ms, 50ms]"),
        Mistake(
            name: "rate in words", rule: "bad-rate", text: top("middleware: { rate_limit: ⟦100 per second⟧ }"),
            says: "is not a rate", suggestion: "100/s"),
        Mistake(
            name: "broken regular expression", rule: "bad-regex",
            text: route("template: '{{ path.name.matches(\"^⟦[⟧a-z\") }}'"), says: "'[' is not closed"),
        Mistake(
            name: "metric of a service that is not there", rule: "unknown-target",
            text: top("middleware: { metrics: { counters: { hellos: { on: ⟦wbe⟧ } } } }"), says: "wbe",
            suggestion: "web"),
        Mistake(
            name: "data that is not there", rule: "unknown-name",
            text: top("data: { users: { ann: { age: 30 } } }").replacing(
                "template: hi", with: "template: '{{ data.⟦usrs⟧.ann.age }}'"), says: "usrs", suggestion: "users"),
        Mistake(
            name: "variable that is not there", rule: "unknown-name",
            text: top("variables: { who: path.name }").replacing(
                "template: hi", with: "template: '{{ variables.⟦wo⟧ }}'"), says: "wo", suggestion: "who"),
        Mistake(
            name: "unknown name in a condition", rule: "unknown-name",
            text: route("cases: [{ when: path.⟦nmae⟧ == 'a', template: a }]\n        template: hi"), says: "nmae",
            suggestion: "name"),
        Mistake(
            name: "operator of another language", rule: "expression-syntax",
            text: route("template: \"{{ path.name == 'a' ⟦and⟧ path.name != 'b' }}\""), says: "found 'and'",
            suggestion: "&&", help: "write `&&` for both"),
        Mistake(
            name: "three equals signs", rule: "expression-syntax",
            text: route("template: \"{{ path.name ⟦===⟧ 'a' }}\""), says: "'===' is no operator", suggestion: "=="),
        Mistake(
            name: "angle brackets for not equal", rule: "expression-syntax",
            text: route("template: \"{{ path.name ⟦<>⟧ 'a' }}\""), says: "'<>' is no operator", suggestion: "!="),
        Mistake(
            name: "function of another language", rule: "unknown-function",
            text: route("template: '{{ path.name.⟦toUpperCase⟧() }}'"), says: "toUpperCase", suggestion: "upperAscii"),
    ]

    @Test(arguments: all) func isToldExactly(_ mistake: Mistake) throws {
        let (text, start, end) = mistake.marked
        let linted = Linted(text)
        let finding = try #require(linted.findings.first { $0.rule.id == mistake.rule }, "\(linted.human)")
        let source = finding.range.source
        #expect(linted.findings.count == mistake.count, "\(linted.human)")
        #expect(finding.range.from == source.place(at: start), "\(linted.human)")
        #expect(finding.range.to == source.place(at: end), "\(linted.human)")
        #expect(finding.message.contains(mistake.says), "\(finding.message)")
        #expect(finding.suggestion == mistake.suggestion)
        if let help = mistake.help { #expect(finding.help == help) }
        #expect(finding.help != nil || finding.suggestion != nil || !finding.related.isEmpty, "no way out of it")
    }

    struct Six: Sendable {
        let text: String
        let expected: [String]
    }

    /// Several at once: all are told, in the order of the file, each at its place.
    @Test(arguments: [
        Six(
            text: """
                radicle: 1
                listen: localhost
                middleware:
                  timeout: 2
                  rate_limit: 100 per second
                services:
                  web:
                    route:
                      GET /: { template: hi }
                    routes:
                      GET /hello/{name}: { template: "{{ path.nmae }}" }
                      POST /a/{id: { echo: {} }

                """,
            expected: [
                "2:9 bad-address", "4:12 bad-duration 2s", "5:15 bad-rate 100/s", "8:5 unknown-key routes",
                "11:47 unknown-name name", "12:15 bad-route",
            ]),
        Six(
            text: """
                radicle: 1
                workers: many
                services:
                  web:
                    routes:
                      GET /a: { template: { json: { n: "{{ path.n }}" } } }
                      GET /a: { template: two }
                      get /b: { template: "{{ 1 / 0 }}" }
                      GET /c: { template: "{{ query.q + 1 }}" }
                      GET /d: { template: hi, echo: {} }

                """,
            expected: [
                "2:10 wrong-type", "6:49 unknown-name", "7:7 duplicate-key", "8:7 bad-route GET",
                "8:31 constant-failure",
                "9:39 type-mismatch", "10:31 one-responder",
            ]),
    ]) func allAreTold(_ six: Six) {
        let linted = Linted(six.text)
        let told = linted.findings.map { finding in
            let place = finding.range.from
            return "\(place.line):\(place.column) \(finding.rule.id)"
                + (finding.suggestion.map { " " + $0 } ?? "")
        }
        #expect(told == six.expected, "\(linted.human)")
    }

    /// What a suggestion puts in place must be right: it is what editors do at a keystroke.
    @Test(arguments: all.filter { $0.suggestion != nil }) func suggestionMends(_ mistake: Mistake) {
        let (text, start, end) = mistake.marked
        let bytes = Array(text.utf8)
        let mended = Array(bytes[..<start]) + Array((mistake.suggestion ?? "").utf8) + Array(bytes[end...])
        let linted = Linted(String(decoding: mended, as: UTF8.self))
        #expect(linted.findings.isEmpty, "\(linted.human)")
    }
}
