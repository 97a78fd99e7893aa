import JSON
import Telemetry
import Testing

@Suite struct CivilTimeTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT", "2000-02-28T23:59:59"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000-02-29T00:00:00"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT", "2000-03-01T00:00:00"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT", "2100-02-28T23:59:59"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00"),
            (1_795_501_559, "Tue, 24 Nov 2026 06:25:59 GMT", "2026-11-24T06:25:59"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31T23:59:59"),
            (-86_400, "Wed, 31 Dec 1969 00:00:00 GMT", "1969-12-31T00:00:00"),
            (-86_401, "Tue, 30 Dec 1969 23:59:59 GMT", "1969-12-30T23:59:59"),
            (-2_203_891_200, "Thu, 01 Mar 1900 00:00:00 GMT", "1900-03-01T00:00:00"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59"),
        ] as [(Int64, String, String)])
    func writes(_ seconds: Int64, _ date: String, _ second: String) {
        let time = CivilTime(unixSeconds: seconds)
        #expect(Self.text { time.writeHTTPDate(into: &$0) } == date)
        #expect(Self.text { time.writeSecond(into: &$0) } == second)
    }

    /// A file system may hold any time.
    @Test(arguments: [Int64.min, .min + 1, .min + 86_399, .max - 1, .max])
    func takesAnyTime(_ seconds: Int64) {
        let time = CivilTime(unixSeconds: seconds)
        #expect((1...12).contains(time.month))
        #expect((1...31).contains(time.day))
        #expect((0...6).contains(time.weekday))
        #expect((0...59).contains(time.secondOfMinute))
        #expect(Self.text { time.writeHTTPDate(into: &$0) }.utf8.count == 29)
    }

    /// Day for day over four centuries: dates go on by one, and the weekday with them.
    @Test func countsDays() {
        var before = CivilTime(unixSeconds: -86_400)
        for day in 0..<146_097 {
            let time = CivilTime(unixSeconds: Int64(day) * 86_400)
            let hasNextWeekday = time.weekday == (before.weekday + 1) % 7
            let isNext = time.year == before.year && time.month == before.month && time.day == before.day + 1
            let isNextMonth = time.day == 1 && (time.month == before.month % 12 + 1) && before.day >= 28
            if !hasNextWeekday || !isNext && !isNextMonth { Issue.record("day \(day) follows badly") }
            before = time
        }
        #expect(before.year == 2369 && before.month == 12 && before.day == 31)
    }

    private static func text(_ write: (inout ByteWriter) -> Void) -> String {
        var out = ByteWriter(capacity: 64)
        write(&out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
