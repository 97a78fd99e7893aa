/// One thing in which an answer is not as expected.
package struct Difference: Sendable, Equatable {
    /// Where: `status`, `header location`, `json.items[2].price`.
    package let at: String
    /// What, as the rest of a sentence: `expected 3, got 4`.
    package let message: String
    /// The lines of a text that differ, for people.
    package var lines: [String] = []
    package var expected: String?
    package var got: String?

    init(_ at: String, _ message: String) {
        self.at = at
        self.message = message
    }

    init(_ at: String, expected: String, got: String) {
        self.at = at
        message = "expected \(expected), got \(got)"
        self.expected = expected
        self.got = got
    }

    /// The same at another place.
    func moved(to place: String) -> Difference {
        var moved = Difference(place, message)
        moved.lines = lines
        moved.expected = expected
        moved.got = got
        return moved
    }

    /// Every text in it changed in the same way.
    func mapped(_ change: (String) -> String) -> Difference {
        var mapped = Difference(change(at), change(message))
        mapped.lines = lines.map(change)
        mapped.expected = expected.map(change)
        mapped.got = got.map(change)
        return mapped
    }
}
