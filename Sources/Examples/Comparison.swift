import CEL
import Catalog
import Diagnostics
import JSON
import Manifests

/// What an example expects beside what came.
struct Comparison {
    private let expected: ExampleResponse
    private let reply: Reply
    private let shown: Shown
    private(set) var differences: [Difference] = []

    /// More than this nobody reads.
    private static let limit = 20

    /// - Parameter assertions: the expected response's, checked.
    init(
        _ expected: ExampleResponse, assertions: [Program], _ reply: Reply, _ seen: inout ExampleReply, _ shown: Shown
    ) {
        self.expected = expected
        self.reply = reply
        self.shown = shown
        if let status = expected.status, status != reply.status {
            var difference = Difference("status", expected: "\(status)", got: "\(reply.status)\(reason)")
            difference.got = "\(reply.status)"
            differences.append(difference)
            // Of a failure nothing else is as expected, and its reason says more than that.
            if reply.status >= 400 { return }
        }
        let before = differences.count
        compareHeaders(seen)
        compareBody()
        differences += assertions.compactMap { Difference($0, &seen, shown) }
        if expected.status == nil, reply.status >= 400, differences.count > before {
            differences.insert(Difference("answer", "\(reply.status)\(reason)"), at: before)
        }
        if differences.count > Self.limit {
            let more = differences.count - Self.limit
            differences =
                differences.prefix(Self.limit) + [
                    Difference("more", "\(more) further difference\(more == 1 ? "" : "s")")
                ]
        }
    }

    /// Why it is no success, as the body has it: a problem's detail, or its beginning.
    private var reason: String {
        if reply.status < 300 || reply.body.isEmpty { return "" }
        if case .success(let json) = JSONReader.read(reply.body) {
            if case .string(let detail)? = json["detail"] ?? json["title"] { return ": " + HumanRenderer.safe(detail) }
            return ": " + shown.json(json)
        }
        return ": " + shown.bytes(reply.body)
    }

    // MARK: Headers

    private mutating func compareHeaders(_ seen: ExampleReply) {
        for entry in expected.headers.entries {
            let name = entry.name.lowercased()
            let found = seen.values(of: name)
            let wanted = entry.value.values
            if found.count == wanted.count, zip(found, wanted).allSatisfy({ $0.utf8.elementsEqual($1.utf8) }) {
                continue
            }
            differences.append(
                Difference("header \(name)", expected: list(wanted), got: list(found)))
        }
    }

    private func list(_ values: [String]) -> String {
        if values.isEmpty { return "none" }
        if let only = values.first, values.count == 1 { return shown.text(only) }
        return "[" + values.map { shown.text($0) }.joined(separator: ", ") + "]"
    }

    // MARK: Body

    private mutating func compareBody() {
        if let json = expected.json {
            switch JSONReader.read(reply.body) {
            case .success(let value):
                differences += JSONDiff(json.json, value, isExact: expected.exact, shown).differences
            case .failure(let error):
                let what = reply.body.isEmpty ? "the body is empty" : "the body is not JSON (\(error.message))"
                var difference = Difference("json", "\(what): got \(shown.bytes(reply.body))")
                difference.got = shown.bytes(reply.body)
                differences.append(difference)
            }
        }
        if let text = expected.text, !reply.body.elementsEqual(text.utf8) {
            let diff = TextDiff(shown.redacted(Array(text.utf8)), shown.redacted(reply.body))
            var difference = Difference("text", diff.summary)
            difference.lines = diff.lines
            difference.expected = shown.start(of: Array(text.utf8))
            difference.got = shown.start(of: reply.body)
            differences.append(difference)
        }
        if let bytes = expected.base64?.bytes, reply.body != bytes {
            let first = zip(bytes, reply.body).prefix { $0 == $1 }.count
            var difference = Difference(
                "body", "differs from byte \(first) on: expected \(bytes.count) bytes, got \(reply.body.count)")
            difference.expected = shown.bytes(bytes)
            difference.got = shown.bytes(reply.body)
            differences.append(difference)
        }
    }
}
