/// Reads the parts of times in ProtoJSON.
struct DigitScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at == bytes.count }

    mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: sign) else { return false }
        at += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard at < bytes.count, bytes[at].isDigit else { return nil }
            value = value * 10 + Int64(bytes[at] - 0x30)
            at += 1
        }
        return value
    }

    /// One digit or more, at most those of the longest span.
    mutating func number() -> Int64? {
        guard var value = digits(1) else { return nil }
        var count = 1
        while let digit = digits(1) {
            count += 1
            if count > 15 { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Nanoseconds, 0 where there is no point; at most nine digits.
    mutating func fraction() -> Int32? {
        guard take(".") else { return 0 }
        var nanos: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            count += 1
            if count > 9 { return nil }
            nanos = nanos * 10 + digit
        }
        if count == 0 { return nil }
        for _ in count..<9 { nanos *= 10 }
        return Int32(truncatingIfNeeded: nanos)
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60
        else {
            return nil
        }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }

    static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// In the Gregorian calendar; a year starts in March, so that the leap day is its last.
    static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
