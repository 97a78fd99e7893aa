import Testing

@testable import Telemetry

@Suite struct SpanQueueTests {
    private func queue(capacity: Int = 4, batch: Int = 2, _ format: OTLPFormat = .protobuf) -> SpanQueue {
        SpanQueue(SpanQueue.Limits(capacity: capacity, batch: batch, attempts: 3), format)
    }

    @Test func aFullBatchNeedNotWait() {
        var queue = queue()
        let isFullAtOne = queue.add(1)
        #expect(!isFullAtOne)
        let isFullAtTwo = queue.add(2)
        #expect(isFullAtTwo)
        let atFirst = queue.due()
        #expect(atFirst == .send)
        #expect(queue.inFlight?.bytes == [1, 2])
        let afterwards = queue.ended(.taken, jitter: 0)
        #expect(afterwards == .rest)
        #expect(queue.counts == SpanCounts(exported: 2, failed: 0, dropped: 0))
    }

    @Test func whoHasBeenAskedToComeIsNotAskedAgain() {
        var queue = queue(capacity: 8)
        let answers = (UInt8(1)...4).map { queue.add($0) }
        #expect(answers == [false, true, false, false])
        _ = queue.due()
        let inFlight = queue.add(5)
        #expect(!inFlight)
        // The next is whole already, the one behind it is not.
        _ = queue.ended(.taken, jitter: 0)
        _ = queue.ended(.taken, jitter: 0)
        let filled = queue.add(6)
        #expect(filled)
    }

    @Test func spansOfJSONAreElementsOfAnArray() {
        var queue = queue(batch: 3, .json)
        for byte in [UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "c")] { _ = queue.add(byte) }
        _ = queue.due()
        #expect(queue.inFlight?.bytes == Array("a,b,c".utf8))
        #expect(queue.inFlight?.count == 3)
    }

    @Test func onlyOneBatchIsOnItsWay() {
        var queue = queue()
        for byte in UInt8(1)...4 { _ = queue.add(byte) }
        let first = queue.due()
        #expect(first == .send)
        let second = queue.due()
        #expect(second == .rest)
        // The next is whole already.
        let next = queue.ended(.taken, jitter: 0)
        #expect(next == .send)
        #expect(queue.inFlight?.bytes == [3, 4])
    }

    @Test func whatThereIsNoRoomForIsCounted() {
        var queue = queue(capacity: 2)
        for byte in UInt8(1)...5 { _ = queue.add(byte) }
        #expect(queue.counts.dropped == 3)
        #expect(queue.count == 2)
    }

    @Test func aBatchIsTriedAgainEachTimeLaterAndThenGivenUp() {
        var queue = queue()
        _ = queue.add(1)
        _ = queue.due()
        let once = queue.ended(.again(after: nil), jitter: 1)
        #expect(once == .wait(1_000_000_000))
        #expect(queue.isWaiting)
        queue.beginAgain()
        let twice = queue.ended(.again(after: nil), jitter: 0)
        #expect(twice == .wait(1_000_000_000))
        #expect(queue.inFlight?.bytes == [1])
        let thrice = queue.ended(.again(after: nil), jitter: 1)
        #expect(thrice == .rest)
        #expect(queue.counts.failed == 1)
        #expect(queue.inFlight == nil)
    }

    @Test(arguments: [
        (Int64(5_000_000_000), Int64(5_000_000_000)), (1, 500_000_000), (.max, 60_000_000_000), (-7, 500_000_000),
    ])
    func aCollectorMaySayWhen(after: Int64, waits: Int64) {
        var queue = queue()
        _ = queue.add(1)
        _ = queue.due()
        let action = queue.ended(.again(after: after), jitter: 0)
        #expect(action == .wait(waits))
    }

    @Test func atTheEndThereIsNoOtherTry() {
        var queue = queue()
        for byte in UInt8(1)...3 { _ = queue.add(byte) }
        _ = queue.due()
        let afterFailure = queue.ended(.again(after: nil), jitter: 1, isLast: true)
        #expect(afterFailure == .send)
        #expect(queue.inFlight?.bytes == [3])
        let afterwards = queue.ended(.taken, jitter: 1, isLast: true)
        #expect(afterwards == .rest)
        #expect(queue.counts == SpanCounts(exported: 1, failed: 2, dropped: 0))
    }

    @Test func whatACollectorRejectsOfABatchHasFailed() {
        var queue = queue()
        _ = queue.add(1)
        _ = queue.add(2)
        _ = queue.due()
        _ = queue.ended(.taken, rejected: 7, jitter: 0)
        #expect(queue.counts == SpanCounts(exported: 0, failed: 2, dropped: 0))
    }
}

extension SpanQueue {
    /// A span of one byte.
    fileprivate mutating func add(_ byte: UInt8) -> Bool {
        withUnsafeBytes(of: byte) { add($0.bindMemory(to: UInt8.self)) }
    }
}
