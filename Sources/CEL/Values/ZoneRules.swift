/// When a time zone's clocks were and will be set: a TZif file, RFC 8536.
struct ZoneRules: Sendable {
    /// How clocks go for a while.
    struct Period: Sendable {
        /// Seconds east of Greenwich.
        let offset: Int64
        /// `CET`
        let name: String
    }

    static let utc = ZoneRules(fixed: 0, "UTC")

    /// Seconds since 1970, rising.
    private let transitions: [Int64]
    /// For each transition the index of the period that starts then.
    private let starts: [UInt8]
    private let periods: [Period]
    /// What holds behind the last transition.
    private let footer: RecurringRule?

    init(fixed offset: Int64, _ name: String) {
        transitions = []
        starts = []
        periods = [Period(offset: offset, name: name)]
        footer = nil
    }

    /// What clocks show at that moment.
    func period(at seconds: Int64) -> Period {
        if let last = transitions.last, seconds >= last, let footer { return footer.period(at: seconds) }
        if transitions.isEmpty, let footer { return footer.period(at: seconds) }
        // The number of transitions up to then.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        // Before the first transition the first period holds (section 3.2).
        let index = low == 0 ? 0 : Int(starts[low - 1])
        return index < periods.count ? periods[index] : Period(offset: 0, name: "UTC")
    }

    /// Nil for what is not a TZif file.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= 1 << 20, var counts = Counts(bytes, at: 0) else { return nil }
        var at = Counts.size
        var width = 4
        if counts.version >= 2 {
            // Behind the first block, for readers of version 1, comes the same with times of 64 bits.
            at += counts.bytes(timeWidth: 4)
            guard let second = Counts(bytes, at: at) else { return nil }
            counts = second
            at += Counts.size
            width = 8
        }
        let end = at + counts.bytes(timeWidth: width)
        guard end <= bytes.count, counts.types > 0 else { return nil }
        var transitions: [Int64] = []
        transitions.reserveCapacity(counts.times)
        for place in 0..<counts.times {
            let time = bytes.bigEndian(at: at + place * width, width)
            if let last = transitions.last, time <= last { return nil }
            transitions.append(time)
        }
        at += counts.times * width
        starts = Array(bytes[at..<at + counts.times])
        at += counts.times
        let names = bytes[at + counts.types * 6..<at + counts.types * 6 + counts.characters]
        var periods: [Period] = []
        for place in 0..<counts.types {
            let start = at + place * 6
            let offset = bytes.bigEndian(at: start, 4)
            // Section 3.2 allows a little more than a day either way.
            guard (-93_600...93_600).contains(offset) else { return nil }
            let name = names.dropFirst(Int(bytes[start + 5])).prefix { $0 != 0 }
            periods.append(Period(offset: offset, name: String(decoding: name, as: UTF8.self)))
        }
        guard starts.allSatisfy({ Int($0) < periods.count }) else { return nil }
        self.transitions = transitions
        self.periods = periods
        footer = width == 8 ? RecurringRule(footer: bytes[end...]) : nil
    }

    private struct Counts {
        static let size = 44
        let version: UInt8
        let times: Int
        let types: Int
        let characters: Int
        private let leaps: Int
        private let standardFlags: Int
        private let universalFlags: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard start + Self.size <= bytes.count, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
                return nil
            }
            let digit = bytes[start + 4]
            version = digit >= UInt8(ascii: "2") ? digit - UInt8(ascii: "0") : 1
            let counts = (0..<6).map { Int(bytes.bigEndian(at: start + 20 + 4 * $0, 4)) }
            // More of anything than the file has bytes is nonsense, and would overflow below.
            guard counts.allSatisfy({ (0...bytes.count).contains($0) }) else { return nil }
            universalFlags = counts[0]
            standardFlags = counts[1]
            leaps = counts[2]
            times = counts[3]
            types = counts[4]
            characters = counts[5]
        }

        func bytes(timeWidth: Int) -> Int {
            times * (timeWidth + 1) + types * 6 + characters + leaps * (timeWidth + 4) + standardFlags + universalFlags
        }
    }
}

extension [UInt8] {
    /// A signed number of 4 or 8 bytes; the caller knows that they are there.
    fileprivate func bigEndian(at start: Int, _ width: Int) -> Int64 {
        let value = self[start..<start + width].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
