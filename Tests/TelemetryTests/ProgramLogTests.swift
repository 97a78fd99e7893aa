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

    /// Nobody waits for a reader that stands still, and what it missed is told when it goes on.
    @Test func aReaderThatStandsStillHoldsNobodyUp() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let descriptor = ends[1]
        let logger = Logger(label: "test") { _ in ProgramLog(format: .text, colored: false, descriptor: descriptor) }
        let long = String(repeating: "x", count: 10_000)
        for _ in 0..<20 { logger.info("\(long)") }

        func drained() -> String {
            var text: [UInt8] = []
            var poller = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while poll(&poller, 1, 0) > 0 {
                let count = read(ends[0], &bytes, bytes.count)
                guard count > 0 else { break }
                text += bytes[..<count]
            }
            return String(decoding: text, as: UTF8.self)
        }
        let whole = "info: \(long)"
        let first = drained().split(separator: "\n")
        let kept = first.count { $0 == whole }
        #expect(kept > 0 && kept < 20)
        logger.info("again")
        logger.info("on")
        // The line that broke off is ended, and counted with those that were not begun.
        let lines = drained().split(separator: "\n")
        #expect(lines == ["info: again log_lines_lost=\(20 - kept)", "info: on"])
    }

    @Test func passesOverWhatIsBelowItsLevel() {
        let text = Self.written(.text) { logger in
            logger.logLevel = .warning
            logger.info("no")
        }
        #expect(text == "")
    }
}
