import Testing

@testable import Telemetry

@Suite struct SpanTallyTests {
    @Test func loopsAndLibrariesAddUp() {
        let tally = SpanTally(loops: 2)
        for loop in 0..<2 {
            tally.begin(isSampled: true, on: loop)
            tally.begin(isSampled: false, on: loop)
        }
        tally.end(isSampled: true, on: 1)
        tally.begin(.sampled)
        tally.begin(.dropped)
        tally.end(.sampled)
        #expect(SpanTally.Decision.allCases.map(tally.started) == [3, 2, 1])
        #expect(tally.live(.sampled) == 1)
        #expect(tally.live(.recorded) == 2)
    }

    @Test(arguments: [-1, 2, .max]) func aLoopThatThereIsNotIsNoHarm(loop: Int) {
        let tally = SpanTally(loops: 2)
        tally.begin(isSampled: true, on: loop)
        tally.end(isSampled: true, on: loop)
        #expect(tally.started(.sampled) == 0)
    }

    @Test func moreEndsThanBeginningsAreNone() {
        let tally = SpanTally(loops: 1)
        tally.end(isSampled: true, on: 0)
        #expect(tally.live(.sampled) == 0)
    }
}
