import NIOEmbedded
import Synchronization
import Testing

@testable import Pipeline

@Suite struct PlanLeaseTests {
    /// A loop whose plans are counted as it leaves them.
    private final class Loop {
        let state: UnsafeMutablePointer<LoopState>
        let left = Left()
        private var generation = 1

        final class Left: Sendable {
            let generations = Mutex<[Int]>([])
        }

        init() {
            state = .allocate(capacity: 1)
            state.initialize(to: LoopState(index: 0, eventLoop: EmbeddedEventLoop(), plan: Self.plan(1)))
        }

        deinit {
            state.deinitialize(count: 1)
            state.deallocate()
        }

        static func plan(_ generation: Int) -> Plan {
            let route = Route(
                stages: [], observers: 0, bodyStage: 0, responder: UnmatchedResponder(), needsBody: false, template: [],
                pattern: "", service: [], serviceName: "")
            return Plan(
                name: "", generation: generation, router: Router([]), numbers: [], unmatched: route,
                routes: RouteTable(capacity: 0))
        }

        func change() {
            generation += 1
            state.pointee.change(to: Self.plan(generation)) { [left] plan in
                left.generations.withLock { $0.append(plan.generation) }
            }
        }

        func begin() -> UnsafeMutablePointer<Exchange> {
            let exchange = state.pointee.take(LoopPointer(state))
            exchange.pointee.begin(now: 0)
            return exchange
        }

        func end(_ exchange: UnsafeMutablePointer<Exchange>) { state.pointee.give(exchange) }

        var leftSoFar: [Int] { left.generations.withLock { $0 } }
    }

    @Test func planWithoutCallsIsLeftAtOnce() {
        let loop = Loop()
        loop.end(loop.begin())
        loop.change()
        #expect(loop.leftSoFar == [1])
        loop.change()
        #expect(loop.leftSoFar == [1, 2])
    }

    @Test func lastCallTakesItsPlanWithIt() {
        let loop = Loop()
        let (first, second) = (loop.begin(), loop.begin())
        loop.change()
        let third = loop.begin()
        #expect(third.pointee.plan.generation == 2)
        #expect(first.pointee.plan.generation == 1)
        loop.end(first)
        #expect(loop.leftSoFar == [])
        loop.end(second)
        #expect(loop.leftSoFar == [1])
        loop.end(third)
        #expect(loop.leftSoFar == [1], "the plan in force stays")
    }

    @Test func longCallKeepsItsOwnPlanOnly() {
        let loop = Loop()
        let long = loop.begin()
        for _ in 0..<5 {
            loop.change()
            loop.end(loop.begin())
        }
        #expect(loop.leftSoFar == [2, 3, 4, 5])
        loop.end(long)
        #expect(loop.leftSoFar == [2, 3, 4, 5, 1])
    }

    @Test func callBelongsToThePlanInForceWhenItsHeadIsThere() {
        let loop = Loop()
        let exchange = loop.state.pointee.take(LoopPointer(loop.state))
        loop.change()
        #expect(loop.leftSoFar == [1])
        exchange.pointee.begin(now: 0)
        #expect(exchange.pointee.plan.generation == 2)
        loop.change()
        #expect(loop.leftSoFar == [1])
        loop.end(exchange)
        #expect(loop.leftSoFar == [1, 2])
    }

    @Test func headThatNeverBecameACallHoldsNothing() {
        let loop = Loop()
        let exchange = loop.state.pointee.take(LoopPointer(loop.state))
        loop.change()
        loop.end(exchange)
        #expect(loop.leftSoFar == [1])
    }
}
