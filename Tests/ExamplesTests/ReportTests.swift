import Compiler
import Diagnostics
import JSON
import Testing

@testable import Examples

/// What people and programs get to read, kept in Tests/Golden/examples.
@Suite struct ReportTests {
    private static let folder = GoldenFolder("examples")

    private static func text(_ render: (inout ByteWriter) -> Void) -> String {
        var out = ByteWriter(capacity: 4096)
        render(&out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Two manifests, one of them with a mistake.
    private static func run() throws -> TestRun {
        var run = TestRun(filter: nil, measure: { 0 })
        for name in ["failing", "mistaken"] {
            let bytes = try #require(folder.read("\(name).yaml"))
            run.add(String(decoding: bytes, as: UTF8.self), name: "\(name).yaml")
        }
        return run
    }

    @Test func humanReport() throws {
        let run = try Self.run()
        Self.folder.expect(Self.text { HumanReport().render(run, to: &$0) }, in: "report.txt")
    }

    @Test func jsonReport() throws {
        let run = try Self.run()
        let text = Self.text { JSONReport.render(run, to: &$0) }
        #expect((try? JSONReader.read(Array(text.utf8)).get()) != nil)
        // A key a line can be compared by eye.
        Self.folder.expect(text.replacing(",\"", with: ",\n\""), in: "report.json")
    }

    @Test func junitReport() throws {
        let run = try Self.run()
        Self.folder.expect(Self.text { JUnit.render(run, to: &$0) }, in: "report.xml")
    }

    @Test func colourIsAllThatATerminalAdds() throws {
        let run = try Self.run()
        let plain = Self.text { HumanReport().render(run, to: &$0) }
        let coloured = Self.text { HumanReport(inColour: true).render(run, to: &$0) }
        #expect(coloured != plain)
        #expect(coloured.replacing(/\u{1B}\[[0-9]*m/, with: "") == plain)
    }

    /// Nothing from a manifest or an answer may end an element, or move a terminal's cursor.
    @Test func anyTextIsKeptInItsPlace() {
        let run = TestRun(
            manifest(
                "POST /a", #"template: "]]></failure>\e[2J\0\uFFFE""#,
                #"{ name: "a\"<b>&\e[2J\n", request: { text: "\e[2J" }, response: { text: "]]>&<a>\x01" } }"#))
        #expect(run.findings == [])
        #expect(run.failed == 1)
        let xml = Self.text { JUnit.render(run, to: &$0) }
        #expect(!xml.contains("<b>") && !xml.contains("]]></failure>") && !xml.contains("<a>"))
        let human = Self.text { HumanReport().render(run, to: &$0) }
        for text in [xml, human] {
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0xFFFE })
        }
    }
}
