import Catalog
import Testing

/// The buckets of a rate limit, by a clock that the test tells.
@Suite struct BucketsTests {
    private static let second: Int64 = 1_000_000_000

    private static func rate(_ calls: Int, per seconds: Int64 = 1, burst: Int) throws -> BucketRate {
        try #require(BucketRate(calls: calls, per: seconds * second, burst: burst))
    }

    private static func key(_ number: Int) -> KeyHash {
        withUnsafeBytes(of: number) { KeyHash($0.assumingMemoryBound(to: UInt8.self)) }
    }

    private static func isTaken(_ answer: Buckets.Answer) -> Bool {
        if case .taken = answer { true } else { false }
    }

    @Test func holdsABurstAndFillsAtTheRate() throws {
        let buckets = Buckets(try Self.rate(10, burst: 3))
        let (key, tenth) = (Self.key(1), Self.second / 10)
        #expect(buckets.take(1, of: key, now: 5) == .taken(remaining: 2, untilFull: tenth))
        #expect(buckets.take(1, of: key, now: 5) == .taken(remaining: 1, untilFull: 2 * tenth))
        #expect(buckets.take(1, of: key, now: 5) == .taken(remaining: 0, untilFull: 3 * tenth))
        #expect(buckets.take(1, of: key, now: 5) == .refused(remaining: 0, wait: tenth))
        #expect(buckets.take(1, of: key, now: 4 + tenth) == .refused(remaining: 0, wait: 1))
        #expect(buckets.take(1, of: key, now: 5 + tenth) == .taken(remaining: 0, untilFull: 3 * tenth))
        #expect(buckets.take(1, of: key, now: 5 + 100 * tenth) == .taken(remaining: 2, untilFull: tenth))
    }

    @Test func aDearCallTakesMore() throws {
        let buckets = Buckets(try Self.rate(1, burst: 10))
        let key = Self.key(1)
        #expect(buckets.take(7, of: key, now: 0) == .taken(remaining: 3, untilFull: 7 * Self.second))
        #expect(buckets.take(5, of: key, now: 0) == .refused(remaining: 3, wait: 2 * Self.second))
        #expect(buckets.take(3, of: key, now: 0) == .taken(remaining: 0, untilFull: 10 * Self.second))
        #expect(buckets.take(0, of: key, now: 0) == .taken(remaining: 0, untilFull: 10 * Self.second))
        #expect(buckets.take(11, of: key, now: 0) == .tooDear)
        #expect(buckets.take(.max, of: key, now: 0) == .tooDear)
    }

    @Test func whatWasTakenIsGivenBack() throws {
        let buckets = Buckets(try Self.rate(1, burst: 2))
        let key = Self.key(1)
        #expect(Self.isTaken(buckets.take(2, of: key, now: 0)))
        buckets.giveBack(2, of: key)
        #expect(buckets.take(2, of: key, now: 0) == .taken(remaining: 0, untilFull: 2 * Self.second))
        buckets.giveBack(1, of: Self.key(2))
        buckets.giveBack(.max, of: key)
        #expect(!Self.isTaken(buckets.take(1, of: key, now: 0)))
    }

    @Test func eachKeyHasItsOwn() throws {
        let buckets = Buckets(try Self.rate(1, burst: 1))
        for number in 0..<5000 { #expect(Self.isTaken(buckets.take(1, of: Self.key(number), now: 0))) }
        for number in 0..<5000 { #expect(!Self.isTaken(buckets.take(1, of: Self.key(number), now: 0))) }
        for number in 0..<5000 {
            #expect(Self.isTaken(buckets.take(1, of: Self.key(number), now: Self.second)))
        }
    }

    @Test func aClockThatStandsBehindChangesNothing() throws {
        let buckets = Buckets(try Self.rate(1, burst: 1))
        #expect(Self.isTaken(buckets.take(1, of: Self.key(1), now: 10 * Self.second)))
        #expect(buckets.take(1, of: Self.key(1), now: 9 * Self.second) == .refused(remaining: 0, wait: 2 * Self.second))
    }

    /// Memory stays within its bound whatever comes, and who is held back is not set free by it.
    @Test func floodOfKeysIsBounded() throws {
        let buckets = Buckets(try Self.rate(1, per: 3600, burst: 5), capacity: 1 << 12)
        let held = Self.key(-1)
        #expect(Self.isTaken(buckets.take(5, of: held, now: 0)))
        for number in 0..<100_000 { #expect(Self.isTaken(buckets.take(1, of: Self.key(number), now: Int64(number)))) }
        #expect(buckets.room == 1 << 12)
        #expect(!Self.isTaken(buckets.take(1, of: held, now: 100_000)))
    }

    @Test func whatIsFullAgainMakesRoom() throws {
        let buckets = Buckets(try Self.rate(1, burst: 1))
        for number in 0..<100_000 {
            _ = buckets.take(1, of: Self.key(number), now: Int64(number) * (Self.second / 100))
        }
        #expect(buckets.room <= 4096)
    }

    @Test(arguments: [(10, 2, 1, true), (10, 4, 3, false), (10, 4, 2, true), (1, 1, 1, false)])
    func aBucketKeepsItsShareWhenTheRateChanges(_ calls: Int, _ burst: Int, _ cost: Int64, _ isTaken: Bool) throws {
        let buckets = Buckets(try Self.rate(1, per: 3600, burst: 10))
        _ = buckets.take(5, of: Self.key(1), now: 0)
        buckets.adjust(try Self.rate(calls, burst: burst), now: 0)
        #expect(Self.isTaken(buckets.take(cost, of: Self.key(1), now: 0)) == isTaken)
    }

    @Test(arguments: [
        (1_000_001, 1, 1), (1, 86_400, 36_501), (1, 86_400, Int.max), (Int.max, 1, 1), (0, 1, 1), (1, 1, 0),
    ])
    func whatCannotBeCountedIsNoRate(_ calls: Int, _ period: Int64, _ burst: Int) {
        #expect(BucketRate(calls: calls, per: period * Self.second, burst: burst) == nil)
    }

    /// The vectors that come with the reference implementation: the bytes 0, 1, 2 … under the key 0, 1, 2 … 15.
    @Test(
        arguments: [
            (0, 0xe6a8_25ba_047f_81a3, 0x9302_55c7_1472_f66d), (1, 0x44af_996b_d8c1_87da, 0x45fc_229b_1159_7634),
        ] as [(Int, UInt64, UInt64)])
    func hashesAsTheReferenceDoes(_ count: Int, _ low: UInt64, _ high: UInt64) {
        let bytes = (0..<count).map { UInt8($0) }
        let hash = bytes.withUnsafeBufferPointer {
            KeyHash($0, seed: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        }
        #expect(hash.low == low)
        #expect(hash.high == high)
    }
}
