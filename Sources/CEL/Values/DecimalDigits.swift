/// All decimal digits of a finite double, exactly: 0.1 is 0.1000000000000000055511151231257827…
///
/// Rounding to a number of places is then exact as well, halves to the even digit as IEEE 754 has it.
struct DecimalDigits {
    /// 0 to 9, without leading zeros.
    private var digits: [UInt8]
    /// The value is 0.DIGITS times ten to this power.
    private var scale: Int
    private let isNegative: Bool

    init(_ number: Double) {
        isNegative = number.sign == .minus
        guard number != 0, number.isFinite else {
            digits = []
            scale = 0
            return
        }
        var words = LargeWhole(number.significandBitPattern | (number.isNormal ? 1 << 52 : 0))
        let power = Int(max(number.exponentBitPattern, 1)) - 1075
        // m · 2^-k is m · 5^k / 10^k.
        for _ in 0..<(power < 0 ? -power : power) { words.multiply(by: power < 0 ? 5 : 2) }
        digits = words.decimal()
        scale = digits.count + min(power, 0)
    }

    /// `-12.50`, with that many digits behind the point.
    func fixed(_ places: Int) -> String {
        let (kept, scale) = rounded(to: self.scale + places)
        var out: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        func digit(_ power: Int) -> UInt8 {
            let index = scale - 1 - power
            return UInt8(ascii: "0") + (kept.indices.contains(index) ? kept[index] : 0)
        }
        for power in stride(from: max(scale - 1, 0), through: 0, by: -1) { out.append(digit(power)) }
        if places > 0 {
            out.append(UInt8(ascii: "."))
            for place in 1...places { out.append(digit(-place)) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `-1.25e+01`, with that many digits behind the point and two of the exponent at least.
    func scientific(_ places: Int) -> String {
        let (kept, scale) = rounded(to: places + 1)
        var out: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        for place in 0...places {
            out.append(UInt8(ascii: "0") + (kept.indices.contains(place) ? kept[place] : 0))
            if place == 0, places > 0 { out.append(UInt8(ascii: ".")) }
        }
        let exponent = kept.isEmpty ? 0 : scale - 1
        return String(decoding: out, as: UTF8.self) + (exponent < 0 ? "e-" : "e+")
            + (exponent.magnitude < 10 ? "0" : "") + String(exponent.magnitude)
    }

    /// The first `count` digits, rounded; the power grows where 9.99 becomes 10.0.
    private func rounded(to count: Int) -> (digits: [UInt8], scale: Int) {
        if count >= digits.count { return (digits, scale) }
        if count < 0 { return ([], scale) }
        var kept = Array(digits[..<count])
        let rest = digits[count...]
        let isOdd = (kept.last ?? 0) % 2 == 1
        let isMore = rest.dropFirst().contains { $0 > 0 }
        guard let next = rest.first, next > 5 || next == 5 && (isMore || isOdd) else { return (kept, scale) }
        for at in kept.indices.reversed() {
            kept[at] += 1
            if kept[at] < 10 { return (kept, scale) }
            kept[at] = 0
        }
        return ([1] + kept, scale + 1)
    }
}

/// A whole number of any size, as far as the digits of doubles need it.
private struct LargeWhole {
    /// The lowest word first.
    private var words: [UInt32]

    init(_ number: UInt64) {
        words = [UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32)]
    }

    mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for at in words.indices {
            let product = UInt64(words[at]) * factor + carry
            words[at] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { words.append(UInt32(truncatingIfNeeded: carry)) }
    }

    /// The digits, highest first, without leading zeros. Uses the number up.
    mutating func decimal() -> [UInt8] {
        var digits: [UInt8] = []
        while let top = words.last {
            if top == 0 {
                words.removeLast()
                continue
            }
            var rest: UInt64 = 0
            for at in words.indices.reversed() {
                let part = rest << 32 | UInt64(words[at])
                words[at] = UInt32(part / 1_000_000_000)
                rest = part % 1_000_000_000
            }
            for _ in 0..<9 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        while digits.last == 0 { digits.removeLast() }
        return digits.reversed()
    }
}
