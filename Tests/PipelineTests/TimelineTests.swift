import Testing

@testable import Pipeline

@Suite struct TimelineTests {
    @Test func whatThereIsNoRoomForIsLeftOut() {
        var timeline = Timeline()
        for index in 0..<20 { timeline.mark(.parked, Int64(index)) }
        #expect(timeline.count == Timeline.capacity)
        #expect(timeline[7].time == 7)
        timeline.clear()
        #expect(timeline.count == 0)
    }
}
