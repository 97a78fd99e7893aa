import CEL
package import Diagnostics
import JSON
package import Manifests
package import Pipeline

/// `errors`: answers of one's own for what the server and its middleware refuse, by status, class or `default`.
package struct ErrorPages: ManifestValue {
    package var pages = Named<TemplateSection>()
    /// What was written, for laying scopes over each other.
    package var node: Node?

    package init() {}

    package static let doc = """
        Bodies of one's own for failures that the server or a middleware makes, by status (`404`), class (`5xx`) or \
        `default`. A template here sees `error.code`, `error.message` and `error.status`; the status stays unless it \
        says another one.
        """
    package static var takesNull: Bool { true }
    package static var schema: Schema { .map(TemplateSection.schema) }

    package static func decode(_ node: Node, _ findings: inout Findings) -> ErrorPages? {
        guard let pages = Named<TemplateSection>.decode(node, &findings) else { return nil }
        for page in pages.entries where Key(page.name) == nil {
            findings.report(
                CatalogRules.badStatus, "`\(page.name)` is not the status of an error", at: page.key.whole,
                label: "expected a status such as `404`, `4xx`, `5xx` or `default`")
        }
        var made = ErrorPages()
        made.pages = pages
        made.node = node
        return made
    }

    package func written() -> Node { pages.written() }

    /// These over those of a wider scope.
    package func laid(over wider: ErrorPages) -> ErrorPages {
        var made = wider
        made.pages.entries.removeAll { entry in pages[entry.name] != nil }
        made.pages.entries += pages.entries
        return made
    }

    /// What a status is looked up by.
    private enum Key {
        case status(Int)
        case family(Int)
        case any

        init?(_ text: String) {
            let bytes = Array(text.utf8)
            if bytes.elementsEqual("default".utf8) {
                self = .any
            } else if bytes.count == 3, bytes[1...].elementsEqual("xx".utf8), bytes[0] == 0x34 || bytes[0] == 0x35 {
                self = .family(Int(bytes[0] - 0x30))
            } else if bytes.count == 3, let status = Int(text), (400...599).contains(status) {
                self = .status(status)
            } else {
                return nil
            }
        }
    }

    /// The pages for one route, or nil if there are none.
    package func renderer(_ scope: CompileScope, _ findings: inout Findings) -> (any FailureRenderer)? {
        var exact: [Int: any Responder] = [:]
        var families: [Int: any Responder] = [:]
        var fallback: (any Responder)?
        for page in pages.entries {
            guard let key = Key(page.name),
                let responder = page.value.responder(scope.forErrors, keepsStatus: true, &findings)
            else { continue }
            switch key {
            case .status(let status): exact[status] = responder
            case .family(let family): families[family] = responder
            case .any: fallback = responder
            }
        }
        guard !pages.isEmpty else { return nil }
        return Renderer(exact: exact, families: families, fallback: fallback)
    }

    private final class Renderer: FailureRenderer {
        private let exact: [Int: any Responder]
        private let families: [Int: any Responder]
        private let fallback: (any Responder)?

        init(exact: [Int: any Responder], families: [Int: any Responder], fallback: (any Responder)?) {
            self.exact = exact
            self.families = families
            self.fallback = fallback
        }

        func render(_ exchange: inout Exchange, status: Int) -> Bool {
            guard let page = exact[status] ?? families[status / 100] ?? fallback else { return false }
            exchange.response.status = status
            // A page that fails itself must not hide the failure that it is for.
            return page.start(&exchange) == .done
        }
    }
}
