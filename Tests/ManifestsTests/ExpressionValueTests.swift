import CEL
import Diagnostics
import Manifests
import Testing

@Suite struct ExpressionValueTests {
    @Test(arguments: ["path.name", "1 + 2", "'a' == \"b\"", "true", "5"]) func expressionsKeepTheirText(
        _ text: String
    ) throws {
        let decoding = Decoding<Expression>("|-\n  " + text)
        #expect(decoding.told == [])
        #expect(try #require(decoding.value).written().scalar?.text.string == text)
    }

    @Test(arguments: ["Hi {{ path.name }}", "plain", "{{ 1 }}{{ 2 }}", "a } b"]) func templatesKeepTheirText(
        _ text: String
    ) throws {
        let decoding = Decoding<Template>("|-\n  " + text)
        #expect(decoding.told == [])
        #expect(try #require(decoding.value).written().scalar?.text.string == text)
    }

    @Test(arguments: ["[]", "{}", "[1]"]) func bothAreScalars(_ text: String) {
        #expect(Decoding<Expression>(text).findings.map(\.rule.id) == ["wrong-type"])
        #expect(Decoding<Template>(text).findings.map(\.rule.id) == ["wrong-type"])
    }

    /// The place of a mistake is that of the file, whatever the scalar's style.
    @Test(arguments: ["'1 + )'", "\"\\u0031 + )\"", "|\n  1 + )", ">-\n  1\n  + )", "1 + )"])
    func mistakesAreWhereTheFileHasThem(_ text: String) throws {
        let decoding = Decoding<Expression>(text)
        #expect(decoding.value == nil)
        let finding = try #require(decoding.findings.first)
        #expect(decoding.source.bytes[finding.range.start] == UInt8(ascii: ")"))
    }

    @Test func aMistakeInAHoleHasItsPlace() throws {
        let decoding = Decoding<Template>("\"\\t{{ x }} {{ ) }}\"")
        let finding = try #require(decoding.findings.first)
        #expect(slice(finding.range).hasPrefix(")"))
    }
}
