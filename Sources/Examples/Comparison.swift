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
        for assertion in assertions { check(assertion, &seen) }
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

    // MARK: Assertions

    private mutating func check(_ assertion: Program, _ seen: inout ExampleReply) {
        let text = HumanRenderer.safe(assertion.text.replacing("\n", with: " "))
        switch seen.evaluate(assertion) {
        case .bool(true): return
        case .error(let error): differences.append(Difference("assert", "\(text): \(error.message)"))
        default:
            let parts = AssertionParts.of(assertion.text).map { part in
                "\(part.text) is \(written(seen.evaluate(part)))"
            }
            differences.append(
                Difference("assert", "\(text) is false" + (parts.isEmpty ? "" : "; " + parts.joined(separator: ", "))))
        }
    }

    private func written(_ value: Value) -> String {
        if case .error(let error) = value { return "an error (\(error.message))" }
        var out = ByteWriter(capacity: 256)
        guard case .written = value.writeJSON(&out) else { return "absent" }
        return shown.line(String(decoding: out.bytes, as: UTF8.self))
    }
}

/// The parts of an assertion that read the answer, so that their values can be shown: `response.body.total`.
enum AssertionParts {
    static func of(_ text: String) -> [Program] {
        let bytes = Array(text.utf8)
        var parts: [String] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"") {
                at = end(ofString: at, in: bytes)
            } else if bytes[at...].starts(with: "response".utf8), at == 0 || !isNameByte(bytes[at - 1]) {
                let end = end(ofPath: at + 8, in: bytes)
                let part = String(decoding: bytes[at..<end], as: UTF8.self)
                if end > at + 8, !parts.contains(part) { parts.append(part) }
                at = max(end, at + 8)
            } else {
                at += 1
            }
        }
        return parts.filter { !$0.utf8.elementsEqual(text.utf8) }.compactMap(program)
    }

    private static func program(_ part: String) -> Program? {
        let text = PlacedText(verbatim: Array(part.utf8), in: Source(name: "assert", text: part))
        var findings = Findings()
        return Expression.parse(text, &findings)?.check(ExampleReply.environment, &findings)
    }

    /// Behind `.name`, `.?name` and `["x"]`, but not behind the name of a function that is called.
    private static func end(ofPath start: Int, in bytes: [UInt8]) -> Int {
        var end = start
        while end < bytes.count {
            var at = end
            if bytes[at] == UInt8(ascii: ".") {
                at += 1
                if at < bytes.count, bytes[at] == UInt8(ascii: "?") { at += 1 }
                let name = bytes[at...].prefix(while: isNameByte)
                guard !name.isEmpty, name.endIndex >= bytes.count || bytes[name.endIndex] != UInt8(ascii: "(") else {
                    return end
                }
                end = name.endIndex
            } else if bytes[at] == UInt8(ascii: "[") {
                at += 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "]") {
                    let isQuote = bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"")
                    at = isQuote ? self.end(ofString: at, in: bytes) : at + 1
                }
                guard at < bytes.count else { return end }
                end = at + 1
            } else {
                return end
            }
        }
        return end
    }

    private static func end(ofString start: Int, in bytes: [UInt8]) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != bytes[start] { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(bytes.count, at + 1)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
