import Diagnostics
import Protobuf

/// Checks one rule against the messages of its method.
struct BindingCheck {
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
