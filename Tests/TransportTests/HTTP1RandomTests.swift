import JSON
import Pipeline
import Testing

@testable import Transport

/// Whatever comes in whatever order: no trap, no exchange lost or ended twice, and only valid answers.
@Suite struct HTTP1RandomTests {
    /// SplitMix64, by Steele, Lea and Flood: the same events on each run.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let routes = [
        ScriptedRoute("/hello", .text("hello")), ScriptedRoute("POST /whole", .wholeBody),
        ScriptedRoute("POST /echo", .echo), ScriptedRoute("/pieces", .pieces(4)),
        ScriptedRoute("/declared", .pieces(3, declared: 30)), ScriptedRoute("/short", .pieces(3, declared: 40)),
        ScriptedRoute("/long", .pieces(3, declared: 15)), ScriptedRoute("/longer", .pieces(3, declared: 5)),
        ScriptedRoute("/fails", .pieces(2, last: .fail)), ScriptedRoute("/breaks", .pieces(2, last: .breakOff)),
        ScriptedRoute(
            "/ticks", early: [ScriptedStage.deadline(6)],
            ScriptedResponder(
                start: { exchange in
                    exchange.response.isStreaming = true
                    exchange.response.trailerNames = Array("x-a".utf8)
                    exchange.deadline = .max
                    exchange.wakeAt = exchange.started + 2 * HTTP1Peer.second
                    return .wait
                },
                resume: { exchange in
                    exchange.response.trailers.append("x-a: 1\r\n")
                    return exchange.say("tick")
                })),
        ScriptedRoute("POST /park", early: [ScriptedStage.park(3)], late: [ScriptedStage.park(5)], .echo),
        ScriptedRoute("POST /asleep", early: [ScriptedStage.deadline(9)], late: [ScriptedStage.park(nil)], .wholeBody),
        ScriptedRoute("POST /small", early: [ScriptedStage.limit(4), ScriptedStage.deadline(40)], .echo),
        ScriptedRoute("POST /refuse", late: [ScriptedStage.refuse], .wholeBody),
        ScriptedRoute("/cut", late: [ScriptedStage.cut], .text("")),
        ScriptedRoute(
            "/wait", early: [ScriptedStage.deadline(4)],
            ScriptedResponder(start: { _ in .wait }, resume: { $0.say("woken") })),
    ]
    private static let paths = [
        "/hello", "/whole", "/echo", "/pieces", "/declared", "/short", "/long", "/longer", "/fails", "/park", "/asleep",
        "/small",
        "/refuse", "/cut", "/wait", "/breaks", "/ticks", "/no", "//hello", "/%2", "*",
    ]
    private static let fields = [
        "content-length: 3\r\n", "content-length: 70000\r\n", "content-length: 300000\r\n", "content-length: 0\r\n",
        "transfer-encoding: chunked\r\n", "transfer-encoding: gzip\r\n", "connection: close\r\n",
        "connection: keep-alive\r\n", "expect: 100-continue\r\n", "host: b\r\n", "x: y\r\n", " fold\r\n",
    ]
    private static let bodies = [
        "abc", "3\r\nabc\r\n", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "\r\n", "zz\r\n", "0\r\nhost: x\r\n\r\n",
        String(repeating: "x", count: 70_000), "2\r\nab", "\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n",
    ]

    private static func input(_ dice: inout Dice) -> [UInt8] {
        var text = ""
        switch Int.random(in: 0..<10, using: &dice) {
        case 0...6:
            let method = ["GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT"].randomElement(using: &dice) ?? ""
            text =
                "\(method) \(paths.randomElement(using: &dice) ?? "") HTTP/1.\(Int.random(in: 0..<8, using: &dice) == 0 ? 0 : 1)\r\n"
            if Int.random(in: 0..<20, using: &dice) != 0 { text += "host: a\r\n" }
            while Bool.random(using: &dice) { text += fields.randomElement(using: &dice) ?? "" }
            text += "\r\n"
            if Bool.random(using: &dice) { text += bodies.randomElement(using: &dice) ?? "" }
        default: text = bodies.randomElement(using: &dice) ?? ""
        }
        var bytes = Array(text.utf8)
        switch Int.random(in: 0..<30, using: &dice) {
        case 0: bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &dice) }
        case 1: bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
        case 2: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &dice))
        default: break
        }
        return bytes
    }

    private static func event(_ peer: HTTP1Peer, _ dice: inout Dice) {
        switch Int.random(in: 0..<60, using: &dice) {
        case 0...29:
            let bytes = input(&dice)
            let cut = Int.random(in: 0...bytes.count, using: &dice)
            peer.send(Array(bytes[..<cut]))
            peer.send(Array(bytes[cut...]))
        case 30...37: peer.pass(Double.random(in: 0...4, using: &dice))
        case 38: peer.pass(Double.random(in: 0...90, using: &dice))
        case 39, 40: peer.woken()
        case 41...45: peer.room()
        case 46, 47: peer.writable(false)
        case 48...50: peer.writable(true)
        case 51: peer.progress()
        case 52: peer.givesRoom = Bool.random(using: &dice)
        case 53: peer.skip(Int64.random(in: 0...40_000_000_000, using: &dice))
        case 54: peer.look()
        case 55, 56: if peer.closing != .open { peer.flush() }
        case 57: if Int.random(in: 0..<4, using: &dice) == 0 { peer.closeInput() }
        case 58: if Int.random(in: 0..<4, using: &dice) == 0 { peer.drain() }
        default: if Int.random(in: 0..<4, using: &dice) == 0 { peer.forceClose() }
        }
    }

    @Test(arguments: 0..<8)
    func survivesAnything(_ seed: UInt64) {
        var dice = Dice(state: seed)
        var events = 0
        var statuses: [Int: Int] = [:]
        var reasons: Set<Reason> = []
        while events < 25_000 {
            var limits = ConnectionLimits()
            limits.requestsPerConnection = Int.random(in: 1...40, using: &dice)
            if Bool.random(using: &dice) { limits.connectionAge = Int64.random(in: 0...90_000_000_000, using: &dice) }
            HTTP1Peer.run(Self.routes, limits: limits) { peer in
                for _ in 0..<Int.random(in: 1...80, using: &dice) {
                    events += 1
                    Self.event(peer, &dice)
                    #expect(peer.active <= 1)
                    // A while after its end too: what comes late must do no harm.
                    if peer.closing != .open, Int.random(in: 0..<4, using: &dice) == 0 { break }
                }
                for status in peer.statuses { statuses[status, default: 0] += 1 }
                reasons.formUnion(peer.reasons)
            }
        }
        // It got everywhere.
        for status in [100, 200, 308, 400, 403, 404, 405, 408, 413, 500, 501, 504] {
            #expect(statuses[status, default: 0] > 0, "no \(status)")
        }
        for reason in [Reason.clientGone, .timeout, .bodyLimit, .slowBody, .malformed, .fault, .drained, .sendStall] {
            #expect(reasons.contains(reason), "no \(reason)")
        }
    }
}
