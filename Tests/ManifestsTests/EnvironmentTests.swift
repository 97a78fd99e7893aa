import Diagnostics
import Manifests
import Testing

@Suite struct EnvironmentTests {
    private static let surroundings = Surroundings.inMemory(
        [
            "NAME": "Ann", "EMPTY": "", "N": "8080", "TRUE": "true", "NOTHING": "null", "MAP": "{ a: 1 }",
            "LINES": "a\nb",
            "QUOTE": "\"'", "SELF": "${NAME}", "COMMENT": "a #b", "file": "a variable called file",
        ],
        files: [
            "token": "s3cret\n", "dir/crlf": "x\r\n", "two": "a\n\n", "none": "",
            "large": String(repeating: "x", count: 64 * 1024 + 1), "full": String(repeating: "x", count: 64 * 1024),
        ])

    private static func read(_ text: String) -> (node: Node?, findings: [Finding]) {
        var findings = Findings()
        let node = YAMLReader.read(Source(name: "m.yaml", text: text), in: surroundings, &findings)
        return (node, findings.ordered())
    }

    static let values: [(String, String)] = [
        ("a: ${NAME}", #"{a: "Ann"}"#), ("a: Hello ${NAME}!", #"{a: "Hello Ann!"}"#),
        ("a: ${NAME}${N}", #"{a: "Ann8080"}"#), ("a: '${NAME}'", #"{a: "Ann"}"#),
        ("a: \"${NAME}\\n\"", #"{a: "Ann\n"}"#), ("a: \"\\u0024{NAME}\"", #"{a: "Ann"}"#),
        ("a: |\n  x ${NAME}\n  y", #"{a: "x Ann\ny"}"#), ("a: >-\n  x\n  ${NAME}", #"{a: "x Ann"}"#),
        ("- ${NAME}", #"["Ann"]"#), ("${NAME}", #""Ann""#),
        // A plain scalar is resolved behind the replacement, one in quotes is a string.
        ("a: ${N}", "{a: 8080}"), ("a: '${N}'", #"{a: "8080"}"#), ("a: ${TRUE}", "{a: true}"),
        ("a: ${NOTHING}", "{a: null}"), ("a: 1${N}", "{a: 18080}"), ("a: !!str ${N}", #"{a: "8080"}"#),
        ("a: !!int ${N}", "{a: 8080}"),
        // A value never becomes structure.
        ("a: ${MAP}", #"{a: "{ a: 1 }"}"#), ("a: ${LINES}", #"{a: "a\nb"}"#), ("a: \"${QUOTE}\"", #"{a: "\"'"}"#),
        ("a: ${SELF}", #"{a: "${NAME}"}"#), ("a: ${COMMENT}", #"{a: "a #b"}"#),
        // Unset or empty takes the default.
        ("a: ${UNSET:-x}", #"{a: "x"}"#), ("a: ${EMPTY:-x y}", #"{a: "x y"}"#), ("a: ${NAME:-x}", #"{a: "Ann"}"#),
        ("a: ${UNSET:-}", "{a: null}"), ("a: '${UNSET:-}'", #"{a: ""}"#), ("a: ${UNSET:-5}", "{a: 5}"),
        ("a: ${UNSET:-$5}", #"{a: "$5"}"#), ("a: ${UNSET:--}", #"{a: "-"}"#),
        ("a: ${file:-x}", #"{a: "a variable called file"}"#),
        // Files, without one line break at the end.
        ("a: ${file:token}", #"{a: "s3cret"}"#), ("a: x${file:dir/crlf}y", #"{a: "xxy"}"#),
        ("a: '${file:two}'", #"{a: "a\n"}"#), ("a: '${file:none}'", #"{a: ""}"#),
        // What is text.
        ("a: $${NAME}", #"{a: "${NAME}"}"#), ("a: $$${NAME}", #"{a: "$${NAME}"}"#), ("a: $5", #"{a: "$5"}"#),
        ("a: $$", #"{a: "$$"}"#), ("a: $NAME", #"{a: "$NAME"}"#), ("a: '{NAME}'", #"{a: "{NAME}"}"#),
        ("a: costs 5$", #"{a: "costs 5$"}"#), ("${NAME}: 1", #"{${NAME}: 1}"#), ("? '${NAME}'\n: 1", "{${NAME}: 1}"),
        // An alias stands for what was replaced; a key never does.
        ("a: &x ${NAME}\nb: *x", #"{a: "Ann", b: "Ann"}"#), ("a: &x '${NAME}'\n*x : 1", #"{a: "Ann", ${NAME}: 1}"#),
    ]

    @Test(arguments: values) func isReplacedInValues(_ text: String, _ expected: String) {
        let (node, findings) = Self.read(text)
        #expect(findings.map(\.message) == [])
        #expect(render(node) == expected)
    }

    /// The text, the rule, what the finding covers.
    static let mistakes: [(String, String, String)] = [
        ("a: ${UNSET}", "unset-variable", "${UNSET}"), ("a: x ${EMPTY} y", "unset-variable", "${EMPTY}"),
        ("a: \"\\t${UNSET}\"", "unset-variable", "${UNSET}"), ("a: !!int ${UNSET}", "unset-variable", "${UNSET}"),
        ("a: ${NAME", "variable-syntax", "${NAME"), ("a: x ${", "variable-syntax", "${"),
        ("a: '${NAME b}'", "variable-syntax", "${NAME"), ("a: ${NAME:-x", "variable-syntax", "${NAME"),
        ("a: ${NA-ME", "variable-syntax", "${NA"), ("a: ${}", "variable-syntax", "${}"),
        ("a: ${1A}", "variable-syntax", "${1A}"), ("a: ${a.b}", "variable-syntax", "${a.b}"),
        ("a: ${NAME-x}", "variable-syntax", "${NAME-x}"), ("a: ${NAME:?x}", "variable-syntax", "${NAME:?x}"),
        ("a: ${NAME:+x}", "variable-syntax", "${NAME:+x}"), ("a: ${NAME:x}", "variable-syntax", "${NAME:x}"),
        ("a: ${A:-${B}}", "variable-syntax", "${A:-${B}"), ("a: ${file:}", "variable-syntax", "${file:}"),
        ("a: ${file:missing}", "unreadable-value", "missing"), ("a: ${file:large}", "unreadable-value", "large"),
        ("a: \"${é}\"", "variable-syntax", "${é}"),
    ]

    @Test(arguments: mistakes) func mistakesAreToldWhereTheyAre(_ text: String, _ rule: String, _ covered: String) {
        let findings = Self.read(text).findings
        #expect(findings.map(\.rule.id) == [rule])
        #expect(findings.first.map { slice($0.range) } == covered)
        #expect(findings.first?.help != nil)
    }

    @Test func aFileMayHave64KiB() {
        #expect(Self.read("a: ${file:full}").node?["a"]?.scalar?.text.bytes.count == 64 * 1024)
    }

    @Test func whatIsNoTextIsRefused() {
        var surroundings = Surroundings.inMemory()
        surroundings.variable = { _ in [0xFF, 0x41] }
        surroundings.file = { _, _ in [0xC3] }
        var findings = Findings()
        _ = YAMLReader.read(Source(name: "m.yaml", text: "a: ${X}\nb: ${file:x}"), in: surroundings, &findings)
        #expect(findings.ordered().map(\.rule.id) == ["unreadable-value", "unreadable-value"])
    }

    /// A few lines that name a large file many times.
    @Test func allValuesTogetherAreBounded() {
        let text = "a: [\n" + String(repeating: "'${file:full}',\n", count: 60) + "]"
        let (node, findings) = Self.read(text)
        #expect(findings.count == 12 && findings.allSatisfy { $0.rule.id == "yaml-limit" })
        #expect(node?["a"]?.items?.count == 60)
    }

    @Test func filesAreRelativeToTheManifest() {
        var findings = Findings()
        let source = Source(name: "dir/m.yaml", text: "a: ${file:crlf}")
        let node = YAMLReader.read(source, in: Self.surroundings, &findings)
        #expect(render(node) == #"{a: "x"}"# && findings.isEmpty)
    }

    /// The scalar, a part of what it becomes, and what stands for that in the file.
    static let places: [(String, String, String)] = [
        ("\"x ${NAME} y\"", "x ", "x "), ("\"x ${NAME} y\"", "Ann", "${NAME}"), ("\"x ${NAME} y\"", "nn", "${NAME}"),
        ("\"x ${NAME} y\"", "n y", "${NAME} y"), ("\"x ${NAME} y\"", "y", "y"),
        ("\"x ${NAME}${N} y\"", "nn80", "${NAME}${N}"), ("\"x ${NAME}${N} y\"", "80", "${N}"),
        ("'it''s ${NAME}''s'", "'s", "''s"), ("'it''s ${NAME}''s'", "Ann's", "${NAME}''s"),
        ("\"\\t${LINES}\\n|\"", "a\nb\n", "${LINES}\\n"), ("\"\\t${LINES}\\n|\"", "|", "|"),
        ("a$${b}c", "${b", "$${b"), ("a$${b}c", "c", "c"), ("${UNSET:-}bc", "b", "b"), ("b${UNSET:-}", "b", "b"),
        (">-\n  one\n  ${NAME}\n  two", "two", "two"), (">-\n  one\n  ${NAME}\n  two", "Ann", "${NAME}"),
    ]

    @Test(arguments: places) func placesStayRight(_ scalar: String, _ part: String, _ written: String) throws {
        let text = try #require(Self.read("a: \(scalar)").node?["a"]?.scalar?.text)
        let bytes = Array(part.utf8)
        let start = try #require(text.bytes.indices.first { text.bytes[$0...].starts(with: bytes) })
        #expect(slice(text.range(start..<start + bytes.count)) == written)
        // A slice knows its places as the whole does.
        let cut = text.slice(start..<text.bytes.count)
        #expect(slice(cut.range(0..<bytes.count)) == written)
    }

    /// Any text is replaced or refused, its places lie in the file and in order, and nothing traps.
    @Test func anyTextIsReplacedOrRefused() {
        let pieces = [
            "$", "{", "}", "${", "$${", "${NAME}", "${UNSET}", "${EMPTY:-", ":-", "file:", "token", "x", " ", "é",
            "\\n",
            "''", "{{", "}}", "${LINES}", "${UNSET:-}",
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            for quote in ["\"", "'"] {
                let (node, findings) = Self.read("a: \(quote)\(text)\(quote)")
                for finding in findings { #expect(finding.range.end <= finding.range.source.bytes.count) }
                guard let placed = node?["a"]?.scalar?.text else { continue }
                var last = 0
                for offset in placed.bytes.indices {
                    let range = placed.range(offset..<offset + 1)
                    #expect(range.start >= last && range.end > range.start && range.end <= placed.whole.end, "\(text)")
                    last = range.start
                }
                #expect(placed.ownBytes.count == placed.bytes.count)
            }
        }
    }
}
