import Glibc
import Logging
import Telemetry
import Testing

@Suite struct ProgramLogTests {
    /// What a logger writes, through a pipe.
    private static func written(
        _ format: ProgramLog.Format, colored: Bool = false, _ body: (inout Logger) -> Void
    ) -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return "no pipe" }
        let descriptor = ends[1]
        var logger = Logger(label: "test") { _ in
            ProgramLog(format: format, colored: colored, descriptor: descriptor)
        }
        body(&logger)
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(ends[0], &bytes, bytes.count)
        close(ends[0])
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    @Test func writesAJSONObjectALine() throws {
        let text = Self.written(.json) { logger in
            logger[metadataKey: "zone"] = "base"
            logger[metadataKey: "event"] = "old"
            logger.warning("a \"quoted\"\nmessage", metadata: ["event": "start\u{1B}", "a": "\u{7}"])
        }
        let pattern = /\{"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",(.*)\}\n/
        let match = try #require(text.wholeMatch(of: pattern))
        #expect(
            match.1
                == #""level":"warning","message":"a \"quoted\"\nmessage","a":"\u0007","event":"start\u001b","zone":"base""#
        )
    }

    @Test func writesTextForPeople() {
        let text = Self.written(.text) { logger in
            logger.info("listening", metadata: ["event": "start", "address": "[::1]:80"])
        }
        #expect(text == "info: listening address=[::1]:80\n")
        #expect(Self.written(.text, colored: true) { $0.error("no") } == "\u{1B}[31merror\u{1B}[0m: no\n")
    }

    /// What comes from outside must not make a line of its own, nor move a terminal's cursor.
    @Test func escapesControlsInText() {
        let text = Self.written(.text) { logger in
            logger.info("a\nb\u{1B}[2J \u{E9}", metadata: ["path": "x\r\ninfo: forged\u{9B}"])
        }
        #expect(text == "info: a\\u{a}b\\u{1b}[2J \u{E9} path=x\\u{d}\\u{a}info: forged\\u{9b}\n")
    }

    @Test func passesOverWhatIsBelowItsLevel() {
        let text = Self.written(.text) { logger in
            logger.logLevel = .warning
            logger.info("no")
        }
        #expect(text == "")
    }
}
