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
    struct Variable: Sendable {
        let name: String
        let field: FieldPath
        let parts: [PathTemplate.Part]
        let keepsSlashes: Bool
    }

    /// What the body of a request is.
    enum Body: Sendable {
        case none
        case whole
        /// The message is a `google.api.HttpBody`, and the body its data.
        case raw
        case field(FieldDescriptor)
        case rawField(FieldDescriptor)

        var field: FieldDescriptor? {
            switch self {
            case .field(let field), .rawField(let field): field
            case .none, .whole, .raw: nil
            }
        }
    }

    /// What the body of an answer is.
    enum Selection: Sendable {
        case whole
        case raw
        case field(Int32)
        case rawField(Int32)
    }

    package let rule: HTTPRule
    package let template: PathTemplate
    /// What the router looks for, on every host; the captures of all are numbered alike.
    package let patterns: [RoutePattern]
    /// Where it is written: its path in the manifest, or the method in the `.proto`.
    package let place: SourceRange

    let codec: MessageCodec
    /// The types of both messages, by their indexes in the pool.
    let input: Int
    let output: Int
    let variables: [Variable]
    let body: Body
    let selection: Selection

    /// Nil if the rule does not fit the method.
    ///
    /// - Parameter report: is called with each thing that is wrong.
    package init?(
        _ rule: HTTPRule, of method: MethodDescriptor, _ codec: MessageCodec, at place: SourceRange,
        report: (Fault) -> Void
    ) {
        let checking = BindingCheck(rule, method, codec)
        guard let parts = checking.parts(report) else { return nil }
        self.rule = rule
        self.codec = codec
        self.place = place
        input = method.input
        output = method.output
        template = parts.template
        patterns = parts.template.patterns(method: rule.method)
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

/// Checks one rule.
private struct BindingCheck {
    typealias Fault = HTTPBinding.Fault

    private let rule: HTTPRule
    private let method: MethodDescriptor
    private let codec: MessageCodec

    init(_ rule: HTTPRule, _ method: MethodDescriptor, _ codec: MessageCodec) {
        self.rule = rule
        self.method = method
        self.codec = codec
    }

    func parts(
        _ report: (Fault) -> Void
    ) -> (
        template: PathTemplate, variables: [HTTPBinding.Variable], body: HTTPBinding.Body,
        selection: HTTPBinding.Selection
    )? {
        var isRight = true
        func tell(_ fault: Fault) {
            isRight = false
            report(fault)
        }
        if method.clientStreams {
            tell(
                Fault(
                    part: .whole,
                    message: "a request over HTTP is one message, and `\(method.name)` takes a stream of them",
                    help: "leave it out: clients call the method by gRPC"))
        }
        let body = self.body(tell)
        let selection = self.selection(tell)
        switch PathTemplate.parse(rule.template) {
        case .failure(let fault):
            tell(
                Fault(
                    part: .template(fault.range), message: fault.message, help: fault.help,
                    suggestion: fault.suggestion))
            return nil
        case .success(let template):
            let variables = template.variables.compactMap { variable($0, of: template, body, tell) }
            return isRight ? (template, variables, body, selection) : nil
        }
    }

    private func variable(
        _ variable: PathTemplate.Variable, of template: PathTemplate, _ body: HTTPBinding.Body, _ tell: (Fault) -> Void
    ) -> HTTPBinding.Variable? {
        do throws(FieldPath.Fault) {
            let field = try FieldPath(variable.path.map { Array($0.utf8) }, in: method.input, codec)
            guard !field.isRepeated else {
                tell(
                    Fault(
                        part: .template(variable.place),
                        message: "`\(variable.name)` is a list, and a path has one value",
                        help: "leave it to the query, where it can stand more than once"))
                return nil
            }
            if field.steps.count == 1, field.steps.first?.number == body.field?.number {
                tell(
                    Fault(
                        part: .template(variable.place), message: "`\(variable.name)` is the body too",
                        help: "take it from one of the two"))
                return nil
            }
            return HTTPBinding.Variable(
                name: variable.name, field: field, parts: template.parts(of: variable),
                keepsSlashes: variable.isMultiSegment)
        } catch {
            let start = variable.path.prefix(error.place).reduce(variable.place.lowerBound) { $0 + $1.utf8.count + 1 }
            let name = error.place < variable.path.count ? variable.path[error.place] : ""
            let (help, nearest) = fields(
                of: error.owner, like: name, "a variable is one value: text, a number, a bool, an enum or a time")
            tell(
                Fault(
                    part: .template(start..<start + name.utf8.count), message: error.message, help: help,
                    suggestion: nearest))
            return nil
        }
    }

    /// What to write for a name that no field has.
    private func fields(of type: Int?, like name: String, _ otherwise: String) -> (help: String, nearest: String?) {
        guard let type else { return (otherwise, nil) }
        let names = codec.pool.messages[type].fields.map(\.name)
        if let nearest = Suggest.nearest(name, among: names) { return ("did you mean `\(nearest)`?", nearest) }
        return (names.isEmpty ? "it has none" : "it has " + names.map { "`\($0)`" }.joined(separator: ", "), nil)
    }

    private func field(
        _ name: String, of type: Int, _ part: Fault.Part, _ tell: (Fault) -> Void
    ) -> FieldDescriptor? {
        let message = codec.pool.messages[type]
        if let field = message.field(named: name)
            ?? message.fields.first(where: { $0.jsonName.utf8.elementsEqual(name.utf8) })
        {
            return field
        }
        guard !name.utf8.contains(UInt8(ascii: ".")) else {
            tell(
                Fault(
                    part: part, message: "`\(name)` is not a field of the message itself",
                    help: "only the fields of `\(message.fullName)` can be chosen"))
            return nil
        }
        let (help, nearest) = fields(of: type, like: name, "")
        tell(
            Fault(
                part: part, message: "`\(message.fullName)` has no field `\(name)`", help: help, suggestion: nearest))
        return nil
    }

    private func isRaw(_ type: Int) -> Bool {
        codec.pool.messages[type].fullName.utf8.elementsEqual("google.api.HttpBody".utf8)
    }

    private func isRaw(_ field: FieldDescriptor) -> Bool {
        guard !field.isRepeated, case .message(let type) = field.reference else { return false }
        return isRaw(type)
    }

    private func body(_ tell: (Fault) -> Void) -> HTTPBinding.Body {
        switch rule.body {
        case .none: return .none
        case .whole: return isRaw(method.input) ? .raw : .whole
        case .field(let name):
            guard let field = field(name, of: method.input, .body, tell) else { return .none }
            return isRaw(field) ? .rawField(field) : .field(field)
        }
    }

    private func selection(_ tell: (Fault) -> Void) -> HTTPBinding.Selection {
        guard let name = rule.responseBody else { return isRaw(method.output) ? .raw : .whole }
        guard let field = field(name, of: method.output, .responseBody, tell) else { return .whole }
        return isRaw(field) ? .rawField(field.number) : .field(field.number)
    }
}
