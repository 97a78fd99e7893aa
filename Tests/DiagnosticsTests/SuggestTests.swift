import Diagnostics
import Testing

@Suite struct SuggestTests {
    static let words = [
        "template", "echo", "redirect", "delay", "fault", "middleware", "cases", "timeout", "host", "prefix",
    ]

    static let nearest: [(String, String?)] = [
        ("tmeplate", "template"), ("tempalte", "template"), ("templates", "template"), ("Template", "template"),
        ("templ", "template"), ("re", nil), ("ecko", "echo"), ("eco", "echo"), ("redirct", "redirect"),
        ("dealy", "delay"),
        ("delays", "delay"),
        ("middlewares", "middleware"), ("midleware", "middleware"), ("timeuot", "timeout"), ("time_out", "timeout"),
        ("xyz", nil), ("", nil), ("hots", "host"), ("host", nil), ("workers", nil), ("perfix", "prefix"),
    ]

    @Test(arguments: nearest) func theNearestWordIsMeant(_ word: String, _ meant: String?) {
        #expect(Suggest.nearest(word, among: Self.words) == meant)
    }

    static let distances: [(String, String, Int)] = [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "ABC", 0), ("abc", "acb", 1),
        ("abc", "ab", 1),
        ("abc", "abcd", 1), ("abc", "xbc", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("é", "e", 1),
    ]

    @Test(arguments: distances) func editsAreCounted(_ a: String, _ b: String, _ distance: Int) {
        #expect(Suggest.distance(a, b) == distance)
        #expect(Suggest.distance(b, a) == distance)
    }
}
