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

    @Test func isMonotonic() {
        var before = LoopClock.now()
        for _ in 0..<1000 {
            let now = LoopClock.now()
            #expect(now >= before)
            before = now
        }
    }
}
