/// Floating-point numbers as C's `printf` writes them with `%g`, which is how protoc writes defaults.
enum DecimalText {
    /// With 15 digits where those read back as the same number, else with 17.
    static func text(_ value: Double) -> String {
        if let special = special(value) { return special }
        let short = written(value, digits: 15)
        return Double(short) == value ? short : written(value, digits: 17)
    }

    /// With 6 digits, else with 9. What is below all normal numbers protoc takes for no float when it reads the short form
    /// back.
    static func text(_ value: Float) -> String {
        let wide = Double(value)
        if let special = special(wide) { return special }
        let short = written(wide, digits: 6)
        return !value.isSubnormal && Float(short) == value ? short : written(wide, digits: 9)
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        return nil
    }

    /// `%.{digits}g`: zeros at the end go, an exponent below -4 or from `digits` on is written out.
    private static func written(_ value: Double, digits count: Int) -> String {
        var (digits, exponent) = rounded(value.magnitude, count)
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        var text = value < 0 ? "-" : ""
        func append(_ part: some Sequence<UInt8>) { for digit in part { text += String(digit) } }
        if exponent < -4 || exponent >= count {
            append(digits.prefix(1))
            if digits.count > 1 { text += "." }
            append(digits.dropFirst())
            let magnitude = exponent.magnitude
            text += "e" + (exponent < 0 ? "-" : "+") + (magnitude < 10 ? "0" : "") + String(magnitude)
        } else if exponent < 0 {
            text += "0." + String(repeating: "0", count: -exponent - 1)
            append(digits)
        } else {
            for place in 0...exponent { append([place < digits.count ? digits[place] : 0]) }
            if digits.count > exponent + 1 {
                text += "."
                append(digits.dropFirst(exponent + 1))
            }
        }
        return text
    }

    /// The first digits of a positive number, rounded half to even, and the decimal exponent of the first.
    private static func rounded(_ value: Double, _ count: Int) -> (digits: [UInt8], exponent: Int) {
        var (digits, exponent) = exact(value)
        guard digits.count > count else { return (digits, exponent) }
        let rest = digits[count...]
        let half: Bool = rest.first.map { $0 > 5 } ?? false
        let tie = rest.first == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        let up = half || rest.first == 5 && (!tie || digits[count - 1] % 2 == 1)
        digits.removeLast(digits.count - count)
        guard up else { return (digits, exponent) }
        var place = count - 1
        while place >= 0 {
            if digits[place] < 9 {
                digits[place] += 1
                return (digits, exponent)
            }
            digits[place] = 0
            place -= 1
        }
        exponent += 1
        return ([1], exponent)
    }

    /// All decimal digits of a positive number; a double is a whole number times a power of two.
    private static func exact(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        let isNormal = value.exponentBitPattern > 0
        let significand = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
        let power = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        // Nine digits a limb, the lowest first. Times two, or times five and the point one place further left, since
        // x / 2 = x * 5 / 10; twelve such steps at once.
        var limbs = [significand % 1_000_000_000, significand / 1_000_000_000]
        var steps = Int(power.magnitude)
        while steps > 0 {
            let count = min(steps, 12)
            var factor: UInt64 = 1
            for _ in 0..<count { factor *= power > 0 ? 2 : 5 }
            var carry: UInt64 = 0
            for place in limbs.indices {
                let product = limbs[place] * factor + carry
                limbs[place] = product % 1_000_000_000
                carry = product / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
            steps -= count
        }
        var digits: [UInt8] = []
        for limb in limbs {
            var rest = limb
            for _ in 0..<9 {
                digits.append(UInt8(rest % 10))
                rest /= 10
            }
        }
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        let exponent = digits.count - 1 + min(power, 0)
        return (digits.reversed(), exponent)
    }
}
