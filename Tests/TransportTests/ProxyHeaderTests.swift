import CEL
import Testing

@testable import Transport

/// The PROXY protocol's own words (HAProxy's specification), byte by byte.
@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static func binary(_ command: UInt8, _ family: UInt8, _ body: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(body.count >> 8), UInt8(body.count & 255)] + body
    }

    private static let version4: [UInt8] = [203, 0, 113, 9, 192, 0, 2, 1, 0x12, 0x67, 0, 80]
    private static let version6: [UInt8] =
        [0x20, 1, 0x0d, 0xb8] + Array(repeating: 0, count: 11) + [9] + Array(repeating: 0, count: 15) + [
            1, 0x12, 0x67, 0, 80,
        ]

    private func read(_ bytes: [UInt8]) -> ProxyHeader.Outcome {
        bytes.withUnsafeBufferPointer { ProxyHeader.read($0) }
    }

    private func client(_ address: String, _ port: Int) throws -> ProxyHeader.Client {
        ProxyHeader.Client(address: try #require(IPAddress(address)), port: port)
    }

    @Test(arguments: [
        ("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n", "203.0.113.9", 4711),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255", 65535),
        ("PROXY TCP6 2001:db8::9 2001:db8::1 0 0\r\n", "2001:db8::9", 0),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535
        ),
        ("PROXY TCP6 ::ffff:203.0.113.9 ::1 1 2\r\n", "203.0.113.9", 1),
    ])
    func linesNameTheClient(_ line: String, _ address: String, _ port: Int) throws {
        let bytes = Array(line.utf8)
        #expect(read(bytes + Array("GET / HTTP/1.1\r\n".utf8)) == .whole(try client(address, port), count: bytes.count))
        for end in 0..<bytes.count { #expect(read(Array(bytes[..<end])) == .needsMore, "\(end)") }
    }

    @Test(arguments: [
        "PROXY UNKNOWN\r\n", "PROXY UNKNOWN 1 2 3 what ever\r\n",
        "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
    ])
    func unknownNamesNobody(_ line: String) {
        #expect(read(Array(line.utf8)) == .whole(nil, count: line.utf8.count))
    }

    @Test(arguments: [
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80 \r\n",
        "PROXY TCP4  203.0.113.9 192.0.2.1 4711 80\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\n",
        "PROXY TCP4 2001:db8::9 2001:db8::1 4711 80\r\n", "PROXY TCP6 203.0.113.9 192.0.2.1 4711 80\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 65536 80\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 04711 80\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 -1 80\r\n", "PROXY TCP4 203.0.113.09 192.0.2.1 1 80\r\n",
        "PROXY tcp4 203.0.113.9 192.0.2.1 4711 80\r\n", "PROXY UDP4 203.0.113.9 192.0.2.1 4711 80\r\n",
        "PROXY UNKNOWNX\r\n", "PROXY \r\n", "PROXY  \r\n", "PROXY / HTTP/1.1\r\n", "PROXY TCP4 a b c d\r\n", "PROXY \n",
    ])
    func otherLinesAreBroken(_ line: String) { #expect(read(Array(line.utf8)) == .broken(.line)) }

    @Test func aLineHasAnEnd() {
        #expect(
            read(Array(("PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n").utf8)) == .whole(nil, count: 107)
        )
        #expect(read(Array(("PROXY UNKNOWN " + String(repeating: "x", count: 93)).utf8)) == .broken(.line))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "PROXYTCP4", "proxy TCP4", "\r\nGET /", "\u{16}\u{3}\u{1}", "PRI * HTTP/2.0",
    ])
    func whatIsSomethingElseIsTold(_ text: String) { #expect(read(Array(text.utf8)) == .absent) }

    @Test func binaryNamesTheClient() throws {
        for (family, body, address) in [
            (0x11 as UInt8, Self.version4, "203.0.113.9"), (0x21, Self.version6, "2001:db8::9"),
        ] {
            let header = Self.binary(0x21, family, body)
            #expect(read(header + [71]) == .whole(try client(address, 4711), count: header.count))
            for end in 0..<header.count { #expect(read(Array(header[..<end])) == .needsMore) }
        }
    }

    @Test func extensionsArePassedOver() throws {
        // A name of the host, a padding, an empty one.
        let more: [UInt8] = [0x02, 0, 3, 97, 46, 98, 0x04, 0, 2, 0, 0, 0xEA, 0, 0]
        let header = Self.binary(0x21, 0x11, Self.version4 + more)
        #expect(read(header) == .whole(try client("203.0.113.9", 4711), count: header.count))
        for cut in 1..<3 {
            #expect(read(Self.binary(0x21, 0x11, Self.version4 + more.dropLast(cut))) == .broken(.extension_))
        }
        #expect(read(Self.binary(0x21, 0x11, Self.version4 + [0x02, 0xFF, 0xFF, 1])) == .broken(.extension_))
    }

    @Test func checksumsAreChecked() throws {
        #expect(
            Array("123456789".utf8).withUnsafeBufferPointer { ProxyHeader.checksum($0, without: 0..<0) } == 0xE306_9283)
        var header = Self.binary(0x21, 0x11, Self.version4 + [0x04, 0, 1, 7, 0x03, 0, 4, 0, 0, 0, 0])
        let hole = (header.count - 4)..<header.count
        let sum = header.withUnsafeBufferPointer { ProxyHeader.checksum($0, without: hole) }
        header.replaceSubrange(
            hole, with: [UInt8(sum >> 24), UInt8(sum >> 16 & 255), UInt8(sum >> 8 & 255), UInt8(sum & 255)])
        #expect(read(header) == .whole(try client("203.0.113.9", 4711), count: header.count))
        header[20] ^= 1
        #expect(read(header) == .broken(.checksum))
        #expect(read(Self.binary(0x21, 0x11, Self.version4 + [0x03, 0, 2, 0, 0])) == .broken(.checksum))
    }

    @Test func whoSpeaksForNobodyNamesNobody() {
        let unix = [UInt8](repeating: 65, count: 216)
        for (command, family, body) in [
            (0x20 as UInt8, 0x00 as UInt8, []), (0x20, 0x11, Self.version4), (0x20, 0xFF, [1, 2, 3]), (0x21, 0x00, []),
            (0x21, 0x31, unix), (0x21, 0x12, Self.version4), (0x21, 0x00, [0x04, 0, 0]),
        ] {
            #expect(read(Self.binary(command, family, body)) == .whole(nil, count: 16 + body.count))
        }
    }

    @Test func brokenHeadersSayWhy() {
        #expect(read(Self.binary(0x22, 0x11, Self.version4)) == .broken(.version))
        #expect(read(Self.binary(0x11, 0x11, Self.version4)) == .broken(.version))
        #expect(read(Self.binary(0x21, 0x41, Self.version4)) == .broken(.family))
        #expect(read(Self.binary(0x21, 0x11, Array(Self.version4.dropLast()))) == .broken(.truncated))
        #expect(read(Self.binary(0x21, 0x21, Self.version4)) == .broken(.truncated))
        #expect(read(Self.signature + [0x21, 0x11, 0x10, 0x00]) == .broken(.tooLong))
    }

    @Test func anythingCanCome() {
        var seed: UInt64 = 11
        func next(_ count: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % count
        }
        let good = [
            Array("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n".utf8),
            Self.binary(0x21, 0x11, Self.version4 + [3, 0, 4, 1, 2, 3, 4]),
            Self.binary(0x21, 0x21, Self.version6 + [2, 0, 1, 9]),
        ]
        for _ in 0..<20_000 {
            var bytes = good[next(3)]
            for _ in 0...next(4) { bytes[next(bytes.count)] = UInt8(next(256)) }
            bytes.removeLast(next(bytes.count))
            if case .whole(_, let count) = read(bytes) { #expect(count <= bytes.count) }
        }
    }
}
