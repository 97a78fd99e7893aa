import CEL
package import Catalog
package import Diagnostics
package import Manifests
import Pipeline

/// What a manifest is made of: files, those that they include, what later files and `--set` change, and what stands
/// for `${…}`. All is read once; what a run is checked against is what it then serves.
package struct Loading: Sendable {
    /// Nil where there is nothing to go on with.
    let node: Node?
    /// What the server calls itself if no file says it: what `OTEL_SERVICE_NAME` says, or the first file's name without
    /// directory and ending.
    let name: String
    /// Where data files are found.
    let surroundings: Surroundings
    let redaction: Redaction

    /// - Parameters:
    ///   - sources: at least one; each lies over those before it, key by key.
    ///   - overrides: `KEY=VALUE`, which lie over all files.
    package init(
        _ sources: [Source], overrides: [String] = [], in surroundings: Surroundings, _ findings: inout Findings
    ) {
        var redaction = Redaction()
        var layers: [Node?] = []
        for source in sources {
            var include = Include(in: surroundings)
            layers.append(include.read(source, &findings))
            redaction.add(include.redaction)
        }
        // Without the first file nearly all would seem to be missing.
        var whole = layers.first ?? nil
        for layer in layers.dropFirst() { whole = whole.map { layer?.laid(over: $0, depth: .max) ?? $0 } }
        for text in overrides {
            let layer = SetOverride.read(text, in: surroundings, &redaction, &findings)
            whole = whole.map { layer?.laid(over: $0, depth: .max) ?? $0 }
        }
        node = whole
        let named = surroundings.variable("OTEL_SERVICE_NAME").flatMap { String(validating: $0, as: UTF8.self) } ?? ""
        name = named.isEmpty ? Self.stem(sources.first?.name ?? "") : named
        self.redaction = redaction
        self.surroundings = surroundings
        redaction.apply(to: &findings)
    }

    /// The settings as far as they can be read.
    package func manifest(_ findings: inout Findings) -> ManifestRoot? {
        let root = node.flatMap { node in
            KeyPlaces.$known.withValue(KeyPlaces(ManifestRoot.schema, apart: [ExampleSection.key, CORS.key])) {
                ManifestRoot.decode(node, &findings)
            }
        }
        redact(&findings)
        return root
    }

    /// Takes what came from outside out of what is said.
    func redact(_ findings: inout Findings) {
        redaction.apply(to: &findings, quotedBy: [RouteRules.routeConflict.id])
    }

    private static func stem(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        for ending in [".yaml", ".yml"] where file.hasSuffix(ending) && file.utf8.count > ending.utf8.count {
            return String(file.dropLast(ending.count))
        }
        return file
    }
}
