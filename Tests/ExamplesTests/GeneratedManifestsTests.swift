import Compiler
import Diagnostics
import Glibc
import JSON
import Pipeline
import Testing
import Transport

@testable import Examples

/// What lint accepts never fails at run time because of the manifest: over generated manifests and generated requests an
/// answer is never 500, and what is said to be JSON is JSON.
///
/// `SEEDS=1000 swift test --filter GeneratedManifestsTests` tries more of them.
@Suite struct GeneratedManifestsTests {
    private static let seeds = max(8, getenv("SEEDS").flatMap { Int(String(cString: $0)) } ?? 8)

    @Test(arguments: 1...seeds) func whatLintAcceptsNeverFailsByItself(_ seed: Int) throws {
        var dice = ManifestDice(seed: UInt64(seed))
        var served = 0
        var answered: Set<Int> = []
        for _ in 0..<60 {
            let text = dice.manifest()
            var findings = Findings()
            guard let plan = Compilation(Source(name: "a.yaml", text: text), &findings).plan else { continue }
            served += 1
            for _ in 0..<12 {
                let request = dice.request()
                let connection = InMemoryConnection(
                    plan: plan, limits: ConnectionLimits(),
                    client: ConnectionFacts(clientAddress: Array("192.0.2.1".utf8), clientPort: 4711, isTLS: false),
                    wall: Runner.time, seed: dice.next())
                let outcome = connection.send(Array(request.utf8), room: Runner.room, time: Runner.patience)
                #expect(outcome.ending == .answered, "\(text)\n\(request)")
                let reply = try #require(try Reply.read(outcome.bytes, method: "POST", isOver: true))
                #expect(reply.status != 500, "\(text)\n\(request)\n\(String(decoding: outcome.bytes, as: UTF8.self))")
                answered.insert(reply.status)
                let type = reply.fields.first { $0.name == "content-type" }?.value ?? ""
                if type.hasSuffix("json"), case .failure = JSONReader.read(reply.body) {
                    Issue.record("no JSON: \(text)\n\(request)\n\(String(decoding: reply.body, as: UTF8.self))")
                }
            }
        }
        // Lint refuses many of them, but a test of nothing would be none.
        #expect(served > 0)
        #expect(answered.isSuperset(of: [200, 400]), "\(answered)")
    }
}

