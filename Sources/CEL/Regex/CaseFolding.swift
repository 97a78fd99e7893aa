/// Which scalars differ in case only: Unicode's simple folding (CaseFolding.txt, status C and S), put together from the
/// mappings that the standard library has.
enum CaseFolding {
    /// Everything that matches `scalar` where case does not count, itself included.
    static func variants(_ scalar: UInt32) -> [UInt32] {
        if let ascii = asciiVariants(scalar) { return ascii }
        guard let place = table.place(of: scalar), table.scalars[place] == scalar else { return [scalar] }
        return table.orbits[place]
    }

    /// The set and all variants of its members.
    static func closed(_ set: ScalarSet) -> ScalarSet {
        var ranges = set.ranges
        for range in set.ranges {
            if range.last < 0x80 {
                for scalar in range.first...range.last {
                    for variant in asciiVariants(scalar) ?? [] { ranges.append(ScalarRange(variant, variant)) }
                }
                continue
            }
            var place = table.place(of: range.first) ?? table.scalars.count
            while place < table.scalars.count, table.scalars[place] <= range.last {
                for variant in table.orbits[place] { ranges.append(ScalarRange(variant, variant)) }
                place += 1
            }
        }
        return ScalarSet(ranges)
    }

    /// Most patterns are ASCII: these need no table. U+017F and U+212A are the two others that fold to ASCII.
    private static func asciiVariants(_ scalar: UInt32) -> [UInt32]? {
        switch scalar {
        case 0x4B, 0x6B: [0x4B, 0x6B, 0x212A]
        case 0x53, 0x73: [0x53, 0x73, 0x17F]
        case 0x41...0x5A: [scalar, scalar + 32]
        case 0x61...0x7A: [scalar - 32, scalar]
        case 0..<0x80: [scalar]
        default: nil
        }
    }

    private struct Table {
        /// In order.
        var scalars: [UInt32] = []
        /// For each of `scalars` all that it matches.
        var orbits: [[UInt32]] = []

        /// Where `scalar` is, or the next one behind it.
        func place(of scalar: UInt32) -> Int? {
            var low = 0
            var high = scalars.count
            while low < high {
                let middle = (low + high) / 2
                if scalars[middle] < scalar { low = middle + 1 } else { high = middle }
            }
            return low < scalars.count ? low : nil
        }
    }

    /// Where scripts with case are; between these are ideographs, syllables and private use.
    private static let blocks: [ClosedRange<UInt32>] = [
        0...0x2E7F, 0xA640...0xABFF, 0xFB00...0x11FFF, 0x16E00...0x16FFF, 0x1D000...0x1FFFF,
    ]

    /// Made when the first pattern needs it, a few milliseconds.
    private static let table: Table = {
        var orbits: [UInt32: [UInt32]] = [:]
        for value in blocks.joined() {
            guard let scalar = UnicodeScalar(value),
                scalar.properties.isCased || scalar.properties.changesWhenUppercased
            else { continue }
            orbits[folded(scalar), default: []].append(value)
        }
        var table = Table()
        for (scalar, orbit) in orbits.values.filter({ $0.count > 1 })
            .flatMap({ orbit in orbit.map { ($0, orbit) } }).sorted(by: { $0.0 < $1.0 })
        {
            table.scalars.append(scalar)
            table.orbits.append(orbit)
        }
        return table
    }()

    private static func folded(_ scalar: UnicodeScalar) -> UInt32 {
        // The dotless i folds to itself, though its capital is I.
        if scalar.value == 0x131 { return scalar.value }
        let upper = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(upper.properties.lowercaseMapping) ?? upper).value
    }

    /// A mapping to several scalars belongs to full folding.
    private static func single(_ text: String) -> UnicodeScalar? {
        let scalars = text.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
