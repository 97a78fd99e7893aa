import CEL
import Catalog
package import Diagnostics
import Manifests
import Pipeline
import Protobuf

/// Every rule that lint knows, by module.
package enum Rules {
    /// Those whose samples are manifests.
    package static let manifests: [Rule] =
        ManifestRules.all + [ManifestRules.badRate] + NetworkRules.all + DataRules.all + CatalogRules.all
        + ServiceRules.all + TranscodingRules.all + MessageRules.all + EdgeRules.all + TLSRules.all + RouteRules.all
        + ExpressionRules.all
        + ProductionRules.all
    /// Those whose samples are `.proto` files.
    package static let protos: [Rule] = ProtoRules.all

    package static let all: [Rule] = manifests + protos
}
