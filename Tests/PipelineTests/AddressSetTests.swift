import CEL
import Pipeline
import Testing

@Suite struct AddressSetTests {
    private func set(_ networks: [String]) throws -> AddressSet {
        AddressSet(try networks.map { try #require(CIDR($0)) })
    }

    @Test(arguments: [
        (["10.0.0.0/8"], "10.255.255.255", true), (["10.0.0.0/8"], "11.0.0.0", false),
        (["10.0.0.0/8"], "9.255.255.255", false), (["0.0.0.0/0"], "255.255.255.255", true),
        (["0.0.0.0/0"], "::1", false), (["::/0"], "10.0.0.1", false),
        (["::/0"], "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true), (["10.0.0.0/8"], "::ffff:a00:1", true),
        (["2001:db8::/32"], "2001:db8:ffff::", true), (["2001:db8::/32"], "2001:db9::", false),
        (["192.0.2.7/32"], "192.0.2.7", true), (["192.0.2.7/32"], "192.0.2.8", false),
        (["10.0.0.0/9", "10.128.0.0/9"], "10.128.0.0", true), (["10.0.0.0/8", "10.1.0.0/16"], "10.200.0.1", true),
        (["255.255.255.255/32", "0.0.0.0/32"], "0.0.0.0", true), ([], "10.0.0.1", false),
    ])
    func containsWhatItsNetworksDo(_ networks: [String], _ address: String, _ isIn: Bool) throws {
        #expect(try set(networks).contains(try #require(IPAddress(address))) == isIn)
    }

    /// Against the networks one by one.
    @Test func agreesWithASearchOfAll() throws {
        var seed: UInt64 = 7
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed >> 33
        }
        let networks = try (0..<400).map { _ in
            let text =
                next() % 4 == 0
                ? "2001:db8:\(String(next() % 4096, radix: 16))::/\(33 + next() % 90)"
                : "10.\(next() % 256).\(next() % 256).\(next() % 256)/\(8 + next() % 25)"
            return try #require(CIDR(text)).masked
        }.filter { $0.length > 10 }
        let set = AddressSet(networks)
        for _ in 0..<5000 {
            let text =
                next() % 4 == 0
                ? "2001:db8:\(String(next() % 4096, radix: 16))::\(next() % 9)"
                : "10.\(next() % 256).\(next() % 256).\(next() % 256)"
            let address = try #require(IPAddress(text))
            let isIn = networks.contains { $0.contains(CIDR(address, address.bits)) }
            #expect(set.contains(address) == isIn, "\(text)")
        }
    }
}
