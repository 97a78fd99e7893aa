package import CEL
package import Diagnostics
import JSON
package import Manifests
package import Pipeline

/// `headers`: sets, adds and removes header fields on the way in and on the way out.
package struct Headers: ConditionalSection {
    package enum Preset: String, Choice {
        case security
    }

    package var request = HeaderEdits()
    package var response = HeaderEdits()
    package var preset: Preset?
    package var controls = PolicyControls()

    package init() {}

    package static let key = "headers"
    package static let doc = """
        Changes header fields: of the request before anything reads them, of the response before it leaves.
        """
    package static let fields: [Field<Headers>] = [
        Field(
            "request", \.request, doc: "What to change in the request's fields.",
            example: "{ remove: [x-internal] }"),
        Field(
            "response", \.response, doc: "What to change in the response's fields; errors have them too.",
            example: "{ set: { cache-control: no-store } }"),
        Field(
            "preset", \.preset,
            doc: """
                `security` sets x-content-type-options, x-frame-options, referrer-policy and \
                cross-origin-opener-policy on responses that do not set them themselves.
                """,
            example: "security"),
        whenField(),
    ]

    private static let security: [(name: String, value: String)] = [
        ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"),
        ("referrer-policy", "strict-origin-when-cross-origin"), ("cross-origin-opener-policy", "same-origin"),
    ]

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        let incoming = request.compiled(scope, .beforeBody, &findings)
        let outgoing = response.compiled(scope, .afterBody, &findings)
        let defaults = preset == nil ? [] : Self.security.map { (Array($0.name.utf8), Array($0.value.utf8)) }
        guard !incoming.isEmpty || !outgoing.isEmpty || !defaults.isEmpty else { return nil }
        return Stage(incoming: incoming, outgoing: outgoing, defaults: defaults)
    }

    private final class Stage: Middleware {
        let moments: Moments
        private let incoming: CompiledHeaderEdits
        private let outgoing: CompiledHeaderEdits
        private let defaults: [(name: [UInt8], value: [UInt8])]

        init(
            incoming: CompiledHeaderEdits, outgoing: CompiledHeaderEdits, defaults: [(name: [UInt8], value: [UInt8])]
        ) {
            var moments: Moments = []
            if !incoming.isEmpty { moments.insert(.admit) }
            if !outgoing.isEmpty || !defaults.isEmpty { moments.insert(.decorate) }
            self.moments = moments
            self.incoming = incoming
            self.outgoing = outgoing
            self.defaults = defaults
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            for name in incoming.remove { exchange.head.remove(name) }
            for (field, replaces) in incoming.fields {
                let value: UnsafeBufferPointer<UInt8>
                switch field.value(&exchange) {
                case .success(let made): value = made
                case .failure(let error):
                    // Left out, the client's own value would pass for ours.
                    _ = exchange.failEvaluation(error, readsClient: field.program.readsClient)
                    return .refuse
                }
                if replaces { exchange.head.remove(field.name) }
                guard exchange.head.append(field.name, value) else {
                    exchange.fail(Failure(.resourceExhausted, "the request has too many header fields", status: 431))
                    return .refuse
                }
            }
            return .proceed
        }

        func decorate(_ exchange: inout Exchange) {
            for name in outgoing.remove { name.withUnsafeBufferPointer { exchange.response.remove($0) } }
            for (field, replaces) in outgoing.fields {
                // The answer is made by now: a field that cannot be is left out.
                guard case .success(let value) = field.value(&exchange) else { continue }
                field.name.withUnsafeBufferPointer { name in
                    if replaces { exchange.response.remove(name) }
                    exchange.response.add(name) { $0.append(value) }
                }
            }
            for (name, value) in defaults {
                name.withUnsafeBufferPointer { name in
                    if !exchange.response.has(name) { exchange.response.add(name) { $0.append(value) } }
                }
            }
        }
    }
}

/// What to do with the fields of one direction.
package struct HeaderEdits: ManifestSection {
    package var set = Named<Template>()
    package var add = Named<Template>()
    package var remove: [HeaderName] = []

    package init() {}

    package static let key = "a set of header changes"
    package static let doc = "Which fields to set, add and remove. Removing comes first."
    package static let fields: [Field<HeaderEdits>] = [
        Field(
            "set", \.set, doc: "Fields that replace those of the same name.", example: "{ cache-control: no-store }"
        ),
        Field(
            "add", \.add, doc: "Fields that stand beside those of the same name.",
            example: "{ x-call: '{{ call.id }}' }"),
        Field("remove", \.remove, doc: "Names of fields to take away.", example: "[x-powered-by]"),
    ]

    package func lint(_ node: Node, _ findings: inout Findings) {
        for entry in set.entries + add.entries { _ = HeaderName.checkOwn(entry.key, &findings) }
    }

    func compiled(
        _ scope: CompileScope, _ moment: CompileScope.Moment, _ findings: inout Findings
    ) -> CompiledHeaderEdits {
        var fields: [(CompiledHeaderField, Bool)] = []
        for (entries, replaces) in [(set.entries, true), (add.entries, false)] {
            for entry in entries {
                guard let program = scope.check(entry.value, at: moment, .header, &findings) else { continue }
                fields.append((CompiledHeaderField(name: entry.name.lowercased(), program: program), replaces))
            }
        }
        return CompiledHeaderEdits(fields: fields, remove: remove.map { Array($0.name.utf8) })
    }
}

struct CompiledHeaderEdits: Sendable {
    let fields: [(CompiledHeaderField, replaces: Bool)]
    let remove: [[UInt8]]

    init(fields: [(CompiledHeaderField, Bool)], remove: [[UInt8]]) {
        self.fields = fields
        self.remove = remove
    }

    var isEmpty: Bool { fields.isEmpty && remove.isEmpty }
}

/// A field whose value is a template.
struct CompiledHeaderField: Sendable {
    let name: [UInt8]
    let program: TemplateProgram

    init(name: String, program: TemplateProgram) {
        self.name = Array(name.utf8)
        self.program = program
    }

    /// The value in the loop's scratch writer, valid until that is used again.
    func value(_ exchange: inout Exchange) -> Result<UnsafeBufferPointer<UInt8>, EvaluationError> {
        let state = exchange.loop.state
        state.pointee.scratch.clear()
        if let error = program.write(exchange.context, &state.pointee.scratch) { return .failure(error) }
        return .success(state.pointee.scratch.bytes)
    }
}
