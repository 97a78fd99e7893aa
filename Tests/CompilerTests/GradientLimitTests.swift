import Catalog
import Testing

/// The limit of `concurrency: { adaptive: … }`, on a server that the test makes up.
@Suite struct GradientLimitTests {
    private static let millisecond: Int64 = 1_000_000

    /// Calls of this length, so many at once, for so many seconds.
    private static func run(
        _ limit: inout GradientLimit, seconds: Int, from now: inout Int64, running: (Int) -> Int,
        taking: (Int) -> Int64
    ) {
        let end = now + Int64(seconds) * 1000 * millisecond
        while now < end {
            let inside = running(limit.limit)
            for _ in 0..<max(inside, 1) { limit.note(duration: taking(inside), running: inside, now: now) }
            now += 20 * millisecond
        }
    }

    @Test func growsWhileCallsTakeAsLongAsEver() {
        var limit = GradientLimit(minimum: 5, maximum: 100)
        var now: Int64 = 0
        #expect(limit.limit == 20)
        Self.run(&limit, seconds: 60, from: &now, running: { $0 }, taking: { _ in 10 * Self.millisecond })
        #expect(limit.limit == 100)
    }

    @Test func shrinksWhenTheyTakeLonger() {
        var limit = GradientLimit(minimum: 5, maximum: 1000)
        var now: Int64 = 0
        Self.run(&limit, seconds: 10, from: &now, running: { $0 }, taking: { _ in 10 * Self.millisecond })
        let before = limit.limit
        Self.run(&limit, seconds: 5, from: &now, running: { $0 }, taking: { _ in 100 * Self.millisecond })
        #expect(limit.limit < before / 2)
    }

    /// A server with 50 workers: more calls at once only wait for each other.
    @Test func findsWhatTheServerBears() {
        var limit = GradientLimit(minimum: 1, maximum: 10_000)
        var now: Int64 = 0
        Self.run(
            &limit, seconds: 20, from: &now, running: { $0 },
            taking: { inside in 10 * Self.millisecond * Int64(max(inside, 50)) / 50 })
        #expect((50...400).contains(limit.limit), "\(limit.limit)")
    }

    @Test func doesNotGrowWhereNobodyComes() {
        var limit = GradientLimit(minimum: 5, maximum: 100)
        var now: Int64 = 0
        Self.run(&limit, seconds: 30, from: &now, running: { _ in 2 }, taking: { _ in 10 * Self.millisecond })
        #expect(limit.limit == 20)
    }

    @Test(arguments: [(30, 100, 30), (1, 10, 10), (1, 100, 20), (7, 7, 7)])
    func startsWithinItsBounds(_ minimum: Int, _ maximum: Int, _ limit: Int) {
        var gradient = GradientLimit(minimum: minimum, maximum: maximum)
        #expect(gradient.limit == limit)
        var now: Int64 = 0
        Self.run(&gradient, seconds: 60, from: &now, running: { $0 }, taking: { _ in Int64.max / 1000 })
        #expect(gradient.limit >= minimum)
        gradient.adjust(minimum: 3, maximum: 4)
        #expect((3...4).contains(gradient.limit))
    }
}
