package import Diagnostics
import Manifests
package import Pipeline
import Protobuf

extension HTTPBinding {
    /// The ways in which HTTP reaches a method: those of its `http` in the manifest, else those that its `.proto` annotates.
    ///
    /// - Parameter section: what the manifest says of the method; nil where it does not name it.
    package static func all(
        of method: RPCMethod, _ section: MethodSection?, _ findings: inout Findings
    ) -> [HTTPBinding] {
        guard let descriptor = method.codec.pool.method(named: "\(method.service).\(method.name)") else { return [] }
        switch section?.http {
        case .off?: return []
        case .on(let sections)?:
            return sections.values.compactMap { written($0, descriptor, method.codec, &findings) }
        case nil: return annotated(descriptor, method.codec, &findings)
        }
    }

    private static func written(
        _ section: MethodHTTP, _ method: MethodDescriptor, _ codec: MessageCodec, _ findings: inout Findings
    ) -> HTTPBinding? {
        guard let rule = section.rule, let pattern = section.pattern else { return nil }
        var faults: [Fault] = []
        let binding = HTTPBinding(rule, of: method, codec, at: pattern.text.whole) { faults.append($0) }
        for fault in faults {
            let range =
                switch fault.part {
                case .whole: pattern.text.whole
                case .template(let range): pattern.template.range(range)
                case .body: section.body?.range ?? pattern.text.whole
                case .responseBody: section.responseBody?.range ?? pattern.text.whole
                }
            findings.report(
                fault.part == .whole ? TranscodingRules.clientStream : TranscodingRules.badField, fault.message,
                at: range,
                help: fault.help, suggestion: fault.suggestion)
        }
        return binding
    }

    /// What is wrong with an annotation is nothing that the manifest's author has written: it is ignored, and told of.
    private static func annotated(
        _ method: MethodDescriptor, _ codec: MessageCodec, _ findings: inout Findings
    ) -> [HTTPBinding] {
        func ignore(_ what: String, _ reason: String, _ help: String?) {
            findings.report(
                TranscodingRules.ignoredAnnotation, "\(what) of `\(method.name)` is ignored: \(reason)",
                at: method.place,
                help: (help.map { $0 + "; or " } ?? "") + "say `http` of the method in the manifest, or `http: off`")
        }
        switch HTTPRule.annotated(method.options) {
        case .failure(let error):
            ignore("the annotation `google.api.http`", error.message, nil)
            return []
        case .success(let rules):
            return rules.compactMap { rule in
                var faults: [Fault] = []
                let binding = HTTPBinding(rule, of: method, codec, at: method.place) { faults.append($0) }
                for fault in faults {
                    ignore("`\(rule.method ?? "*") \(rule.template)`", fault.message, nil)
                }
                return binding
            }
        }
    }
}
