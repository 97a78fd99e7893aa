import JSON

/// A pattern such as `%Y-%m-%d`: POSIX's strftime, its C locale, without widths.
struct TimePattern {
    /// `%Y` and what becomes of it. `explain` and the reference list these.
    static let directives: [(letter: Unicode.Scalar, meaning: String)] = [
        ("Y", "year"), ("y", "year, last two digits"), ("m", "month, 01 to 12"), ("d", "day, 01 to 31"),
        ("e", "day, blank padded"), ("j", "day of the year, 001 to 366"), ("H", "hour, 00 to 23"),
        ("I", "hour, 01 to 12"), ("M", "minute"), ("S", "second"), ("L", "millisecond, three digits"),
        ("f", "microsecond, six digits"), ("N", "nanosecond, nine digits"), ("p", "AM or PM"),
        ("a", "Mon"), ("A", "Monday"), ("b", "Jan"), ("h", "Jan"), ("B", "January"),
        ("u", "weekday, 1 is Monday"), ("w", "weekday, 0 is Sunday"), ("G", "year of the ISO week"),
        ("V", "ISO week, 01 to 53"), ("F", "%Y-%m-%d"), ("T", "%H:%M:%S"), ("R", "%H:%M"), ("D", "%m/%d/%y"),
        ("z", "offset, +0200"), ("Z", "zone, CEST"), ("s", "seconds since 1970"), ("n", "line feed"), ("t", "tab"),
        ("%", "percent sign"),
    ]

    static let httpDate = TimePattern(
        parts: [.directive("a"), .text(", ")] + [
            .directive("d"), .text(" "), .directive("b"), .text(" "), .directive("Y"), .text(" "), .directive("T"),
            .text(" GMT"),
        ])

    private enum Part {
        case text(String)
        case directive(Unicode.Scalar)
    }

    private let parts: [Part]

    private init(parts: [Part]) { self.parts = parts }

    struct Mistake: Error {
        let message: String
    }

    static func read(_ pattern: String) -> Result<TimePattern, Mistake> {
        var parts: [Part] = []
        var plain = String.UnicodeScalarView()
        var isDirective = false
        for scalar in pattern.unicodeScalars {
            if isDirective {
                isDirective = false
                guard directives.contains(where: { $0.letter == scalar }) else {
                    return .failure(Mistake(message: "'%\(scalar)' is no part of a time"))
                }
                if !plain.isEmpty { parts.append(.text(String(plain))) }
                plain = String.UnicodeScalarView()
                parts.append(.directive(scalar))
            } else if scalar == "%" {
                isDirective = true
            } else {
                plain.append(scalar)
            }
        }
        if isDirective { return .failure(Mistake(message: "the pattern ends in '%'; write %% for a percent sign")) }
        if !plain.isEmpty { parts.append(.text(String(plain))) }
        return .success(TimePattern(parts: parts))
    }

    func text(_ civil: CivilTime, of time: Timestamp) -> String {
        var out = ByteWriter(capacity: 64)
        for part in parts {
            switch part {
            case .text(let text): out.append(text)
            case .directive(let letter): Self.append(letter, civil, time, &out)
            }
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    private static func append(
        _ letter: Unicode.Scalar, _ civil: CivilTime, _ time: Timestamp, _ out: inout ByteWriter
    ) {
        func number(_ value: Int64, _ width: Int = 2) { out.append(decimal: Int(value), width: width) }
        // An offset can carry the last day of 9999 into the next year.
        func year(_ value: Int64) { number(value, value > 9999 ? 5 : 4) }
        func each(_ letters: String) {
            for scalar in letters.unicodeScalars {
                if Lexer.startsName(UInt8(truncatingIfNeeded: scalar.value)) {
                    append(scalar, civil, time, &out)
                } else {
                    out.append(UInt8(truncatingIfNeeded: scalar.value))
                }
            }
        }
        let month = months[Int(civil.date.month - 1)]
        let weekday = weekdays[Int(civil.weekday)]
        switch letter {
        case "Y": year(civil.date.year)
        case "y": number(floorDivide(civil.date.year, 100).rest)
        case "m": number(civil.date.month)
        case "d": number(civil.date.day)
        case "e":
            if civil.date.day < 10 { out.append(UInt8(ascii: " ")) }
            number(civil.date.day, civil.date.day < 10 ? 1 : 2)
        case "j": number(civil.dayOfYear + 1, 3)
        case "H": number(civil.hour)
        case "I": number((civil.hour + 11) % 12 + 1)
        case "M": number(civil.minute)
        case "S": number(civil.secondOfMinute)
        case "L": number(civil.nanosecond / 1_000_000, 3)
        case "f": number(civil.nanosecond / 1000, 6)
        case "N": number(civil.nanosecond, 9)
        case "p": out.append(civil.hour < 12 ? "AM" as StaticString : "PM" as StaticString)
        case "a": out.append(String(weekday.prefix(3)))
        case "A": out.append(weekday)
        case "b", "h": out.append(String(month.prefix(3)))
        case "B": out.append(month)
        case "u": number(civil.weekday == 0 ? 7 : civil.weekday, 1)
        case "w": number(civil.weekday, 1)
        case "G": year(civil.isoWeek.year)
        case "V": number(civil.isoWeek.week)
        case "F": each("Y-m-d")
        case "T": each("H:M:S")
        case "R": each("H:M")
        case "D": each("m/d/y")
        case "z": out.append(TimeZones.offsetName(civil.zone.offset).filter { $0 != ":" })
        case "Z": out.append(civil.zone.name)
        case "s": out.append(decimal: Int(time.seconds))
        case "n": out.append(UInt8(ascii: "\n"))
        case "t": out.append(UInt8(ascii: "\t"))
        default: out.append(UInt8(ascii: "%"))
        }
    }
}
