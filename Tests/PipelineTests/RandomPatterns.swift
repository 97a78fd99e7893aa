import Diagnostics
import Pipeline
import Testing

/// A pattern that must be readable.
func route(_ text: String) throws -> RoutePattern {
    var findings = Findings()
    let pattern = RoutePattern.parse(
        PlacedText(verbatim: Array(text.utf8), in: Source(name: "test", text: text)), &findings)
    return try #require(pattern, "\(text): \(findings.ordered().map(\.message))")
}

/// Patterns and paths over a few words, so that they meet often.
struct RandomPatterns: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// xorshift64 (Marsaglia 2003): the same on every machine.
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() >> 33) % elements.count]
    }

    static let words = ["a", "b", "a:v", ":v", "a/b", "é", "longer-than-eight"]

    mutating func pattern() -> RoutePattern {
        let text = patternText()
        do {
            return try route(text)
        } catch {
            fatalError("not a pattern: \(text)")
        }
    }

    mutating func patternText() -> String {
        var text = pick(["", "", "GET ", "GET ", "HEAD ", "POST "])
        text += pick(["", "", "", "", "h.com", "x.h.com", "*.h.com", "*.com"])
        for place in 0..<pick([0, 1, 1, 2, 2, 3]) {
            text += "/" + pick(["{w\(place)}", "{w\(place)}", pick(Self.words).replacing("/", with: "%2F")])
        }
        text += pick(["", "", "/", "/{r...}", "/{$}", "/{z}:v", "/{z}:w", "/{z...}:v", "/{z...}:w", "/a"])
        return text.contains("/") ? text : text + "/"
    }

    mutating func path() -> String {
        var path = ""
        for _ in 0..<pick([1, 1, 2, 2, 3, 4]) {
            path +=
                "/"
                + pick(["a", "b", "c", "a:v", "c:v", "c:w", ":v", "%61", "a%2Fb", "c%3Av", "é", "longer-than-eight"])
        }
        return path + pick(["", "", "/"])
    }
}
