package import Diagnostics
package import Protobuf

/// A rule of `google.api.http`, checked against the messages of its method: how a request becomes the encoded message of a
/// call, and what of the answer's message is sent back.
package final class HTTPBinding: Sendable {
    /// What is wrong with a rule.
    package struct Fault: Error, Equatable, Sendable {
        package enum Part: Sendable, Equatable {
            case whole
            /// In bytes of the template.
            case template(Range<Int>)
            case body
            case responseBody
        }

        package let part: Part
        /// Lower case, no full stop.
        package let message: String
        package let help: String
        package var suggestion: String?
    }

    /// A variable of the path, and the field that it is.
    package struct Variable: Sendable {
        package let name: String
        package let field: FieldPath
        package let parts: [PathTemplate.Part]
        let keepsSlashes: Bool
    }

    /// What the body of a request is.
    package enum Body: Sendable {
        case none
        case whole
        /// The message is a `google.api.HttpBody`, and the body its data.
        case raw
        case field(FieldDescriptor)
        case rawField(FieldDescriptor)

        package var field: FieldDescriptor? {
            switch self {
            case .field(let field), .rawField(let field): field
            case .none, .whole, .raw: nil
            }
        }
    }

    /// What the body of an answer is.
    package enum Selection: Sendable {
        case whole
        case raw
        case field(Int32)
        case rawField(Int32)
    }

    package let rule: HTTPRule
    package let template: PathTemplate
    /// What the router looks for, on every host.
    package let pattern: RoutePattern
    /// Takes what a last `**` leaves where it has no segments; it gives way to other patterns (`RoutePattern.standing`).
    package let spare: RoutePattern?
    /// Where it is written: its path in the manifest, or the method in the `.proto`.
    package let place: SourceRange

    package let codec: MessageCodec
    /// The types of both messages, by their indexes in the pool.
    package let input: Int
    package let output: Int
    package let variables: [Variable]
    package let body: Body
    package let selection: Selection

    /// Nil if the rule does not fit the method.
    ///
    /// - Parameter report: is called with each thing that is wrong.
    package init?(
        _ rule: HTTPRule, of method: MethodDescriptor, _ codec: MessageCodec, at place: SourceRange,
        report: (Fault) -> Void
    ) {
        guard let parts = BindingCheck(rule, method, codec).parts(report) else { return nil }
        self.rule = rule
        self.codec = codec
        self.place = place
        input = method.input
        output = method.output
        template = parts.template
        pattern = parts.template.pattern(method: rule.method)
        spare = parts.template.spare(method: rule.method)
        variables = parts.variables
        body = parts.body
        selection = parts.selection
    }

    /// Whether answers are sent as `google.api.HttpBody` says, and not as JSON.
    package var answersRaw: Bool {
        switch selection {
        case .raw, .rawField: true
        case .whole, .field: false
        }
    }

    /// Whether requests carry what `google.api.HttpBody` holds, and not JSON.
    package var takesRaw: Bool {
        switch body {
        case .raw, .rawField: true
        case .none, .whole, .field: false
        }
    }

    /// Whether requests have a body.
    package var takesBody: Bool {
        if case .none = body { false } else { true }
    }
}
