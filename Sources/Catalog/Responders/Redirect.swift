package import CEL
package import Diagnostics
import JSON
package import Manifests
package import Pipeline

/// `redirect`: sends the client elsewhere.
package struct Redirect: ManifestSection, ResponderSection {
    package enum Query: String, Choice {
        case keep
        case drop
    }

    package var to: Template?
    package var status = 308
    package var query = Query.keep

    package init() {}

    package static let key = "redirect"
    package static let doc = "Sends the client to another URL. What holes in the URL give is percent-encoded."
    package static let short: String? = "to"
    package static let fields: [Field<Redirect>] = [
        Field(
            "to", \.to, doc: "Where to: a path or a whole URL, with holes.", example: "/new",
            required: true),
        Field(
            "status", \.status,
            doc: "308 and 307 keep the method, 301 and 302 do so by some clients, 303 becomes GET.",
            example: "308", schema: .integers([301, 302, 303, 307, 308]),
            check: { value, node, findings in
                if [301, 302, 303, 307, 308].contains(value) { return true }
                findings.report(
                    CatalogRules.badStatus, "\(value) is not a redirect's status", at: node.range,
                    label: "expected 301, 302, 303, 307 or 308",
                    help: "write 308 for a permanent move, 307 for a temporary one",
                    suggestion: "308")
                return false
            }),
        Field(
            "query", \.query, doc: "Whether the request's query goes along.", example: "keep"),
    ]

    package static func help(forUnknown key: String) -> String? {
        key.utf8.elementsEqual("url".utf8) ? "did you mean `to`?" : nil
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        guard let to else { return }
        let range = node["to"]?.range ?? node.range
        let text = Array((node["to"] ?? node).scalar?.text.bytes ?? [])
        if text.starts(with: "//".utf8) || text.starts(with: "/\\".utf8) {
            findings.report(
                CatalogRules.badRedirect, "a target that starts with `//` leads to another host", at: range,
                help: "write one slash for a path, or the whole URL with `https:`")
        } else if let literal = to.literal, literal.isEmpty {
            findings.report(
                CatalogRules.badRedirect, "a redirect needs a target", at: range, help: "write a path or a whole URL")
        } else if let at = text.firstIndex(where: { $0 < 0x20 || $0 == 0x7F }) {
            let place = (node["to"] ?? node).scalar?.text.range(at..<at + 1) ?? range
            findings.report(
                CatalogRules.badRedirect, "a control character cannot stand in a URL", at: place,
                help: "take it out, or write its escape: %0A is a line break")
        }
    }

    package func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        guard let program = to.flatMap({ scope.check($0, .urlComponent, &findings) }) else { return nil }
        return Stage(program: program, status: status, keepsQuery: query == .keep)
    }

    private final class Stage: Responder {
        let intake = Intake.nothing
        let answersAlone = true
        private let program: TemplateProgram
        private let status: Int
        private let keepsQuery: Bool

        init(program: TemplateProgram, status: Int, keepsQuery: Bool) {
            self.program = program
            self.status = status
            self.keepsQuery = keepsQuery
        }

        func start(_ exchange: inout Exchange) -> Step {
            let state = exchange.loop.state
            state.pointee.scratch.clear()
            if let error = program.write(exchange.context, &state.pointee.scratch) {
                return exchange.failEvaluation(error, readsClient: program.readsClient)
            }
            let target = state.pointee.scratch.bytes
            // What a hole gave may have made it so: another host must not be the client's choice.
            if target.count > 1, target[0] == UInt8(ascii: "/"),
                target[1] == UInt8(ascii: "/") || target[1] == UInt8(ascii: "\\")
            {
                exchange.fail(Failure(.invalidArgument, "the redirect would lead to another host"))
                return .fail
            }
            exchange.response.status = status
            let query =
                keepsQuery ? exchange.head.slice(exchange.head.query) : UnsafeBufferPointer(start: nil, count: 0)
            exchange.response.add("location") { Self.write(target, query: query, into: &$0) }
            return .done
        }

        /// The query goes before the fragment, and behind one that is there.
        private static func write(
            _ target: UnsafeBufferPointer<UInt8>, query: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter
        ) {
            guard !query.isEmpty else { return out.append(target) }
            let end = target.firstIndex(of: UInt8(ascii: "#")) ?? target.count
            let path = UnsafeBufferPointer(rebasing: target[..<end])
            out.append(path)
            out.append(path.contains(UInt8(ascii: "?")) ? "&" : "?")
            out.append(query)
            out.append(UnsafeBufferPointer(rebasing: target[end...]))
        }
    }
}
