import JSON
import Pipeline
import Testing

@testable import Transport

/// Frames by chance, most of them such as clients send: whatever comes, no exchange is lost, no byte of a window, and the
/// connection ends.
@Suite struct HTTP2RandomTests {
    private static let routes = [
        ScriptedRoute("/late", early: [ScriptedStage.park(2)], .wholeBody), ScriptedRoute("/echo", .echo),
        ScriptedRoute("/pieces", .pieces(3000)), ScriptedRoute("/deadline", early: [ScriptedStage.deadline(1)], .echo),
        ScriptedRoute("/refuse", early: [ScriptedStage.refuse], .wholeBody),
        ScriptedRoute("/limit", early: [ScriptedStage.limit(1000)], .echo),
        ScriptedRoute("/big", .text(String(repeating: "x", count: 100_000))),
        ScriptedRoute("/off", .pieces(5, last: .breakOff)),
        ScriptedRoute("/cut", late: [ScriptedStage.cut], .wholeBody),
    ]
    private static let paths = routes.map(\.pattern) + ["/hello", "/none", "hello", "*"]

    private struct Source: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            return word ^ (word >> 27)
        }
    }

    private static func frame(_ next: inout UInt32, _ random: inout Source) -> [UInt8] {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let some = UInt32(max(1, Int(next) - 2 * number(1...6))) | 1
        switch number(0...29) {
        case 0...9:
            let (id, path) = (next, paths.randomElement(using: &random) ?? "/")
            next += 2
            let method = ["GET", "POST", "HEAD"].randomElement(using: &random) ?? "GET"
            return TestFrame.headers(id, TestFrame.fields(method, path), ends: number(0...2) == 0).bytes
        case 10...16:
            return TestFrame.data(some, String(repeating: "d", count: number(1...9000)), ends: number(0...2) == 0).bytes
        case 17...19: return TestFrame.window(some, UInt32(number(1...30_000))).bytes
        case 20: return TestFrame.window(0, UInt32(number(1...60_000))).bytes
        case 21: return TestFrame.settings([(4, UInt32(number(0...80_000)))]).bytes
        case 22: return TestFrame.settings([(1, UInt32(number(0...5000)))]).bytes
        case 23, 24: return TestFrame.reset(some).bytes
        case 25: return TestFrame.ping().bytes
        case 26: return TestFrame.headers(some, [("x-trailer", "y")]).bytes
        case 27: return TestFrame.window(some, 0).bytes
        case 28: return TestFrame(kind: FrameKind.priorityUpdate, payload: [0, 0, 0, 1] + Array("u=1".utf8)).bytes
        default:
            guard number(0...9) == 0 else { return [] }
            let bytes = (0..<number(0...40)).map { _ in UInt8(number(0...255)) }
            return TestFrame(kind: UInt8(number(0...16)), flags: UInt8(number(0...255)), stream: some, payload: bytes)
                .bytes
        }
    }

    @Test(arguments: 0..<300)
    func keepsItsBooks(seed: Int) {
        var random = Source(state: UInt64(seed))
        HTTP2Peer.run(Self.routes) { peer in
            var next: UInt32 = 1
            for _ in 0..<200 where peer.closing == .open {
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...4, using: &random) { bytes += Self.frame(&next, &random) }
                let cut = Int.random(in: 0...bytes.count, using: &random)
                peer.send(Array(bytes[..<cut]))
                if Int.random(in: 0...9, using: &random) == 0 { peer.pass(Double.random(in: 0...1.5, using: &random)) }
                switch Int.random(in: 0...29, using: &random) {
                case 0: peer.writable(false)
                case 1...4: peer.writable(true)
                case 5: peer.givesRoom.toggle()
                default: break
                }
                peer.send(Array(bytes[cut...]))
                #expect(peer.connection.pointee.streams.count <= 100)
                peer.checkBooks()
            }
            peer.writable(true)
            peer.givesRoom = true
            if Bool.random(using: &random) { peer.drain() }
            peer.pass(300)
            #expect(peer.closing != .open, "\(peer.frames.suffix(5))")
            #expect(peer.active == 0)
        }
    }
}

extension HTTP2Peer {
    /// What is counted in two places is the same in both.
    func checkBooks() {
        var (waiting, untaken) = (0, 0)
        for index in 0..<connection.pointee.streams.count {
            guard let stream = connection.pointee.streams[index] else { continue }
            waiting += stream.pointee.waitingOutput
            untaken += stream.pointee.takenUntold + stream.pointee.input.count
            #expect(stream.pointee.phase != .free)
            #expect((stream.pointee.exchange == nil) == (stream.pointee.phase == .draining))
        }
        #expect(waiting == connection.pointee.waitingOutput)
        if closing == .open {
            #expect(connection.pointee.receiveWindow + connection.pointee.taken + untaken == 1024 * 1024)
        }
    }
}
