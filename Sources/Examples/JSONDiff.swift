import CEL
import Diagnostics
import JSON

/// What of a JSON value is not as expected, path by path.
struct JSONDiff {
    /// Whether objects may have no keys but those expected.
    private let isExact: Bool
    private let show: Shown
    private(set) var differences: [Difference] = []

    init(_ expected: JSONValue, _ got: JSONValue, isExact: Bool, _ show: Shown = Shown()) {
        self.isExact = isExact
        self.show = show
        compare(expected, got, "json")
    }

    private mutating func compare(_ expected: JSONValue, _ got: JSONValue, _ path: String) {
        switch (expected, got) {
        case (.object(let members), .object(let found)): compare(members, found, path)
        case (.array(let items), .array(let found)): compare(items, found, path)
        case (.string(let text), .string(let found)): compare(text, found, path)
        default:
            // Of one kind or not, numbers are compared by their value.
            if Value(expected).equals(Value(got)) { return }
            differences.append(Difference(path, expected: show.json(expected), got: show.json(got)))
        }
    }

    private mutating func compare(_ expected: String, _ got: String, _ path: String) {
        if expected.utf8.elementsEqual(got.utf8) { return }
        let (shown, found) = (show.text(expected), show.text(got))
        let isLong = [expected, got].contains { $0.utf8.contains(0x0A) || $0.utf8.count > Shown.longest - 2 }
        guard isLong || shown == found else {
            differences.append(Difference(path, expected: shown, got: found))
            return
        }
        let diff = TextDiff(show.redacted(Array(expected.utf8)), show.redacted(Array(got.utf8)))
        var difference = Difference(path, diff.summary)
        difference.lines = diff.lines
        difference.expected = show.start(of: Array(expected.utf8))
        difference.got = show.start(of: Array(got.utf8))
        differences.append(difference)
    }

    private mutating func compare(_ expected: [JSONValue], _ got: [JSONValue], _ path: String) {
        for (index, (item, found)) in zip(expected, got).enumerated() { compare(item, found, "\(path)[\(index)]") }
        if expected.count == got.count { return }
        differences.append(
            Difference(path, expected: Self.items(expected.count), got: Self.items(got.count)))
        // A few are shown; of many the count says enough.
        for (index, item) in expected.enumerated().dropFirst(got.count).prefix(3) {
            differences.append(missing("\(path)[\(index)]", item))
        }
        for (index, item) in got.enumerated().dropFirst(expected.count).prefix(3) {
            differences.append(unexpected("\(path)[\(index)]", item))
        }
    }

    private static func items(_ count: Int) -> String { "\(count) item\(count == 1 ? "" : "s")" }

    private mutating func compare(
        _ expected: [(key: String, value: JSONValue)], _ got: [(key: String, value: JSONValue)], _ path: String
    ) {
        func find(_ key: String, in members: [(key: String, value: JSONValue)]) -> JSONValue? {
            members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
        }
        for (key, value) in expected {
            if let found = find(key, in: got) {
                compare(value, found, self.path(path, key))
            } else {
                // What is there under a name that was not asked for may be what is meant.
                let others = got.prefix(200).map(\.key).filter { find($0, in: expected) == nil }
                differences.append(
                    missing(self.path(path, key), value, nearest: Suggest.nearest(key, among: others)))
            }
        }
        guard isExact else { return }
        for (key, value) in got where find(key, in: expected) == nil {
            differences.append(unexpected(self.path(path, key), value))
        }
    }

    private func missing(_ path: String, _ value: JSONValue, nearest: String? = nil) -> Difference {
        let hint = nearest.map { "; there is \(show.text($0))" } ?? ""
        var difference = Difference(path, "missing, expected \(show.json(value))\(hint)")
        difference.expected = show.json(value)
        return difference
    }

    private func unexpected(_ path: String, _ value: JSONValue) -> Difference {
        var difference = Difference(path, "not expected, got \(show.json(value))")
        difference.got = show.json(value)
        return difference
    }

    /// `json.items`, or `json["two words"]`.
    private func path(_ path: String, _ key: String) -> String {
        let isName =
            key.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && key.utf8.allSatisfy { byte in
                byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            }
        return isName ? "\(path).\(key)" : "\(path)[\(show.text(key))]"
    }
}
