/// The rule behind the last transition of a zone file, as `CET-1CEST,M3.5.0,M10.5.0/3`: POSIX's TZ with the additions of
/// RFC 8536 section 3.3.
struct RecurringRule: Sendable {
    private let standard: ZoneRules.Period
    private let summer: Summer?

    private struct Summer {
        let period: ZoneRules.Period
        let start: YearDay
        let end: YearDay
    }

    /// A moment of each year, on the clock that goes until then.
    private struct YearDay {
        enum Day {
            /// Day 1 to 365, 29 February never counted.
            case julian(Int64)
            /// Day 0 to 365.
            case ordinal(Int64)
            /// Weekday (0 is Sunday) of week 1 to 5 of a month, 5 being the last.
            case weekday(month: Int64, week: Int64, day: Int64)
        }

        let day: Day
        /// Seconds after midnight; can be negative, or of another day.
        let time: Int64

        /// On the local clock, counted as if it were UTC.
        func seconds(in year: Int64) -> Int64 {
            let first = CivilDate.days(year, 1, 1)
            let days: Int64
            switch day {
            case .julian(let number):
                let isLeap = CivilDate.days(year, 3, 1) - CivilDate.days(year, 2, 28) == 2
                days = first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
            case .ordinal(let number): days = first + number
            case .weekday(let month, let week, let weekday):
                let start = CivilDate.days(year, month, 1)
                let next = month == 12 ? CivilDate.days(year + 1, 1, 1) : CivilDate.days(year, month + 1, 1)
                let ahead = floorDivide(weekday - CivilDate.weekday(start), 7).rest
                var found = start + ahead + (week - 1) * 7
                if found >= next { found -= 7 }
                days = found
            }
            return days * 86_400 + time
        }
    }

    func period(at seconds: Int64) -> ZoneRules.Period {
        guard let summer else { return standard }
        let year = CivilDate(daysSinceEpoch: floorDivide(seconds + standard.offset, 86_400).quotient).year
        let start = summer.start.seconds(in: year) - standard.offset
        let end = summer.end.seconds(in: year) - summer.period.offset
        // South of the equator summer goes over the turn of the year.
        let isSummer = start < end ? start <= seconds && seconds < end : !(end <= seconds && seconds < start)
        return isSummer ? summer.period : standard
    }

    /// - Parameter footer: what follows the data: the rule between two line feeds. Nil where there is none.
    init?(footer: ArraySlice<UInt8>) {
        guard footer.first == UInt8(ascii: "\n") else { return nil }
        var scan = Scanner(Array(footer.dropFirst().prefix { $0 != UInt8(ascii: "\n") }))
        guard let name = scan.name(), let west = scan.time() else { return nil }
        standard = ZoneRules.Period(offset: -west, name: name)
        if scan.isAtEnd {
            summer = nil
            return
        }
        guard let summerName = scan.name() else { return nil }
        var offset = 3600 - west
        if !scan.at(",") {
            guard let west = scan.time() else { return nil }
            offset = -west
        }
        guard scan.take(","), let start = scan.yearDay(), scan.take(","), let end = scan.yearDay(), scan.isAtEnd
        else { return nil }
        summer = Summer(period: ZoneRules.Period(offset: offset, name: summerName), start: start, end: end)
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var place = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place == bytes.count }

        func at(_ character: Unicode.Scalar) -> Bool {
            place < bytes.count && UInt32(bytes[place]) == character.value
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard at(character) else { return false }
            place += 1
            return true
        }

        /// `CET`, `<+03>`
        mutating func name() -> String? {
            let quoted = take("<")
            let start = place
            while place < bytes.count {
                let byte = bytes[place]
                let isLetter = Lexer.startsName(byte) && byte != UInt8(ascii: "_")
                guard isLetter || quoted && (Lexer.isDigit(byte) || [0x2B, 0x2D].contains(byte)) else { break }
                place += 1
            }
            let name = String(decoding: bytes[start..<place], as: UTF8.self)
            if quoted, !take(">") { return nil }
            return name.isEmpty ? nil : name
        }

        private mutating func number(upTo limit: Int64) -> Int64? {
            var value: Int64?
            while place < bytes.count, Lexer.isDigit(bytes[place]) {
                let next = (value ?? 0) * 10 + Int64(bytes[place] - UInt8(ascii: "0"))
                if next > limit { return nil }
                value = next
                place += 1
            }
            return value
        }

        /// `-2`, `5:30`, `167:59:59`
        mutating func time() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number(upTo: 167) else { return nil }
            var total = hours * 3600
            if take(":") {
                guard let minutes = number(upTo: 59) else { return nil }
                total += minutes * 60
                if take(":") {
                    guard let seconds = number(upTo: 59) else { return nil }
                    total += seconds
                }
            }
            return isNegative ? -total : total
        }

        /// `M3.5.0`, `J60`, `59`, each with `/time` or at two o'clock.
        mutating func yearDay() -> YearDay? {
            let day: YearDay.Day
            if take("M") {
                guard let month = number(upTo: 12), month > 0, take("."), let week = number(upTo: 5), week > 0,
                    take("."), let weekday = number(upTo: 6)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if take("J") {
                guard let number = number(upTo: 365), number > 0 else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(upTo: 365) else { return nil }
                day = .ordinal(number)
            }
            var time: Int64 = 7200
            if take("/") {
                guard let given = self.time() else { return nil }
                time = given
            }
            return YearDay(day: day, time: time)
        }
    }
}

extension CivilDate {
    /// Days since 1970 of a date that is known to be one.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        CivilDate(year: year, month: month, day: day)?.daysSinceEpoch ?? 0
    }

    /// 0 is Sunday; 1970-01-01 was a Thursday.
    static func weekday(_ daysSinceEpoch: Int64) -> Int64 { floorDivide(daysSinceEpoch + 4, 7).rest }
}
