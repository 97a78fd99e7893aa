import CEL
import JSON
import Testing

/// Expressions of every part of the language with what they give. Two other implementations were asked as well, the
/// Python packages cel-python and common-expression-language: `differs` says what those give instead, `note` why the
/// specification's text has it our way. An error's message is our own business.
@Suite struct ConformanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let expression: String
        let expected: String

        var testDescription: String { expression }
    }

    static let cases: [Case] = read()

    private static func read(_ file: String = #filePath) -> [Case] {
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        guard let bytes = ZoneDirectory.contents("/" + folder + "/conformance.json"),
            case .success(.array(let rows)) = JSONReader.read(bytes)
        else { return [] }
        return rows.compactMap { row in
            guard case .string(let expression)? = row["expression"],
                case .string(let expected)? = row["expected"]
            else { return nil }
            return Case(expression: expression, expected: expected)
        }
    }

    @Test func theTableIsThere() { #expect(Self.cases.count >= 800) }

    @Test func everyExpressionGivesWhatTheTableSays() {
        for row in Self.cases {
            let result = Fixture.result(row.expression, sorted: true)
            let isError = result.utf8.starts(with: "error: ".utf8) || result.utf8.starts(with: "finding: ".utf8)
            #expect((isError ? "error" : result) == row.expected, "\(row.expression)")
        }
    }
}
