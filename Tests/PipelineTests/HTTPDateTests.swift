import JSON
import Pipeline
import Telemetry
import Testing

@Suite struct HTTPDateTests {
    private static func parse(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer { HTTPDate.parse($0) }
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ] as [(String, Int64)])
    func reads(_ text: String, _ seconds: Int64) {
        #expect(Self.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 29 Feb 2100 08:49:37 GMT",
        "Sun, 30 Feb 2000 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun; 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994T08:49:37 GMT",
        "Sun, 06 Nov 19\u{E9}4 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
    ])
    func refuses(_ text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test func readsWhatIsWritten() {
        for step in 0..<2000 {
            let seconds = Int64(step) * 86_399 * 13
            var out = ByteWriter()
            CivilTime(unixSeconds: seconds).writeHTTPDate(into: &out)
            if HTTPDate.parse(out.bytes) != seconds { Issue.record("\(seconds) comes back differently") }
        }
    }
}
