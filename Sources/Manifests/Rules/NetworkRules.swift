package import Diagnostics

/// What can be wrong with a network.
package enum NetworkRules {
    package static let all: [Rule] = [badNetwork, hostBits]

    package static let badNetwork = Rule(
        "bad-network", summary: "a network that cannot be read",
        explanation: """
            A network is an address and the number of its first bits that all its addresses share: `10.0.0.0/8`,
            `2001:db8::/32`. IPv4 has up to 32 bits, IPv6 up to 128. Names are not looked up: what they stand for may change
            while the server runs.
            """,
        bad: YAMLRules.sample("template: hi", extra: "trusted_proxies: [10.0.0.0/33]\n"),
        good: YAMLRules.sample("template: hi", extra: "trusted_proxies: [10.0.0.0/8]\n"))

    package static let hostBits = Rule(
        "host-bits", .warning, summary: "a network whose address goes on after its length",
        explanation: """
            The bits after the length do not count, so `10.1.2.3/8` is `10.0.0.0/8`, sixteen million addresses. Perhaps one
            address was meant. What is written should be what holds.
            """,
        bad: YAMLRules.sample("template: hi", extra: "trusted_proxies: [10.1.2.3/8]\n"),
        good: YAMLRules.sample("template: hi", extra: "trusted_proxies: [10.0.0.0/8]\n"))
}
