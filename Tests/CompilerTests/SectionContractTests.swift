import Catalog
import Compiler
import Diagnostics
import Manifests
import Testing

/// What every section promises, whatever it is for.
@Suite struct SectionContractTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        let section: any ManifestSection.Type
        /// What has to stand beside a field, which cannot stand alone.
        var beside: [String: String] = [:]
        /// Fields that differ by one letter: a slip in the one may be the other.
        var alike: Set<String> = []

        var testDescription: String { "\(section)" }
    }

    private static let routes = "routes: { GET /hello: { template: hi } }"

    static let sections: [Sample] = [
        Sample(section: ManifestRoot.self),
        Sample(
            section: ServiceSection.self,
            beside: [
                "proto": "grpc: a.B\nmethods: {}", "grpc": "proto: a.proto\nmethods: {}",
                "methods": "proto: a.proto\ngrpc: a.B", "host": routes, "prefix": routes, "variables": routes,
                "errors": routes, "middleware": routes,
            ]),
        Sample(section: ProtoTree.self),
        Sample(
            section: MethodSection.self,
            beside: [
                "delay": "echo: {}", "fault": "echo: {}", "variables": "echo: {}", "middleware": "echo: {}",
                "examples": "echo: {}", "http": "echo: {}",
            ]),
        Sample(section: MethodHTTP.self),
        Sample(section: MethodCase.self, beside: ["when": "echo: {}", "delay": "echo: {}"]),
        Sample(
            section: MethodTemplate.self,
            beside: [
                "interval": "messages: [{}]", "metadata": "message: {}", "trailers": "message: {}",
            ], alike: ["message", "messages"]),
        Sample(section: MethodError.self),
        Sample(
            section: MethodExample.self,
            beside: [
                "name": "code: OK", "request": "code: OK", "metadata": "code: OK", "client": "code: OK",
                "count": "code: OK", "exact": "code: OK",
            ]),
        Sample(section: ExampleError.self),
        Sample(
            section: RouteSection.self,
            beside: [
                "delay": "template: hi", "fault": "template: hi", "middleware": "template: hi",
                "variables": "template: hi", "errors": "template: hi", "examples": "template: hi",
            ]),
        Sample(section: CaseSection.self, beside: ["when": "template: hi", "delay": "template: hi"]),
        Sample(
            section: TemplateError.self,
            beside: ["message": "code: NOT_FOUND", "retry": "code: NOT_FOUND"]),
        Sample(section: TemplateSection.self, beside: ["interval": "messages: [hi]"]),
        Sample(section: Event.self, beside: ["event": "data: hi"]),
        Sample(section: DelayedMessage.self),
        Sample(section: ExampleSection.self),
        Sample(section: ExampleRequest.self),
        Sample(section: ExampleClient.self),
        Sample(section: FormPart.self, beside: ["filename": "text: a"]),
        Sample(section: ExampleResponse.self, beside: ["exact": "json: a"]),
        Sample(section: Redirect.self),
        Sample(section: Fault.Item.self, beside: ["share": "cut: true"]),
        Sample(
            section: DeclaredError.self, beside: ["message": "code: UNAVAILABLE", "retry": "code: UNAVAILABLE"]),
        Sample(section: Limits.self),
        Sample(section: Shutdown.self),
        Sample(section: Listen.self),
        Sample(
            section: TLSSection.self,
            beside: [
                "certificate": "key: a", "key": "certificate: a", "minimum": "certificate: a\nkey: b",
                "client_ca": "certificate: a\nkey: b", "client_auth": "certificate: a\nkey: b\nclient_ca: c",
            ], alike: ["certificates"]),
        Sample(section: CertificateFiles.self),
        Sample(section: RequestID.self),
        Sample(section: Tracing.self),
        Sample(section: AccessLog.self),
        Sample(section: Metrics.self),
        Sample(section: CounterSection.self),
        Sample(section: GaugeSection.self),
        Sample(section: HistogramSection.self),
        Sample(section: Timeout.self),
        Sample(section: BodyLimit.self),
        Sample(section: CORS.self),
        Sample(section: IPFilter.self),
        Sample(section: DelayMiddleware.self),
        Sample(section: FaultMiddleware.self, beside: ["share": "cut: true"]),
        Sample(
            section: Concurrency.self,
            beside: [
                "queue": "limit: 5", "queue_timeout": "limit: 5", "priority": "limit: 5", "when": "limit: 5",
                "mode": "limit: 5",
            ]),
        Sample(section: AdaptiveLimit.self),
        Sample(
            section: RateLimit.self,
            beside: [
                "burst": "rate: 100/s", "key": "rate: 100/s", "cost": "rate: 100/s", "when": "rate: 100/s",
                "mode": "rate: 100/s",
            ]),
        Sample(section: RateLimitPolicy.self),
        Sample(section: Headers.self),
        Sample(section: HeaderEdits.self),
        Sample(section: Compression.self),
    ]

    @Test func everyMiddlewareIsHere() {
        let names = Self.sections.map { Self.key(of: $0.section) }
        for entry in Entries.middleware {
            #expect(names.contains(entry.name), "add \(entry.name) to the samples")
        }
    }

    private static func key<Section: ManifestSection>(of section: Section.Type) -> String { Section.key }

    @Test(arguments: sections) func everyFieldIsDocumented(_ sample: Sample) {
        Self.expectDocs(sample.section)
    }

    private static func expectDocs<Section: ManifestSection>(_ section: Section.Type) {
        #expect(Section.doc.hasSuffix("."))
        if let short = Section.short { #expect(Section.fields.contains { $0.name == short }) }
        var names: Set<String> = []
        for field in Section.fields {
            #expect(names.insert(field.name).inserted)
            #expect(field.doc.hasSuffix("."), "\(field.name): \(field.doc)")
            let isWord = field.name.utf8.allSatisfy {
                $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
            }
            #expect(isWord, "\(field.name)")
        }
    }

    /// The field's example, with what the section cannot do without.
    private static func example<Section: ManifestSection>(
        _ field: Field<Section>, _ sample: Sample
    ) -> String? {
        guard let example = field.example else { return nil }
        var lines = ["\(field.name): \(example)"]
        for other in Section.fields where other.required && other.name != field.name {
            lines.append("\(other.name): \(other.example ?? "")")
        }
        if let beside = sample.beside[field.name] { lines.append(beside) }
        return lines.joined(separator: "\n") + "\n"
    }

    @Test(arguments: sections) func examplesAreCleanAndReadBack(_ sample: Sample) throws {
        try Self.expectExamples(sample.section, sample)
    }

    private static func expectExamples<Section: ManifestSection>(_ section: Section.Type, _ sample: Sample) throws {
        for field in Section.fields {
            guard let text = example(field, sample) else { continue }
            let read = Decoded<Section>(try Node.reading(text))
            #expect(read.messages.isEmpty, "\(text)")
            let written = try #require(read.value).written()
            let again = Decoded<Section>(written)
            #expect(again.messages.isEmpty, "\(written.flow)")
            #expect(again.value?.written().flow == written.flow)
            #expect(written.entry(field.name) != nil, "\(field.name) is not written: \(written.flow)")
        }
    }

    @Test(arguments: sections) func nothingIsTheDefaults(_ sample: Sample) throws {
        try Self.expectDefaults(sample.section)
    }

    private static func expectDefaults<Section: ManifestSection>(_ section: Section.Type) throws {
        guard !Section.fields.contains(where: \.required) else { return }
        for text in ["{}", "null"] {
            let read = Decoded<Section>(try Node.reading(text))
            // A route needs a responder, an error a code, an example something to compare, a rate limit a rate or policies:
            // what says so is not about the map's fields.
            let wrong = read.findings.filter {
                !["one-responder", "one-of", "example-expectation", "missing-key", "method-answer"].contains($0.rule.id)
            }
            #expect(wrong.isEmpty, "\(text): \(wrong.map(\.message))")
            #expect(read.value?.written().flow == Section().written().flow)
        }
    }

    @Test(arguments: sections) func misspeltKeysAreRecognised(_ sample: Sample) throws {
        try Self.expectSuggestions(sample.section, besides: sample.alike)
    }

    private static func expectSuggestions<Section: ManifestSection>(
        _ section: Section.Type, besides alike: Set<String>
    ) throws {
        for field in Section.fields where !alike.contains(field.name) {
            var letters = Array(field.name)
            letters.swapAt(letters.count - 1, letters.count - 2)
            if String(letters) == field.name { letters.swapAt(0, 1) }
            let word = String(letters)
            let read = Decoded<Section>(try Node.reading("\(word): 1"))
            let found = try #require(read.findings.first { $0.rule.id == "unknown-key" }, "\(word)")
            #expect(found.suggestion == field.name, "\(Section.key): \(word)")
            #expect(found.help == "did you mean `\(field.name)`?")
            #expect(found.range.from == Place(line: 1, column: 1))
            #expect(found.range.to == Place(line: 1, column: 1 + word.count))
        }
    }

    /// Keys of the whole design that are not here yet: refused, and never taken for something else.
    @Test(arguments: [
        ("services.web", "slo"),
        ("services.web.routes.GET /a", "slo"),
        ("middleware", "auth"),
    ])
    func laterKeysAreUnknown(_ path: String, _ keys: String) {
        let parents = path.split(separator: ".").map(String.init)
        for key in keys.split(separator: " ") {
            var text = "radicle: 1\n"
            for (depth, parent) in parents.enumerated() {
                text += String(repeating: "  ", count: depth) + parent + ":\n"
            }
            text += String(repeating: "  ", count: parents.count) + "\(key): 1\n"
            let unknown = Linted(text).findings.filter { $0.rule.id == "unknown-key" }
            #expect(unknown.map(\.message) == ["unknown key `\(key)`"], "\(text)")
            #expect(unknown.first?.level == .error)
            #expect(unknown.first?.suggestion == nil, "\(key): \(unknown.first?.suggestion ?? "")")
            #expect(unknown.first?.help?.contains("belongs") == false, "\(unknown.first?.help ?? "")")
        }
    }

    @Test(arguments: [
        ("idle", "middleware", "`idle` belongs under `limits`"),
        ("text", "services: { web: { routes: { GET /a:", "`text` belongs under `template`"),
        ("access_log", "", "`access_log` belongs under `middleware`"),
        ("grace", "", "`grace` belongs under `shutdown`"),
    ])
    func keysThatAreKnownElsewhereSaySo(_ key: String, _ parent: String, _ help: String) {
        let opened = parent.count { $0 == "{" }
        let text =
            parent.isEmpty
            ? "radicle: 1\n\(key): 1\n"
            : "radicle: 1\n\(parent)\(opened == 0 ? ":" : "") { \(key): 1 }\(String(repeating: " }", count: opened))\n"
        #expect(Linted(text).findings.map(\.help) == [help])
    }

    /// What an example sends or expects is no setting, and no setting is meant in an example.
    @Test(arguments: [
        ("- { request: { status: 1 }, response: { status: 200 } }", "`status` belongs under an example's response"),
        ("- { path: /a, response: { status: 200 } }", "`path` belongs under an example's request"),
        (
            "- { timeout: 1s, response: { status: 200 } }",
            "the keys of an example are `name`, `request`, `response`"
        ),
    ])
    func examplesStandApart(_ example: String, _ help: String) {
        let text = """
            radicle: 1
            services:
              web:
                routes:
                  GET /a:
                    template: hi
                    examples:
                      \(example)
            """
        #expect(Linted(text).findings.map(\.help) == [help])
    }
}
