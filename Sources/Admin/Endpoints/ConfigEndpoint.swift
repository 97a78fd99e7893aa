import Compiler
import JSON

/// `/debug/config`: the manifest in force, and where each value comes from.
package struct ConfigEndpoint: Endpoint {
    package let path = "/debug/config"
    package let about = "the configuration in force: every value with its origin, secrets left out"
    private let served: Served

    package init(_ served: Served) { self.served = served }

    package func reply(to request: AdminRequest) -> AdminReply {
        let facts = served.facts
        if request.form(.text, .json) == .json {
            return .now(
                .json(
                    .object([
                        ("version", .string(Release.version)), ("generation", .int(Int64(facts.generation))),
                        ("config", facts.manifest.config), ("origins", facts.manifest.origins),
                    ])))
        }
        return .now(
            .made { out in
                out.append("# radicled \(Release.version), generation \(facts.generation)\n")
                facts.manifest.yaml(into: &out)
            })
    }
}
