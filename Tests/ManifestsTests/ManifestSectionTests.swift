import Diagnostics
import JSON
import Manifests
import Testing

@Suite struct ManifestSectionTests {
    @Test(arguments: ["timeout:", "timeout: ~", "timeout: {}"]) func nothingIsTheDefaults(_ text: String) {
        let decoding = Decoding<Middleware>(text)
        #expect(decoding.told == [])
        #expect(decoding.value?.timeout == .on(Timeout()))
    }

    @Test func theShortFormSetsOneField() {
        #expect(Decoding<Middleware>("timeout: 2s").value?.timeout.value?.standard == .seconds(2))
        #expect(Decoding<Middleware>("access_log: text").value?.accessLog.value?.format == .text)
        #expect(
            Decoding<Middleware>("timeout: { default: 2s, maximum: 9s }").value?.timeout.value?.maximum == .seconds(9))
    }

    @Test(arguments: ["timeout: off", "timeout: false", "timeout: False"]) func aSectionCanBeOff(_ text: String) {
        #expect(Decoding<Middleware>(text).value?.timeout == .off)
        #expect(Decoding<Middleware>(text).told == [])
    }

    @Test func unknownKeysAreToldWhatWasMeant() throws {
        let decoding = Decoding<Sample>(
            "radicle: 1\nservices:\n  web:\n    routes:\n      GET /:\n        tmeplate: hi\n")
        #expect(decoding.told == ["6:9 unknown-key tmeplate"])
        let finding = try #require(decoding.findings.first)
        #expect(finding.message == "unknown key `tmeplate`")
        #expect(finding.help == "did you mean `template`?")
        #expect(finding.suggestion == "template")
        #expect(finding.label == "not a key of a route")
    }

    @Test func aRightWordAtTheWrongLevelIsToldWhereItBelongs() throws {
        let finding = try #require(Decoding<Sample>("radicle: 1\ntimeout: 2s").findings.first)
        #expect(finding.help == "`timeout` belongs under `middleware`")
        #expect(finding.suggestion == nil)
        let two = try #require(Decoding<Sample>("radicle: 1\ndelay: 2s").findings.first)
        #expect(two.help == "`delay` belongs under `shutdown` or a route")
    }

    @Test func otherwiseTheKeysAreListed() throws {
        let finding = try #require(Decoding<Shutdown>("zzzzzz: 1").findings.first)
        #expect(finding.help == "the keys of shutdown are `delay`, `grace`")
    }

    @Test func keysForEditorsAreIgnored() {
        #expect(Decoding<Sample>("$schema: x\nx-a: 1\nradicle: 1\nservices: { x-b: 1 }\nlimits: { x-c: 1 }").told == [])
    }

    @Test func whatIsRequiredIsMissed() throws {
        let decoding = Decoding<Sample>("name: a")
        #expect(decoding.told == ["1:1 missing-key name"])
        #expect(decoding.findings.first?.help == "add `radicle: 1`")
        #expect(Decoding<Route>("fault: { cut: true }").told == ["1:1 missing-key fault"])
        #expect(Decoding<Route>("fault: {}").told.count == 1)
        #expect(Decoding<Route>("fault:").told.count == 1)
    }

    static let wrong: [(String, String)] = [
        ("timeout: [1]", "expected a duration such as `250ms`, found a list"),
        ("access_log: []", "expected `json`, `text` or `combined`, found a list"),
        ("body_limit: {}", "expected a size such as `64KiB`, found a map"),
        ("access_log: { format: }", "expected `json`, `text` or `combined`, found nothing"),
        ("access_log: { output: [] }", "expected text, found a list"),
        ("timeout: { default: }", "expected a duration such as `250ms`, found nothing"),
    ]

    @Test(arguments: wrong) func wrongKindsSayWhatWasFound(_ text: String, _ message: String) {
        #expect(Decoding<Middleware>(text).findings.map(\.message) == [message])
    }

    @Test func aSectionWithoutShortFormWantsAMap() {
        #expect(
            Decoding<Sample>("radicle: 1\nshutdown: 5s").findings.map(\.message) == [
                "expected a map with the keys of shutdown, found `5s`"
            ])
        #expect(
            Decoding<Sample>("- a").findings.map(\.message) == [
                "expected a map with the keys of the manifest, found a list"
            ])
        #expect(
            Decoding<Sample>("radicle: 1\nservices: []").findings.map(\.message) == [
                "expected a map of names, found a list"
            ])
    }

    @Test func mistakesAreCollectedInOrderAndTheRestIsKept() throws {
        let decoding = Decoding<Sample>(
            """
            radicle: 1
            wokers: 2
            listen: localhost:99999
            shutdown: { grace: 5, delay: 1s }
            middleware:
              timeout: 2 s
              access_log: { format: jsn, output: file }
            services:
              web:
                prefix: /api
                routes:
                  GET /a: { template: hi, echo: {} }
                  GET /b: { delay: {{ x }} }
            """)
        #expect(
            decoding.told == [
                "2:1 unknown-key wokers", "3:19 bad-address 99999", "4:20 bad-duration 5", "6:12 bad-duration 2 s",
                "7:25 unknown-choice jsn",
                "12:31 unknown-key echo", "13:24 yaml-hole {{ x }}", "13:24 bad-duration {{ x }}",
            ])
        let value = try #require(decoding.value)
        #expect(value.shutdown.delay == .seconds(1))
        #expect(value.shutdown.grace == .seconds(30))
        #expect(value.middleware.accessLog.value?.output == "file")
        #expect(value.services["web"]?.prefix?.value == "/api")
        #expect(value.services["web"]?.prefix?.range?.from == Place(line: 10, column: 13))
        #expect(value.services["web"]?.routes.entries.map(\.name) == ["GET /a", "GET /b"])
    }

    static let written: [String] = [
        "radicle: 1", "radicle: 1\nname: a b", "radicle: 1\nworkers: 2\nlisten: [':8080', 'unix:/a']",
        "radicle: 1\nlimits: { idle: 1h30m, header_total: 1KiB }",
        "radicle: 1\nmiddleware: { timeout: off, access_log: text, body_limit: off }",
        "radicle: 1\nservices: { web: { host: [a, b], prefix: /x, routes: { 'GET /{a}': { template: { json: [1, 'x', null] }, delay: 1ms, fault: { share: 10% } } } } }",
    ]

    @Test(arguments: written) func whatIsWrittenDecodesBackEqual(_ text: String) throws {
        let value = try #require(Decoding<Sample>(text).value)
        let node = value.written()
        var findings = Findings()
        let again = try #require(Sample.decode(node, &findings))
        let count = findings.count
        #expect(count == 0)
        #expect(render(again.written()) == render(node))
        #expect(again.middleware == value.middleware)
        #expect(again.services["web"]?.routes["GET /{a}"] == value.services["web"]?.routes["GET /{a}"])
    }

    @Test func theSchemaIsJSONWithEveryKey() throws {
        let document = Sample.schema.document()
        #expect(document["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"))
        #expect(document["required"] == .array([.string("radicle")]))
        #expect(document["additionalProperties"] == .bool(false))
        let definitions = try #require(document["$defs"])
        let format = definitions["access_log"]?["properties"]?["format"]
        #expect(format?["description"] == .string("How a line looks."))
        let choice = JSONValue.object([
            ("enum", .array([.string("json"), .string("text"), .string("combined")]))
        ])
        #expect(format?["anyOf"] == .array([choice, .object([("$ref", .string("#/$defs/variable"))])]))
        // A default as people write it, read back as its value.
        #expect(definitions["timeout"]?["properties"]?["default"]?["default"] == .string("30s"))
    }

    @Test(arguments: [
        (Schema.boolean, "`true` or `false`"), (.integer(minimum: 0, maximum: nil), "whole number from 0"),
        (.within(low: "1", high: "9", .integer(minimum: nil, maximum: nil)), "whole number, 1 to 9"),
        (.choice(["a", "b", "c"]), "`a`, `b` or `c`"), (Timespan.schema, "duration"),
        ([Timespan].schema, "list of durations"),
        (OneOrMore<ListenAddress>.schema, "address, or a list of them"), (Switchable<Size>.schema, "size or `off`"),
        (Named<String>.schema, "map of names to texts"),
    ])
    func schemasAreSaidInWords(_ schema: Schema, _ words: String) {
        #expect(schema.inWords == words)
    }

    @Test func keyPlacesComeFromTheSchema() {
        let places = KeyPlaces(Sample.schema)
        #expect(places.parents(of: "access_log") == ["middleware"])
        #expect(places.parents(of: "middleware") == ["the manifest", "a route", "a service"])
        #expect(places.parents(of: "nothing") == [])
    }
}
