package import Diagnostics
package import Manifests

/// `telemetry`: what the process says of itself, in its own log and in what it sends.
package struct TelemetrySection: ManifestSection {
    package enum Level: String, Choice {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical
    }

    package enum Format: String, Choice {
        case json
        case text
    }

    package var resource = Named<String>()
    package var level: Level?
    package var format: Format?

    package init() {}

    /// What `resource` says, by name.
    package var attributes: [String: String] {
        Dictionary(resource.entries.map { ($0.name, $0.value) }) { $1 }
    }

    package static let key = "telemetry"
    package static let doc =
        "What the process says of itself: its own log, and the attributes that its spans and metrics carry."
    package static let fields: [Field<TelemetrySection>] = [
        Field(
            "resource", \.resource,
            doc: """
                Attributes of this process by OpenTelemetry's names, over those of `OTEL_RESOURCE_ATTRIBUTES`. What \
                `service.name` is, is said by `name`.
                """,
            example: "{ deployment.environment.name: production }"),
        Field(
            "log_level", \.level,
            doc: """
                How much the program's own log tells; `info` without it. `--log-level` goes before it, and \
                `/debug/log_level` changes it while the server runs.
                """,
            example: "warning"),
        Field(
            "log_format", \.format,
            doc: "The form of the program's own log; without it `text` on a terminal and `json` elsewhere.",
            example: "json"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        for entry in resource.entries {
            if entry.name.utf8.elementsEqual("service.name".utf8) {
                findings.report(
                    CatalogRules.unusedKey, "`service.name` is what `name` says", at: entry.key.whole,
                    label: "not used", help: "write it as `name` at the top of the manifest")
            } else if entry.name.isEmpty {
                findings.report(
                    CatalogRules.unusedKey, "an attribute without a name is dropped", at: entry.key.whole,
                    label: "not used", help: "name it as `deployment.environment.name`")
            }
        }
    }
}
