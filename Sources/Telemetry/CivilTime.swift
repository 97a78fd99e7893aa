import Glibc
package import JSON

/// The system's wall clock.
package enum WallClock {
    /// Nanoseconds since the Unix epoch.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// A moment in the proleptic Gregorian calendar, UTC.
///
/// Days to dates by Howard Hinnant's `civil_from_days` (http://howardhinnant.github.io/date_algorithms.html).
package struct CivilTime: Sendable {
    package let year: Int
    package let month: Int
    package let day: Int
    package let weekday: Int
    package let hour: Int
    package let minute: Int
    package let secondOfMinute: Int

    package init(unixSeconds: Int64) {
        let seconds = Int(clamping: unixSeconds)
        // Days are rounded down, in steps that no time overflows: a file may bear any.
        let remainder = seconds % 86_400
        let days = seconds / 86_400 - (remainder < 0 ? 1 : 0)
        let rest = remainder < 0 ? remainder + 86_400 : remainder
        hour = rest / 3600
        minute = rest / 60 % 60
        secondOfMinute = rest % 60
        weekday = ((days % 7) + 11) % 7
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private static let dayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    package func writeHTTPDate(into out: inout ByteWriter) {
        out.append(UnsafeBufferPointer(start: Self.dayNames.utf8Start + weekday * 3, count: 3))
        out.append(", ")
        out.append(decimal: day, width: 2)
        out.append(" ")
        out.append(UnsafeBufferPointer(start: Self.monthNames.utf8Start + (month - 1) * 3, count: 3))
        out.append(" ")
        out.append(decimal: year, width: 4)
        out.append(" ")
        writeClock(into: &out)
        out.append(" GMT")
    }

    /// `2026-11-26`
    package func writeDay(into out: inout ByteWriter) {
        out.append(decimal: year, width: 4)
        out.append("-")
        out.append(decimal: month, width: 2)
        out.append("-")
        out.append(decimal: day, width: 2)
    }

    package func writeSecond(into out: inout ByteWriter) {
        writeDay(into: &out)
        out.append("T")
        writeClock(into: &out)
    }

    private func writeClock(into out: inout ByteWriter) {
        out.append(decimal: hour, width: 2)
        out.append(":")
        out.append(decimal: minute, width: 2)
        out.append(":")
        out.append(decimal: secondOfMinute, width: 2)
    }
}
