import CEL
import Catalog
package import Diagnostics
import Manifests
import Pipeline

/// Every rule that lint knows, by module.
package enum Rules {
    package static let all: [Rule] =
        ManifestRules.all + [ManifestRules.badRate] + NetworkRules.all + DataRules.all + CatalogRules.all
        + ServiceRules.all + EdgeRules.all + TLSRules.all + RouteRules.all + ExpressionRules.all + ProductionRules.all
}
