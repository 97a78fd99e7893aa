import Catalog
import Testing

/// The queue of `concurrency`.
@Suite struct WaitingLineTests {
    /// The same by definition: all that wait, in the order of their coming.
    private struct Naive {
        var waiting: [(ticket: UInt64, level: Int)] = []

        mutating func callNext() -> UInt64? {
            guard let level = waiting.map(\.level).max(), let at = waiting.firstIndex(where: { $0.level == level })
            else { return nil }
            return waiting.remove(at: at).ticket
        }

        mutating func shed(below level: Int) -> UInt64? {
            guard let least = waiting.map(\.level).min(), least < level,
                let at = waiting.lastIndex(where: { $0.level == least })
            else { return nil }
            return waiting.remove(at: at).ticket
        }
    }

    @Test(arguments: 0..<20) func doesWhatItsDefinitionSays(_ seed: UInt64) {
        var random = SplitMix(seed)
        var line = WaitingLine<UInt64>()
        var naive = Naive()
        var places: [UInt64: Int] = [:]
        var fates: [UInt64: WaitingLine<UInt64>.Fate] = [:]
        for ticket in 1...UInt64(500) {
            switch random.next() % 6 {
            case 0, 1, 2:
                let level = Int(random.next() % 12) - 1
                #expect(places[ticket] == nil)
                places[ticket] = line.join(ticket, ticket: ticket, level: level)
                fates[ticket] = .waiting
                naive.waiting.append((ticket, min(max(level, 0), 9)))
            case 3:
                let called = line.callNext()
                #expect(called == naive.callNext())
                if let called { fates[called] = .called }
            case 4:
                let level = Int(random.next() % 10)
                let shed = line.shed(below: level)
                #expect(shed == naive.shed(below: level))
                if let shed { fates[shed] = .shed }
            default:
                guard
                    let (ticket, fate) = fates.min(by: {
                        $0.key % 7 < $1.key % 7 || ($0.key % 7 == $1.key % 7 && $0.key < $1.key)
                    }),
                    let place = places[ticket]
                else { break }
                #expect(line.fate(at: place, ticket: ticket) == fate)
                #expect(line.leave(place, ticket: ticket) == fate)
                #expect(line.leave(place, ticket: ticket) == nil)
                fates[ticket] = nil
                naive.waiting.removeAll { $0.ticket == ticket }
            }
            #expect(line.count == naive.waiting.count)
        }
        while let next = naive.callNext() { #expect(line.callNext() == next) }
        #expect(line.callNext() == nil)
        #expect(line.shed(below: 10) == nil)
    }

    @Test func aPlaceThatIsUsedAgainIsNotTheOldOne() {
        var line = WaitingLine<Int>()
        let place = line.join(1, ticket: 1, level: 5)
        #expect(line.leave(place, ticket: 1) == .waiting)
        #expect(line.join(2, ticket: 2, level: 5) == place)
        #expect(line.leave(place, ticket: 1) == nil)
        #expect(line.fate(at: place, ticket: 2) == .waiting)
        #expect(line.fate(at: 99, ticket: 2) == nil)
        #expect(line.fate(at: -1, ticket: 2) == nil)
    }

    private struct SplitMix {
        var state: UInt64
        init(_ seed: UInt64) { state = seed }
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
