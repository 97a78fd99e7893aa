/// Dates of HTTP (RFC 9110 section 5.6.7): the one form that is sent today.
package enum HTTPDate {
    private static let months: [String] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since the epoch of `Tue, 24 Nov 2026 06:25:59 GMT`; nil for anything else.
    package static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count == 29, text[25..<29].elementsEqual(" GMT".utf8) else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in text[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let day = number(5..<7), let year = number(12..<16), let hour = number(17..<19),
            let minute = number(20..<22), let second = number(23..<25),
            let month = months.firstIndex(where: { text[8..<11].elementsEqual($0.utf8) }),
            hasSeparators(text), (1...days(in: month, of: year)).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        // Days from civil, by Howard Hinnant's algorithm.
        let shifted = month < 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let monthIndex = Int64(month < 2 ? month + 10 : month - 2)
        let dayOfYear = (153 * monthIndex + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// What stands between the numbers and names of `Tue, 24 Nov 2026 06:25:59 GMT`.
    private static func hasSeparators(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text[3..<5].elementsEqual(", ".utf8) && text[7] == 0x20 && text[11] == 0x20 && text[16] == 0x20
            && text[19] == UInt8(ascii: ":") && text[22] == UInt8(ascii: ":")
    }

    private static func days(in month: Int, of year: Int64) -> Int64 {
        if month == 1 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return month == 3 || month == 5 || month == 8 || month == 10 ? 30 : 31
    }
}
