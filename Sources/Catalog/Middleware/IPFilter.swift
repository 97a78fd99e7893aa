import CEL
package import Diagnostics
package import Manifests
package import Pipeline

/// `ip_filter`: whose addresses may call.
package struct IPFilter: PolicySection {
    package var allow: OneOrMore<Placed<Network>>?
    package var deny = OneOrMore<Placed<Network>>()
    package var controls = PolicyControls()

    package init() {}

    package static let key = "ip_filter"
    package static let doc = """
        Lets calls in by the client's address, `client.address`; who may not is answered 403. `deny` goes before `allow`. \
        Behind a proxy `trusted_proxies` must say so, or the address is the proxy's.
        """
    package static let fields: [Field<IPFilter>] =
        [
            Field(
                "allow", \.allow, doc: "Only these may call; everybody without it.",
                example: "[10.0.0.0/8, \"2001:db8::/32\"]"),
            Field("deny", \.deny, doc: "These may not, whatever `allow` says.", example: "[192.0.2.0/24]"),
        ] + policyFields

    package func lint(_ node: Node, _ findings: inout Findings) {
        if let list = node["allow"], list.items?.isEmpty == true {
            findings.report(
                EdgeRules.ipFilter, "nobody may call: `allow` holds no network", at: list.range,
                help: "name the networks that may, or leave `allow` out")
        }
        for allowed in allow?.values ?? [] {
            guard let denied = deny.values.first(where: { $0.value.cidr.contains(allowed.value.cidr) }),
                let range = allowed.range, let other = denied.range
            else { continue }
            let isSame = denied.value.cidr == allowed.value.cidr
            findings.report(
                EdgeRules.ipFilter,
                "`\(allowed.value.cidr.text)` is allowed and denied"
                    + (isSame ? "" : ", as a part of `\(denied.value.cidr.text)`"),
                at: range, label: "this has no effect", help: "`deny` goes before `allow`: keep one of them",
                related: [Finding.Related(other, "denied here")])
        }
    }

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        if allow == nil, deny.values.isEmpty { return nil }
        return Stage(
            allowed: allow.map { AddressSet($0.values.map(\.value.cidr)) },
            denied: AddressSet(deny.values.map(\.value.cidr)))
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit]
        private let allowed: AddressSet?
        private let denied: AddressSet

        init(allowed: AddressSet?, denied: AddressSet) {
            self.allowed = allowed
            self.denied = denied
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            // Who has no address, on a Unix socket, is in no network.
            let client = exchange.client
            if client.map(denied.contains) != true, allowed == nil || client.flatMap({ allowed?.contains($0) }) == true
            {
                return .proceed
            }
            exchange.fail(Failure(.permissionDenied, "calls from this address are not let in", reason: .ipFilter))
            return .refuse
        }
    }
}
