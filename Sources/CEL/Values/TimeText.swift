import JSON

extension Timestamp {
    /// RFC 3339 in UTC, with as many digits of the fraction as are not zero.
    package var text: String { CEL.text { write(into: &$0) } }

    func write(into out: inout ByteWriter) {
        let (days, second) = floorDivide(seconds, 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        out.append(decimal: Int(date.year), width: 4)
        out.append(UInt8(ascii: "-"))
        out.append(decimal: Int(date.month), width: 2)
        out.append(UInt8(ascii: "-"))
        out.append(decimal: Int(date.day), width: 2)
        out.append(UInt8(ascii: "T"))
        out.append(decimal: Int(second / 3600), width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(decimal: Int(second / 60 % 60), width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(decimal: Int(second % 60), width: 2)
        out.append(fraction: UInt64(nanoseconds))
        out.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 section 5.6, with `Z` or an offset.
    init?(_ text: String) {
        var scan = TimeScanner(text)
        guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"),
            let day = scan.digits(2), scan.take("T", "t"), let hour = scan.digits(2), scan.take(":"),
            let minute = scan.digits(2), scan.take(":"), let second = scan.digits(2)
        else { return nil }
        let fraction = scan.take(".") ? scan.fraction() : 0
        guard let fraction, let offset = scan.offset(), scan.isAtEnd, hour < 24, minute < 60, second < 60,
            let days = CivilDate(year: year, month: month, day: day)?.daysSinceEpoch
        else { return nil }
        self.init(
            seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds: Int32(fraction))
    }
}

extension TimeSpan {
    /// Seconds with their fraction and an `s`: `1.5s`.
    package var text: String { CEL.text { write(into: &$0) } }

    func write(into out: inout ByteWriter) {
        let size = nanoseconds.magnitude
        if nanoseconds < 0 { out.append(UInt8(ascii: "-")) }
        out.append(decimal: UInt(size / 1_000_000_000))
        out.append(fraction: size % 1_000_000_000)
        out.append(UInt8(ascii: "s"))
    }

    /// Reads `1h30m`, `250ms`, `-1.5s`: numbers with their units, nothing between.
    init?(_ text: String) {
        var scan = TimeScanner(text)
        let isNegative = scan.take("-")
        if !isNegative { _ = scan.take("+") }
        var total: Int64 = 0
        if scan.rest == "0" {
            self.init(nanoseconds: 0)
            return
        }
        repeat {
            guard let part = scan.quantity() else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        } while !scan.isAtEnd
        self.init(nanoseconds: isNegative ? -total : total)
    }
}

private func text(_ write: (inout ByteWriter) -> Void) -> String {
    var out = ByteWriter(capacity: 64)
    write(&out)
    return String(decoding: out.bytes, as: UTF8.self)
}

extension ByteWriter {
    /// `.5` for half of a second; nothing for none.
    fileprivate mutating func append(fraction nanoseconds: UInt64) {
        if nanoseconds == 0 { return }
        append(UInt8(ascii: "."))
        append(decimal: Int(nanoseconds), width: 9)
        while bytes.last == UInt8(ascii: "0") { truncate(to: count - 1) }
    }
}

/// A day of the Gregorian calendar, reckoned backwards before its time as RFC 3339 does.
struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init?(year: Int64, month: Int64, day: Int64) {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    // Years counted from March have their leap day last; 400 of them are 146,097 days. 719,468 days lie between
    // 0000-03-01 and 1970-01-01.

    init(daysSinceEpoch: Int64) {
        let (era, dayOfEra) = floorDivide(daysSinceEpoch + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let fromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(fromMarch, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads the parts of times from text.
private struct TimeScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at == bytes.count }
    var rest: String { String(decoding: bytes[at...], as: UTF8.self) }

    mutating func take(_ characters: Unicode.Scalar...) -> Bool {
        guard at < bytes.count, characters.contains(Unicode.Scalar(bytes[at])) else { return false }
        at += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard at < bytes.count, Lexer.isDigit(bytes[at]) else { return nil }
        defer { at += 1 }
        return Int64(bytes[at] - UInt8(ascii: "0"))
    }

    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The digits behind a point as nanoseconds; what is finer is cut off.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        var places = 1
        while let digit = digit() {
            if places < 9 {
                value = value * 10 + digit
                places += 1
            }
        }
        for _ in places..<9 { value *= 10 }
        return value
    }

    /// Seconds to take off: `Z`, `+02:00`.
    mutating func offset() -> Int64? {
        if take("Z", "z") { return 0 }
        let isNegative = take("-")
        guard isNegative || take("+"), let hours = digits(2), take(":"), let minutes = digits(2), hours < 24,
            minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (isNegative ? -1 : 1)
    }

    /// A number and its unit, in nanoseconds.
    mutating func quantity() -> Int64? {
        var whole: Int64 = 0
        var hasDigits = false
        while let digit = digit() {
            let (scaled, over) = whole.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = scaled.addingReportingOverflow(digit)
            if over || overflow { return nil }
            whole = sum
            hasDigits = true
        }
        var billionths: Int64 = 0
        if take(".") {
            guard let part = fraction() else { return nil }
            billionths = part
            hasDigits = true
        }
        guard hasDigits, let unit = unit() else { return nil }
        let (scaled, over) = whole.multipliedReportingOverflow(by: unit)
        // Less than a unit, of which the longest, an hour, is 3.6e12 ns: through Double exact to the nanosecond.
        let part = Int64((Double(billionths) / 1e9 * Double(unit)).rounded())
        let (sum, overflow) = scaled.addingReportingOverflow(part)
        return over || overflow ? nil : sum
    }

    private mutating func unit() -> Int64? {
        if take("h") { return 3_600_000_000_000 }
        if take("m") { return take("s") ? 1_000_000 : 60_000_000_000 }
        if take("s") { return 1_000_000_000 }
        if take("u") { return take("s") ? 1_000 : nil }
        if take("n") { return take("s") ? 1 : nil }
        return nil
    }
}
