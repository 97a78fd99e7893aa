import Testing

@testable import Transport

/// Which PINGs are too many.
@Suite struct PingStrikesTests {
    enum Event {
        /// A PING, at this second.
        case ping(Double)
        /// A frame of an answer.
        case answer
        /// So many bytes of one, at this second.
        case bytes(Int, Double)
    }

    struct Scene: CustomTestStringConvertible {
        let testDescription: String
        let interval: Double
        let events: [Event]
        /// Which of the PINGs is one too many, counted from 1.
        let tooMany: Int?

        init(_ text: String, every interval: Double = 1, _ events: [Event], tooMany: Int? = nil) {
            (testDescription, self.interval, self.events, self.tooMany) = (text, interval, events, tooMany)
        }
    }

    private static func pings(_ count: Int, every span: Double, from start: Double = 0) -> [Event] {
        (0..<count).map { .ping(start + Double($0) * span) }
    }

    static let scenes = [
        Scene("one", pings(1, every: 0)),
        Scene("two strikes", pings(3, every: 0)),
        Scene("three strikes", pings(4, every: 0), tooMany: 4),
        Scene("three strikes at a distance that is too small", pings(100, every: 0.99), tooMany: 4),
        Scene("at the distance", pings(100, every: 1)),
        Scene("keepalive every ten seconds, no calls", pings(100, every: 10)),
        Scene(
            "keepalive every ten seconds where gRPC's five minutes are asked for", every: 300, pings(9, every: 10),
            tooMany: 4),
        Scene("one that keeps its distance forgives", pings(3, every: 0) + pings(3, every: 0, from: 1)),
        Scene("late and early by turns", (0..<50).flatMap { [.ping(Double(2 * $0)), .ping(Double(2 * $0) + 0.9)] }),
        Scene("one with each answer", (0..<1000).flatMap { [.answer, .ping(Double($0) / 10_000)] }),
        Scene("three with each answer", (0..<1000).flatMap { _ in [.answer] + pings(3, every: 0) }),
        Scene("four with each answer", (0..<9).flatMap { _ in [.answer] + pings(4, every: 0) }, tooMany: 4),
        Scene("an answer long ago excuses one", [.answer] + pings(4, every: 0, from: 1000), tooMany: 4),
        Scene("many answers excuse one", Array(repeating: .answer, count: 9) + pings(4, every: 0), tooMany: 4),
        Scene(
            "one each round trip while a large answer comes over a slow network",
            [.bytes(1 << 20, 0)] + pings(590, every: 0.05)),
        Scene("when it must be there", [.bytes(1 << 20, 0)] + pings(9, every: 0.1, from: 30), tooMany: 4),
        Scene("a small one is there at once", [.bytes(1000, 0)] + pings(9, every: 0), tooMany: 4),
        Scene("an answer forgives strikes", pings(3, every: 0) + [.answer] + pings(4, every: 0), tooMany: 7),
    ]

    @Test(arguments: scenes) func counts(_ scene: Scene) {
        var strikes = PingStrikes(interval: Int64(scene.interval * 1e9))
        var count = 0
        for event in scene.events {
            switch event {
            case .answer: strikes.excuse()
            case .bytes(let count, let second): strikes.excuse(count, Int64(second * 1e9) - 5_000_000_000)
            case .ping(let second):
                count += 1
                // The clock's zero is any moment.
                if strikes.take(Int64(second * 1e9) - 5_000_000_000) { continue }
                #expect(count == scene.tooMany)
                return
            }
        }
        #expect(scene.tooMany == nil)
    }

    @Test func timesAtTheEndOfTheClockDoNotTrap() {
        var strikes = PingStrikes(interval: .max)
        let taken = (0..<4).map { _ in strikes.take(.max - 1) }
        #expect(taken == [true, true, true, false])
    }
}
