/// A moment as clock and calendar show it in a time zone.
struct CivilTime {
    let date: CivilDate
    let daysSinceEpoch: Int64
    /// Since midnight, 0 to 86,399.
    private let second: Int64
    let nanosecond: Int64
    let zone: ZoneRules.Period

    init(_ time: Timestamp, _ zone: ZoneRules.Period) {
        // A timestamp lies far inside of Int64, an offset is a day or so.
        let (days, second) = floorDivide(time.seconds + zone.offset, 86_400)
        self.daysSinceEpoch = days
        self.date = CivilDate(daysSinceEpoch: days)
        self.second = second
        self.nanosecond = Int64(time.nanoseconds)
        self.zone = zone
    }

    var hour: Int64 { second / 3600 }
    var minute: Int64 { second / 60 % 60 }
    var secondOfMinute: Int64 { second % 60 }
    /// 0 is Sunday.
    var weekday: Int64 { CivilDate.weekday(daysSinceEpoch) }
    /// 1 January is 0.
    var dayOfYear: Int64 { daysSinceEpoch - CivilDate.days(date.year, 1, 1) }

    /// ISO 8601: weeks begin on Monday, and week 1 is the one with the year's first Thursday.
    var isoWeek: (year: Int64, week: Int64) {
        let thursday = daysSinceEpoch - floorDivide(weekday + 6, 7).rest + 3
        let year = CivilDate(daysSinceEpoch: thursday).year
        return (year, (thursday - CivilDate.days(year, 1, 1)) / 7 + 1)
    }
}
