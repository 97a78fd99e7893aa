import Glibc
import JSON
import Pipeline
import Telemetry
import Testing

@Suite struct ClockTests {
    private static func text(_ write: (inout ByteWriter) -> Void) -> String {
        var out = ByteWriter()
        write(&out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    @Test func tellsTheSystemsTime() {
        var clock = LoopClock()
        let now = LoopClock.now()
        let wall = clock.wall(now)
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let real = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        #expect(abs(real - wall) < 500_000_000)
        let second = wall / 1_000_000_000
        let expected = Self.text { CivilTime(unixSeconds: second).writeSecond(into: &$0) }
        let millisecond = Self.text { $0.append(decimal: Int(wall % 1_000_000_000 / 1_000_000), width: 3) }
        #expect(Self.text { clock.write(timestamp: now, into: &$0) } == expected + "." + millisecond + "Z")
        let date = Self.text { CivilTime(unixSeconds: second).writeHTTPDate(into: &$0) }
        #expect(Self.text { clock.write(dateAt: now, into: &$0) } == date)
    }

    /// Within a second the offset stands, whatever the system's clock does.
    @Test func goesOnEvenly() {
        var clock = LoopClock()
        let now = LoopClock.now()
        let wall = clock.wall(now)
        let left = 1_000_000_000 - wall % 1_000_000_000
        #expect(clock.wall(now + left / 2) == wall + left / 2)
        #expect(clock.wall(now) == wall)
    }

    /// What is told counts for all that is asked: the time, the wall clock and its texts.
    @Test func standsWhereItIsTold() {
        let noon: Int64 = 1_767_268_800 * 1_000_000_000
        var clock = LoopClock(standingAt: noon)
        let start = clock.now
        #expect(start > LoopClock.now() && clock.now == start)
        #expect(clock.wall(start) == noon)
        clock.tell(start + 90_500_000_000)
        #expect(clock.now == start + 90_500_000_000)
        #expect(clock.wall(clock.now) == noon + 90_500_000_000)
        let now = clock.now
        #expect(Self.text { clock.write(dateAt: now, into: &$0) } == "Thu, 01 Jan 2026 12:01:30 GMT")
        #expect(Self.text { clock.write(timestamp: now, into: &$0) } == "2026-01-01T12:01:30.500Z")
        clock.tell(start)
        #expect(clock.now == now, "time does not go back")
    }

    @Test func theSystemsClockIsNotTold() {
        var clock = LoopClock()
        clock.tell(.max)
        #expect(clock.now < LoopClock.now() + 1_000_000_000)
    }

    @Test func isMonotonic() {
        var before = LoopClock.now()
        for _ in 0..<1000 {
            let now = LoopClock.now()
            #expect(now >= before)
            before = now
        }
    }
}
