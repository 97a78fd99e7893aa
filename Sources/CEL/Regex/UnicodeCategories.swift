/// The sets of Unicode's general categories: `\p{Lu}`, `\pL`.
enum UnicodeCategories {
    /// By one letter or two, or `Any`.
    static func set(_ name: String) -> ScalarSet? {
        if name == "Any" { return ScalarSet([ScalarRange(0, ScalarSet.last)]) }
        return sets[name]
    }

    /// As in RE2 what is not assigned belongs to no category, not to C either.
    private static let sets: [String: ScalarSet] = {
        var groups = table
        for (name, ranges) in table { groups[String(name.prefix(1)), default: []] += ranges }
        return groups.mapValues { ScalarSet($0) }
    }()

    /// Ideographs, syllables, private use, and what is not assigned.
    private static let alike: [ClosedRange<UInt32>] = [
        0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xE000...0xF8FF, 0x17000...0x187EF, 0x20000...0x2A6DF,
        0x2A700...0x2B72F, 0x2B740...0x2B81D, 0x2B820...0x2CEA1, 0x2CEB0...0x2EBDF, 0x30000...0x3134A,
        0x31350...0x323AF, 0x33480...0x3FFFF, 0xE0200...0xEFFFF,
    ]

    private static func category(_ value: UInt32) -> Unicode.GeneralCategory? {
        UnicodeScalar(value)?.properties.generalCategory
    }

    /// Made when the first pattern needs it, a few milliseconds. Planes 4 to 13 hold nothing and 15 and 16 are for
    /// private use, so they are not looked at.
    private static let table: [String: [ScalarRange]] = {
        var table: [String: [ScalarRange]] = ["Cs": [ScalarRange(0xD800, 0xDFFF)]]
        var start: UInt32 = 0
        var category: String?
        func close(_ next: UInt32) {
            if let category { table[category, default: []].append(ScalarRange(start, next - 1)) }
        }
        for plane in [UInt32(0)...0x3FFFF, 0xE0000...0xEFFFF] {
            category = nil
            var kind: Unicode.GeneralCategory?
            var value = plane.lowerBound
            while value <= plane.upperBound {
                defer { value += 1 }
                let found = Self.category(value)
                if found == kind {
                    // What begins and ends the same is taken to be the same where it is all alike.
                    if alike.contains(where: { $0.contains(value) && $0.contains(value + 15) }),
                        Self.category(value + 15) == kind
                    {
                        value += 15
                    }
                    continue
                }
                close(value)
                kind = found
                category = found.flatMap(name)
                start = value
            }
            close(plane.upperBound + 1)
        }
        table["Co", default: []] += [ScalarRange(0xF0000, 0xFFFFD), ScalarRange(0x100000, 0x10FFFD)]
        return table
    }()

    private static func name(_ category: Unicode.GeneralCategory) -> String? {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        default: nil
        }
    }
}
