import Calling
import Diagnostics
package import JSON

/// A run of examples for programs. The shape is a promise, told by its version: lines and columns start at 1, columns
/// count Unicode scalars, durations are seconds.
package enum JSONReport {
    package static let version = 1

    /// One JSON object on one line.
    package static func render(_ run: TestRun, to out: inout ByteWriter) {
        let examples = run.files.flatMap { file in file.results.map { example($0, file) } }
        let report: JSONValue = .object([
            ("version", .int(Int64(version))),
            ("passed", .int(Int64(run.passed))),
            ("failed", .int(Int64(run.failed))),
            ("passed_over", .int(Int64(run.passedOver))),
            ("duration", seconds(run.elapsed)),
            ("files", .array(run.files.map(file))),
            ("examples", .array(examples)),
        ])
        report.write(to: &out)
        out.append("\n")
    }

    private static func file(_ file: TestRun.File) -> JSONValue {
        .object([
            ("file", .string(file.name)), ("examples", .int(Int64(file.count))),
            ("passed", .int(Int64(file.passed))), ("failed", .int(Int64(file.failed))),
            ("passed_over", .int(Int64(file.passedOver))),
            ("errors", .int(Int64(file.findings.count { $0.level == .error }))),
        ])
    }

    private static func example(_ result: ExampleResult, _ file: TestRun.File) -> JSONValue {
        let place = result.place
        return .object([
            ("file", .string(place.source.name)), ("line", .int(Int64(place.from.line))),
            ("column", .int(Int64(place.from.column))), ("service", .string(result.service)),
            ("route", .string(result.pattern)), ("name", .string(result.title)),
            ("protocol", .string(result.speech?.rawValue ?? "http")),
            ("outcome", .string(result.hasFailed ? "failed" : result.hasPassed ? "passed" : "passed_over")),
            ("note", optional(result.passedOver)), ("duration", seconds(result.duration)),
            ("sent", .string(result.sent)), ("curl", optional(result.curl)),
            ("status", result.status.map { .int(Int64($0)) } ?? .null),
            ("differences", .array(result.differences.map(difference))),
        ])
    }

    private static func difference(_ difference: Difference) -> JSONValue {
        .object([
            ("at", .string(difference.at)), ("message", .string(difference.message)),
            ("expected", optional(difference.expected)), ("got", optional(difference.got)),
            ("lines", .array(difference.lines.map { .string($0) })),
        ])
    }

    private static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    static func seconds(_ nanoseconds: Int64) -> JSONValue { .double(Double(nanoseconds / 1000) / 1_000_000) }
}