/// Manifests and requests by chance, the same for the same seed.
private struct ManifestDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    // MARK: Manifests

    mutating func manifest() -> String {
        var lines = ["radicle: 1", "data: { shop: { name: Tea, rates: [1, 2, 3], hours: { from: 9, to: 17 } } }"]
        lines += ["services:", "  web:", "    routes:", "      /a/{id}:"]
        lines.append("        variables: { first: '\(expression(3))', second: '\(expression(2))' }")
        if pick([true, false]) {
            lines += ["        cases:", "          - when: '\(boolean(3))'", "            template: case"]
        }
        let hole = { (text: String) in "'{{ \(text) }}'" }
        lines.append("        template:")
        lines.append("          headers: { x-b: \(hole("string(\(integer(2)))")) }")
        switch pick([0, 1, 2]) {
        case 0:
            lines.append(
                "          json: { a: \(hole(expression(4))), b: [\(hole(expression(3)))], c: 'x{{ \(text(3)) }}y' }")
        case 1: lines.append("          text: 'a {{ \(text(4)) }} b {{ variables.second }}'")
        default: lines.append("          json: \(hole(expression(4)))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func expression(_ depth: Int) -> String {
        switch pick([0, 1, 2, 3, 4]) {
        case 0: text(depth)
        case 1: integer(depth)
        case 2: boolean(depth)
        case 3: list(depth)
        default: anything(depth)
        }
    }

    private mutating func text(_ depth: Int) -> String {
        let leaves = [
            "path.id", "query.a", "query.?a.orValue(\"d\")", "headers[\"x-a\"]", "request.path", "cookies.c", "\"lit\"",
            "data.shop.name", "request.method",
        ]
        guard depth > 0 else { return pick(leaves) }
        switch pick([0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        case 0: return "\(text(depth - 1)) + \(text(depth - 1))"
        case 1: return "string(\(integer(depth - 1)))"
        case 2: return "\(text(depth - 1)).substring(\(integer(0)))"
        case 3: return "(\(boolean(depth - 1)) ? \(text(depth - 1)) : \(text(depth - 1)))"
        case 4: return "\(text(depth - 1)).upperAscii()"
        case 5: return "\(text(depth - 1)).replace(\"a\", \(text(0)))"
        case 6: return "json.encode(\(anything(depth - 1)))"
        case 7: return "hex.encode(sha256(\(text(depth - 1))))"
        default: return pick(leaves)
        }
    }

    private mutating func integer(_ depth: Int) -> String {
        let leaves = ["1", "0", "9223372036854775807", "data.shop.hours.to", "request.body.size()"]
        guard depth > 0 else { return pick(leaves) }
        switch pick([0, 1, 2, 3, 4, 5, 6]) {
        case 0: return "(\(integer(depth - 1)) \(pick(["+", "-", "*", "/", "%"])) \(integer(depth - 1)))"
        case 1: return "int(\(text(depth - 1)))"
        case 2: return "size(\(text(depth - 1)))"
        case 3: return "data.shop.rates[\(integer(0))]"
        case 4: return "size(\(list(depth - 1)))"
        case 5: return "hash(\(anything(depth - 1)))"
        default: return pick(leaves)
        }
    }

    private mutating func boolean(_ depth: Int) -> String {
        guard depth > 0 else { return pick(["true", "has(query.a)", "\"c\" in cookies", "has(data.shop.hours.noon)"]) }
        switch pick([0, 1, 2, 3, 4, 5]) {
        case 0: return "\(integer(depth - 1)) \(pick(["<", "<=", "==", "!=", ">"])) \(integer(depth - 1))"
        case 1: return "\(text(depth - 1)) == \(text(depth - 1))"
        case 2: return "(\(boolean(depth - 1)) \(pick(["&&", "||"])) \(boolean(depth - 1)))"
        case 3: return "!(\(boolean(depth - 1)))"
        case 4: return "\(text(depth - 1)).matches(\"^[a-c]+\")"
        default: return "\(list(depth - 1)).exists(x, x == \(anything(0)))"
        }
    }

    private mutating func list(_ depth: Int) -> String {
        guard depth > 0 else { return pick(["[1, 2]", "query_all.a", "data.shop.rates", "body.items"]) }
        switch pick([0, 1, 2, 3, 4]) {
        case 0: return "[\(anything(depth - 1)), \(anything(depth - 1))]"
        case 1: return "\(text(depth - 1)).split(\",\")"
        case 2: return "\(list(depth - 1)).filter(x, x == \(anything(0)))"
        case 3: return "\(list(depth - 1)).map(x, [x])"
        default: return "\(list(depth - 1)) + \(list(depth - 1))"
        }
    }

    private mutating func anything(_ depth: Int) -> String {
        guard depth > 0 else {
            return pick(["body", "body.n", "body.?n", "body.items[0]", "null", "1.5", "data.shop"])
        }
        switch pick([0, 1, 2, 3, 4]) {
        case 0: return "{\"k\": \(anything(depth - 1)), \(text(0)): 1}"
        case 1: return "json.decode(\(text(depth - 1)))"
        case 2: return "\(list(depth - 1))[\(integer(depth - 1))]"
        case 3: return "merge({\"a\": \(anything(depth - 1))}, {\"b\": 1})"
        default: return expression(depth - 1)
        }
    }

    // MARK: Requests

    mutating func request() -> String {
        let bodies = [
            "", "{\"n\": 1, \"items\": [1, \"a\", null]}", "{\"n\": {\"k\": -1.5}, \"items\": {}}", "[1, 2]", "{",
            "null",
            "n=1&items=2",
        ]
        let body = pick(bodies)
        let target =
            "/a/\(pick(["1", "x", "%C3%A9", "-9223372036854775808", "a,b"]))"
            + pick([
                "", "?a=1", "?a=%ff", "?a=b,c&a=d",
                "?a={\"b\":1}".replacing("{", with: "%7B").replacing("}", with: "%7D").replacing("\"", with: "%22"),
            ])
        var head = "POST \(target) HTTP/1.1\r\nhost: a.example\r\n"
        head += pick(["", "x-a: alpha\r\n", "x-a: 7\r\n", "cookie: c=1; d=2\r\n"])
        head += pick([
            "content-type: application/json\r\n", "content-type: text/plain\r\n",
            "content-type: application/x-www-form-urlencoded\r\n", "",
        ])
        return head + "content-length: \(body.utf8.count)\r\n\r\n" + body
    }
}
