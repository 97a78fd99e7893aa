// Addresses and networks, in the style of Kubernetes' CEL library.
let networkFunctions: [Function] = [
    fromText("ip", .ip) { IPAddress($0).map { .ip($0) } ?? .inconvertible(.string($0), "an IP address") },
    fromText("cidr", .cidr) { CIDR($0).map { .cidr($0) } ?? .inconvertible(.string($0), "a CIDR") },
    fromText("isIP", .bool) { .bool(IPAddress($0) != nil) },
    fromText("isCIDR", .bool) { .bool(CIDR($0) != nil) },
    fromText("ip.isCanonical", .bool) { text in
        IPAddress(text).map { .bool(sameBytes($0.text, text)) } ?? .inconvertible(.string(text), "an IP address")
    },
    ofAddress("family", .int) { .int($0.isVersion4 ? 4 : 6) },
    ofAddress("isUnspecified", .bool) { .bool($0.isUnspecified) },
    ofAddress("isLoopback", .bool) { .bool($0.isLoopback) },
    ofAddress("isGlobalUnicast", .bool) { .bool($0.isGlobalUnicast) },
    ofAddress("isLinkLocalMulticast", .bool) { .bool($0.isLinkLocalMulticast) },
    ofAddress("isLinkLocalUnicast", .bool) { .bool($0.isLinkLocalUnicast) },
    ofNetwork("ip", .ip) { .ip($0.address) },
    ofNetwork("masked", .cidr) { .cidr($0.masked) },
    ofNetwork("prefixLength", .int) { .int(Int64($0.length)) },
    Function(
        "containsIP", .method,
        [.ip, .string].map { type in
            Overload(
                [.cidr, type], .bool,
                .two { network, other, _ in
                    guard case .cidr(let network) = network else { return network }
                    switch other {
                    case .ip(let address): return .bool(network.contains(address))
                    case .string(let text):
                        return IPAddress(text).map { .bool(network.contains($0)) }
                            ?? .inconvertible(other, "an IP address")
                    default: return other
                    }
                })
        }),
    Function(
        "containsCIDR", .method,
        [.cidr, .string].map { type in
            Overload(
                [.cidr, type], .bool,
                .two { network, other, _ in
                    guard case .cidr(let network) = network else { return network }
                    switch other {
                    case .cidr(let inner): return .bool(network.contains(inner))
                    case .string(let text):
                        return CIDR(text).map { .bool(network.contains($0)) } ?? .inconvertible(other, "a CIDR")
                    default: return other
                    }
                })
        }),
]

private func fromText(
    _ name: String, _ result: ValueType, _ body: @escaping @Sendable (String) -> Value
) -> Function {
    Function(
        name, .function,
        [
            Overload(
                [.string], result,
                .one { value, _ in
                    // No address is long: the text is looked at only as far as one could go.
                    guard case .string(let text) = value else { return value }
                    return body(text)
                })
        ])
}

private func ofAddress(
    _ name: String, _ result: ValueType, _ body: @escaping @Sendable (IPAddress) -> Value
) -> Function {
    Function(
        name, .method,
        [
            Overload(
                [.ip], result,
                .one { value, _ in
                    guard case .ip(let address) = value else { return value }
                    return body(address)
                })
        ])
}

private func ofNetwork(_ name: String, _ result: ValueType, _ body: @escaping @Sendable (CIDR) -> Value) -> Function {
    Function(
        name, .method,
        [
            Overload(
                [.cidr], result,
                .one { value, _ in
                    guard case .cidr(let network) = value else { return value }
                    return body(network)
                })
        ])
}
