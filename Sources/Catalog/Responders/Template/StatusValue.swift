import CEL
package import Diagnostics
package import Manifests
import Pipeline

/// A status, as a number or as the one hole of a template.
package struct StatusValue: ManifestValue {
    private enum Kind: Sendable {
        case fixed(Int)
        case template(Template)
    }

    private let kind: Kind

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "status", doc: "A number from 200 to 599, or one hole and nothing else: `{{ int(query.status) }}`.",
                examples: ["201", "{{ int(query.status) }}"]),
            .anyOf([.integer(minimum: 200, maximum: 599), .string(pattern: "^\\{\\{")]))
    }

    /// Nil if it is known only when it is called.
    package var number: Int? { if case .fixed(let status) = kind { status } else { nil } }

    package static func decode(_ node: Node, _ findings: inout Findings) -> StatusValue? {
        guard let scalar = node.scalar else {
            let only = node.items.flatMap { $0.count == 1 ? $0.first?.scalar?.text.string : nil }
            let meant = only.flatMap { Int($0) }.flatMap { (200...599).contains($0) ? String($0) : nil }
            findings.wrongType(
                node, expected: "a status such as `200`", help: meant.map { "write `\($0)`" }, suggestion: meant)
            return nil
        }
        if scalar.text.bytes.starts(with: "{{".utf8) {
            guard let template = Template.parse(scalar.text, &findings) else { return nil }
            guard template.single != nil else {
                findings.report(
                    CatalogRules.badStatus, "a status is a number, or one `{{ }}` and nothing else", at: node.range,
                    help: "leave out what stands around the `{{ }}`")
                return nil
            }
            return StatusValue(kind: .template(template))
        }
        let digits = scalar.text.bytes.count <= 4 ? Int(scalar.text.string) : nil
        guard let status = digits, (200...599).contains(status), scalar.value != .string else {
            let range = "use 200 to 599"
            let isQuoted = scalar.value == .string && digits.map { (200...599).contains($0) } == true
            let help =
                isQuoted
                ? "write it without quotes: `\(scalar.text.string)`"
                : digits.map { $0 < 200 } == true
                    ? "what is below 200 the server sends itself"
                    : digits == nil ? "statuses are numbers, as in `status: 404`" : range
            findings.report(
                CatalogRules.badStatus, "`\(scalar.shortText)` is not a status", at: node.range,
                label: help == range ? nil : "expected a number from 200 to 599", help: help,
                suggestion: isQuoted ? scalar.text.string : nil)
            return nil
        }
        return StatusValue(kind: .fixed(status))
    }

    package func written() -> Node {
        switch kind {
        case .fixed(let status): Node(plain: String(status))
        case .template(let template): template.written()
        }
    }

    func compiled(_ scope: CompileScope, _ findings: inout Findings) -> TemplateHead.Status? {
        switch kind {
        case .fixed(let status): return .fixed(status)
        case .template(let template):
            guard let expression = template.single,
                let program = scope.check(expression, expecting: .int, &findings)
            else { return nil }
            if case .int(let status)? = program.constant, !(200...599).contains(status) {
                findings.report(
                    CatalogRules.badStatus, "`\(status)` is not a status", at: expression.text.whole,
                    help: "use 200 to 599")
                return nil
            }
            return .program(program)
        }
    }
}
