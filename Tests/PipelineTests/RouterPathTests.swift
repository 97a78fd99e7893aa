import Pipeline
import Testing

/// The path is read eight bytes at a time, and the first 64 differently from the rest: every length is tried.
@Suite struct RouterPathTests {
    private static func text(_ count: Int, _ byte: Character = "x") -> String { String(repeating: byte, count: count) }

    @Test func segmentsOfEveryLength() throws {
        let patterns = try ["/{a}/{b}", "/{a}/{b}/{$}", "/{a}/{b}/{c}/"].map(route)
        let router = Router(patterns)
        for first in 1...80 {
            for second in 1...20 {
                let path = "/" + Self.text(first) + "/" + Self.text(second, "y")
                let values = "a=\(Self.text(first)) b=\(Self.text(second, "y"))"
                #expect(router.answer("GET", "", Array(path.utf8), patterns) == "/{a}/{b} ; " + values)
                #expect(router.answer("GET", "", Array((path + "/").utf8), patterns) == "/{a}/{b}/{$} ; " + values)
                #expect(
                    router.answer("GET", "", Array((path + "/z/").utf8), patterns) == "/{a}/{b}/{c}/ ; \(values) c=z")
                #expect(router.answer("GET", "", Array((path + "/z").utf8), patterns) == "308 \(path)/z/")
            }
        }
    }

    @Test func literalsOfEveryLength() throws {
        let patterns = try (1...70).map { try route("/" + Self.text($0) + "/end") }
        let router = Router(patterns)
        for count in 1...70 {
            let path = "/" + Self.text(count) + "/end"
            #expect(router.answer("GET", "", Array(path.utf8), patterns) == path)
            // One byte different, at each place.
            for place in 1...count {
                var other = Array(path.utf8)
                other[place] = UInt8(ascii: "y")
                #expect(router.answer("GET", "", other, patterns) == "404")
            }
        }
    }

    @Test func oddPartsAtEveryPlace() throws {
        let patterns = [try route("/{r...}")]
        let router = Router(patterns)
        for before in 0..<80 {
            for after in [0, 1, 3, 6, 7, 8, 9, 15, 40] {
                let (head, tail) = ("/" + Self.text(before), Self.text(after))
                let empty = router.answer("GET", "", Array((head + "x//" + tail).utf8), patterns)
                #expect(empty == "308 \(head)x/\(tail)")
                let dot = router.answer("GET", "", Array((head + "x/./" + tail).utf8), patterns)
                #expect(dot == "308 \(head)x/\(tail)")
                let two = router.answer("GET", "", Array((head + "/x/../y" + tail).utf8), patterns)
                #expect(two.hasPrefix("308 /"))
                let escape = router.answer("GET", "", Array((head + "%41" + tail).utf8), patterns)
                #expect(escape == "/{r...} ; r=\(Self.text(before))A\(tail)")
                let broken = router.answer("GET", "", Array((head + "%4" + tail).utf8), patterns)
                #expect(broken == "400")
                // Dots that are no segment of their own.
                let plain = router.answer("GET", "", Array((head + "x.y..z/.w" + tail).utf8), patterns)
                #expect(plain == "/{r...} ; r=\(Self.text(before))x.y..z/.w\(tail)")
            }
        }
    }
}
