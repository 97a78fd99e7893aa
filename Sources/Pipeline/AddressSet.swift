package import CEL

/// Addresses by their networks: sorted ranges that do not touch, so that one search of a dozen steps tells whether an
/// address is among ten thousand networks. Versions 4 and 6 apart; a mapped address is one of version 4.
package final class AddressSet: Sendable {
    private let version4: [Range<UInt32>]
    private let version6: [Range<UInt128>]

    /// Both ends belong to it, so that the last address of all has a range.
    private struct Range<Number: FixedWidthInteger & Sendable>: Sendable {
        var first: Number
        var last: Number
    }

    package init(_ networks: [CIDR]) {
        func ranges<Number: FixedWidthInteger>(_ isVersion4: Bool) -> [Range<Number>] {
            let all = networks.filter { $0.address.isVersion4 == isVersion4 }.map { network in
                let first = Number(truncatingIfNeeded: network.masked.address.number)
                let free = network.address.bits - network.length
                let host = free >= Number.bitWidth ? Number.max : (1 << Number(truncatingIfNeeded: free)) &- 1
                return Range(first: first, last: first | host)
            }
            var merged: [Range<Number>] = []
            for range in all.sorted(by: { $0.first < $1.first }) {
                if let last = merged.last, range.first <= last.last || range.first == last.last &+ 1 {
                    merged[merged.count - 1].last = max(last.last, range.last)
                } else {
                    merged.append(range)
                }
            }
            return merged
        }
        version4 = ranges(true)
        version6 = ranges(false)
    }

    package var isEmpty: Bool { version4.isEmpty && version6.isEmpty }

    package func contains(_ address: IPAddress) -> Bool {
        if address.isVersion4 { return Self.contains(UInt32(truncatingIfNeeded: address.number), in: version4) }
        return Self.contains(address.number, in: version6)
    }

    private static func contains<Number>(_ number: Number, in ranges: [Range<Number>]) -> Bool {
        var low = 0
        var high = ranges.count
        // The last range that begins at or before it.
        while low < high {
            let middle = (low &+ high) / 2
            if ranges[middle].first <= number { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 && number <= ranges[low &- 1].last
    }
}
