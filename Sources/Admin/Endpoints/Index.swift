import CEL
import Compiler
import Diagnostics
import JSON

/// `/`: what there is, for a browser as a page and for curl as a list.
package struct Index: Endpoint {
    package let path = "/{$}"
    package let about = "this page"
    private let served: Served
    private let others: [any Endpoint]

    package init(_ served: Served, of others: [any Endpoint]) {
        self.served = served
        self.others = others
    }

    package func reply(to request: AdminRequest) -> AdminReply {
        let facts = served.facts
        switch request.form(.text, .html, .json) {
        case .html: return .now(.made(contentType: "text/html; charset=utf-8") { page(facts, into: &$0) })
        case .json:
            let list = others.map { endpoint in
                JSONValue.object([
                    ("path", .string(endpoint.path)), ("methods", .array(endpoint.methods.map { .string($0) })),
                    ("about", .string(endpoint.about)),
                ])
            }
            return .now(.json(.object([("endpoints", .array(list))])))
        case .text:
            let rows = others.map { [$0.path, $0.about] }
            return .now(.text("\(title(facts))\n\n" + TextTable.text(rows)))
        }
    }

    private func title(_ facts: Served.Facts) -> String {
        "\(facts.name): radicled \(Release.version), generation \(facts.generation)"
    }

    private func page(_ facts: Served.Facts, into out: inout ByteWriter) {
        out.append(Self.start)
        out.append(
            "<title>\(HTML.escaped(facts.name)) - radicled</title>\n<main>\n<h1>\(HTML.escaped(facts.name))</h1>\n")
        out.append("<p>radicled \(Release.version), generation \(facts.generation)</p>\n<dl>\n")
        for endpoint in others {
            let path = HTML.escaped(endpoint.path)
            out.append("<dt><a href=\"\(path)\">\(path)</a></dt><dd>\(HTML.escaped(endpoint.about))</dd>\n")
        }
        out.append(
            "</dl>\n<p>Everything but the health checks and the metrics is JSON with <code>?format=json</code>.</p>\n</main>\n"
        )
    }

    /// No script, nothing from elsewhere.
    private static let start: StaticString = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>
        :root { color-scheme: light dark; }
        body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas; }
        main { max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; }
        h1 { margin: 0; font-size: 1.6rem; }
        p { color: color-mix(in srgb, CanvasText 65%, Canvas); }
        dl { margin: 2rem 0; display: grid; grid-template-columns: max-content 1fr; }
        dt, dd { margin: 0; padding: .55rem 0; border-top: 1px solid color-mix(in srgb, CanvasText 15%, Canvas); }
        dt { padding-right: 2rem; }
        dt a, code { font: 14px/1.5 ui-monospace, monospace; color: LinkText; text-decoration: none; }
        dt a:hover { text-decoration: underline; }
        @media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { border: 0; padding-top: 0; } }
        </style>

        """
}

private enum HTML {
    static func escaped(_ text: String) -> String {
        var out = ByteWriter(capacity: 64)
        _ = out.append(text, as: .html)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
