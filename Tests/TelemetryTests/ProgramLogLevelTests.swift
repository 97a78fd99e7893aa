import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct ProgramLogLevelTests {
    private final class Time: Sendable {
        let now = Atomic<Int64>(0)
    }

    private let time = Time()
    private var level: ProgramLogLevel { ProgramLogLevel(.info) { [time] in time.now.load(ordering: .relaxed) } }

    @Test func changeForATimeEnds() {
        let level = level
        level.change(to: .debug, for: 1000)
        #expect(level.current == .debug)
        time.now.store(999, ordering: .relaxed)
        #expect(level.current == .debug)
        #expect(level.read().until == 1000)
        time.now.store(1000, ordering: .relaxed)
        #expect(level.current == .info)
        #expect(level.read().until == nil)
    }

    @Test func changeForGoodStaysUntilItIsTakenBack() {
        let level = level
        level.change(to: .error, for: 10)
        level.change(to: .trace, for: nil)
        time.now.store(1 << 40, ordering: .relaxed)
        #expect(level.current == .trace)
        level.restore()
        #expect(level.current == .info)
    }

    @Test func anotherStandardHoldsBehindAChange() {
        let level = level
        level.change(to: .debug, for: 10)
        level.settle(on: .error)
        #expect(level.current == .debug)
        time.now.store(10, ordering: .relaxed)
        #expect(level.current == .error)
    }

    @Test func longestTimeDoesNotOverflow() {
        let level = level
        time.now.store(5, ordering: .relaxed)
        level.change(to: .debug, for: .max)
        #expect(level.current == .debug)
    }

    @Test func loggersFollowUnlessTheyHaveTheirOwn() {
        let level = level
        var handler = ProgramLog(format: .json, colored: false, level: level)
        level.change(to: .debug, for: nil)
        #expect(handler.logLevel == .debug)
        handler.logLevel = .critical
        #expect(handler.logLevel == .critical)
        #expect(level.current == .debug)
    }
}
