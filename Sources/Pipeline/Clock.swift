import Glibc
package import JSON
import Telemetry

/// Time for one loop: monotonic for durations, wall clock for people, with the texts of the second ready.
///
/// Wall time is monotonic time plus an offset that is read again once a second, so a jump of the system's clock
/// moves no timer and a request costs no second system call.
package struct LoopClock: ~Copyable {
    /// Nanoseconds between the Unix epoch and the monotonic clock's zero.
    private var offset: Int64 = 0
    /// The monotonic time, in nanoseconds, from which on the texts are stale.
    private var staleAt: Int64 = .min
    /// `Tue, 24 Nov 2026 06:25:59 GMT` (IMF-fixdate, RFC 9110 section 5.6.7).
    package private(set) var date = ByteWriter(capacity: 64)
    /// `2026-11-24T06:25:59` (RFC 3339), without fraction and zone.
    package private(set) var second = ByteWriter(capacity: 64)
    /// The monotonic time that was told last; 0 where the system's counts.
    private var told: Int64 = 0
    private var toldOffset: Int64 = 0
    /// When the present turn of the loop began; 0 before the first.
    private var turned: Int64 = 0

    package init() {}

    /// A clock that stands still until it is told another time, as tests of a manifest want it.
    ///
    /// - Parameter wall: nanoseconds since the Unix epoch.
    package init(standingAt wall: Int64) {
        told = Self.beyondUptime
        toldOffset = wall &- told
    }

    /// Later than any system has been up (73 years): where somebody takes the later of a told and a measured time, which
    /// saves the hot path from asking which clock counts, the told one stands.
    private static let beyondUptime: Int64 = 1 << 61

    /// The monotonic time on this loop: that of the present turn, so that asking it costs no system call, and all that one
    /// answer says of the time agrees.
    package var now: Int64 { told != 0 ? told : turned != 0 ? turned : Self.now() }

    /// An event came: what happens next happens at this time, which is given back.
    @inline(__always) package mutating func turn() -> Int64 {
        turned = Self.now()
        return turned
    }

    /// Lets a standing clock go on to a later time.
    package mutating func tell(_ monotonic: Int64) {
        if told != 0 { told = max(told, monotonic) }
    }

    /// Nanoseconds of the monotonic clock, the same that event loops use.
    @inline(__always) package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// A moment so many nanoseconds after another; `.max`, which is never, where that is out of range.
    @inline(__always) package static func later(_ time: Int64, _ span: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(span)
        return overflow ? .max : sum
    }

    /// Nanoseconds since the Unix epoch at a monotonic time near now.
    @inline(__always) package mutating func wall(_ monotonic: Int64) -> Int64 {
        if monotonic >= staleAt { refresh(monotonic) }
        return monotonic &+ offset
    }

    private mutating func refresh(_ monotonic: Int64) {
        let wall = told == 0 ? WallClock.now() : monotonic &+ toldOffset
        offset = wall &- monotonic
        staleAt = LoopClock.later(monotonic, 1_000_000_000 &- wall % 1_000_000_000)
        let civil = CivilTime(unixSeconds: wall / 1_000_000_000)
        date.clear()
        civil.writeHTTPDate(into: &date)
        second.clear()
        civil.writeSecond(into: &second)
    }

    /// `2026-11-24T06:25:59.123Z` for a wall time of the current second.
    @inline(__always) package mutating func write(timestamp monotonic: Int64, into out: inout ByteWriter) {
        let nanoseconds = wall(monotonic)
        out.append(second.bytes)
        out.append(UInt8(ascii: "."))
        out.append(decimal: Int((nanoseconds % 1_000_000_000) / 1_000_000), width: 3)
        out.append(UInt8(ascii: "Z"))
    }

    /// The end of the second that this moment is in, on the monotonic clock: another second has another date.
    @inline(__always) package mutating func endOfSecond(_ monotonic: Int64) -> Int64 {
        if monotonic >= staleAt { refresh(monotonic) }
        return staleAt
    }

    @inline(__always) package mutating func write(dateAt monotonic: Int64, into out: inout ByteWriter) {
        if monotonic >= staleAt { refresh(monotonic) }
        out.append(date.bytes)
    }
}
