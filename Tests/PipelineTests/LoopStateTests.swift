import Glibc
import JSON
import Pipeline
import Testing

@Suite struct LoopStateTests {
    @Test func keepsExchangesAtTheirAddressAndCounts() {
        let bench = RequestExchange()
        let loop = bench.loop
        let first = loop.state.pointee.take(loop)
        let second = loop.state.pointee.take(loop)
        #expect(first != second)
        #expect(loop.state.pointee.active == 3)
        loop.state.pointee.give(first)
        #expect(loop.state.pointee.active == 2)
        #expect(loop.state.pointee.take(loop) == first, "one at rest is used again")
        loop.state.pointee.give(first)
        loop.state.pointee.give(second)
        #expect(loop.state.pointee.active == 1)
    }

    @Test func givesBackABurst() {
        let bench = RequestExchange()
        let loop = bench.loop
        let many = (0..<600).map { _ in loop.state.pointee.take(loop) }
        #expect(Set(many).count == 600)
        for exchange in many { loop.state.pointee.give(exchange) }
        #expect(loop.state.pointee.active == 1)
    }

    @Test func givesNothingOfOneCallToTheNext() throws {
        let bench = RequestExchange()
        let loop = bench.loop
        var exchange = loop.state.pointee.take(loop)
        let file = open("/dev/null", O_RDONLY)
        try #require(file >= 0)
        exchange.pointee.head.bytes.append("secret")
        exchange.pointee.head.version = .http10
        exchange.pointee.head.keepAlive = false
        exchange.pointee.head.expectsContinue = true
        exchange.pointee.head.framing = .chunked
        let value = Array("secret".utf8)
        let isAdded = value.withUnsafeBufferPointer { exchange.pointee.head.append(Array("host".utf8), $0) }
        #expect(isAdded)
        exchange.pointee.body.append("secret")
        exchange.pointee.arena.append("secret")
        exchange.pointee.requestID = ByteRange(start: 0, end: 6)
        exchange.pointee.response.add("a") { $0.append("b") }
        exchange.pointee.response.isSent = true
        exchange.pointee.received = 1
        exchange.pointee.sent = 1
        exchange.pointee.deadline = 1
        exchange.pointee.bodyLimit = 1
        exchange.pointee.wakeAt = 1
        exchange.pointee.fail(Failure(.internal, "", reason: .fault))
        exchange.pointee.admitted = 1
        exchange.pointee.isParked = true
        exchange.pointee.phase = 1
        exchange.pointee.position = 1
        exchange.pointee.remaining = 1
        exchange.pointee.file = file
        exchange.pointee.inputEnded = true
        exchange.pointee.held = .permit
        loop.state.pointee.give(exchange)
        #expect(fcntl(file, F_GETFD) == -1, "its file is closed")
        let before = exchange
        exchange = loop.state.pointee.take(loop)
        try #require(exchange == before)
        let isClean1 =
            exchange.pointee.head.bytes.count == 0 && exchange.pointee.head.fieldCount == 0
        #expect(isClean1)
        let isClean2 =
            exchange.pointee.head.value(of: .host) == nil
        #expect(isClean2)
        let isClean3 =
            exchange.pointee.head.keepAlive && !exchange.pointee.head.isHTTP10
        #expect(isClean3)
        let isClean4 =
            !exchange.pointee.head.expectsContinue && exchange.pointee.head.framing == .none
        #expect(isClean4)
        let isClean5 =
            exchange.pointee.body.count == 0 && exchange.pointee.arena.count == 0
        #expect(isClean5)
        let isClean6 =
            exchange.pointee.requestID.isNone && exchange.pointee.requestIDBytes.isEmpty
        #expect(isClean6)
        let isClean7 =
            exchange.pointee.response.fieldCount == 0 && !exchange.pointee.response.isSent
        #expect(isClean7)
        let isClean8 =
            exchange.pointee.received == 0 && exchange.pointee.sent == 0
        #expect(isClean8)
        let isClean9 =
            exchange.pointee.deadline == .max && exchange.pointee.bodyLimit == .max
        #expect(isClean9)
        let isClean10 =
            exchange.pointee.wakeAt == .max && exchange.pointee.failure == nil
        #expect(isClean10)
        let isClean11 =
            exchange.pointee.reason == .none && exchange.pointee.admitted == 0 && !exchange.pointee.isParked
        #expect(isClean11)
        let isClean12 =
            exchange.pointee.phase == 0 && exchange.pointee.position == 0 && exchange.pointee.remaining == 0
        #expect(isClean12)
        let isClean13 =
            exchange.pointee.file == -1 && !exchange.pointee.inputEnded && exchange.pointee.held == []
        #expect(isClean13)
        let isClean14 =
            exchange.pointee.parker == nil
        #expect(isClean14)
        loop.state.pointee.give(exchange)
    }

    @Test func drawsRandomWords() {
        var pool = RandomPool()
        var seen = Set<UInt64>()
        for _ in 0..<1000 { seen.insert(pool.word()) }
        #expect(seen.count == 1000)
        #expect(seen.reduce(0, |) == .max, "each bit is set somewhere")
        #expect(seen.reduce(.max, &) == 0, "and none everywhere")
    }

    @Test func drawsTheSameFromASeed() {
        func words(_ seed: UInt64) -> [UInt64] {
            var pool = RandomPool(seed: seed)
            return (0..<600).map { _ in pool.word() }
        }
        #expect(words(1) == words(1))
        #expect(words(1) != words(2))
        #expect(Set(words(1)).count == 600, "it goes on behind the first page")
    }
}
