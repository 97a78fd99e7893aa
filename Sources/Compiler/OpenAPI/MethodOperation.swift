import Catalog
import JSON
import Manifests
import Pipeline
import Protobuf

/// A method by one of its HTTP rules.
struct MethodOperation {
    private let route: RouteSummary
    private let method: RPCMethod
    private let binding: HTTPBinding
    private let number: Int
    private let answers: Answers

    /// What the method's own answer and those of its cases come to.
    private struct Answers {
        var succeeds = false
        var errors: [Int] = []

        mutating func add(_ template: MethodTemplate?) {
            if let code = template?.error?.code?.code { errors.append(code.status) }
            if template == nil || template?.message != nil || template?.messages != nil { succeeds = true }
        }
    }

    /// Nil for a method that the manifest does not answer.
    ///
    /// - Parameter number: which of the method's rules it is, from 0.
    init?(_ route: RouteSummary, _ method: RPCMethod, _ binding: HTTPBinding, number: Int) {
        guard let section = route.answer as? MethodSection else { return nil }
        self.route = route
        self.method = method
        self.binding = binding
        self.number = number
        var answers = Answers()
        if section.responder != nil { answers.add(section.template) }
        for item in section.cases { answers.add(item.value.template) }
        for item in section.fault?.items ?? [] {
            if let code = item.abort?.code?.code { answers.errors.append(code.status) }
        }
        self.answers = answers
    }

    func operation(_ schemas: inout MessageSchemas, servers: [JSONValue]) -> APIOperation {
        let name = method.service.replacing(".", with: "_") + "_" + method.name
        var operation = APIOperation(
            id: number == 0 ? name : "\(name)_\(number + 1)", tags: [route.service], summary: method.fullName,
            servers: servers)
        operation.parameters =
            PathParameters.all(of: binding, &schemas) + QueryParameters.all(of: binding, &schemas)
        operation.body = body(&schemas)
        if answers.succeeds { operation.answer("200", answer(&schemas)) }
        let status = APIOperation.Content("application/json", Self.status(&schemas))
        operation.answer("400", Refusals.response(400, status))
        for number in answers.errors + Refusals(route.chain, takesBody: binding.takesBody).statuses {
            operation.answer(String(number), Refusals.response(number, status))
        }
        operation.answer("default", APIOperation.Response(description: "The call has failed.", content: status))
        return operation
    }

    private func body(_ schemas: inout MessageSchemas) -> APIOperation.Content? {
        switch binding.body {
        case .none: nil
        case .raw, .rawField: APIOperation.Content("*/*")
        case .whole: APIOperation.Content("application/json", schemas.message(binding.input, binding.codec))
        case .field(let field): APIOperation.Content("application/json", schemas.field(field, binding.codec))
        }
    }

    private func answer(_ schemas: inout MessageSchemas) -> APIOperation.Response {
        let isStream = method.serverStreams
        if binding.answersRaw {
            let text = isStream ? "The data of all messages, one behind the other." : "The data of the message."
            return APIOperation.Response(description: text, content: APIOperation.Content("*/*"))
        }
        let message = selected(&schemas)
        guard isStream else {
            return APIOperation.Response(
                description: "The answer.", content: APIOperation.Content("application/json", message))
        }
        let failure = ValueSchema.object(
            ("type", .string("object")), ("properties", ValueSchema.object(("error", Self.status(&schemas)))),
            ("required", ValueSchema.words(["error"])), ("additionalProperties", .bool(false)))
        return APIOperation.Response(
            description:
                "The messages, each on a line; the schema is that of a line. A last one with `error` tells a failure.",
            content: APIOperation.Content(
                "application/x-ndjson", ValueSchema.object(("anyOf", .array([message, failure])))))
    }

    /// The part of the answer that is sent. A message with a form of its own is null where it is not there.
    private func selected(_ schemas: inout MessageSchemas) -> JSONValue {
        let pool = binding.codec.pool
        guard case .field(let number) = binding.selection,
            let field = pool.messages[binding.output].field(numbered: number)
        else { return schemas.message(binding.output, binding.codec) }
        let schema = schemas.field(field, binding.codec)
        guard !field.isRepeated, case .message(let type) = field.reference, WellKnown.name(type, pool) != nil else {
            return schema
        }
        return ValueSchema.object(("anyOf", .array([schema, ValueSchema.type("null")])))
    }

    /// A failure, as google.rpc.Status.
    private static func status(_ schemas: inout MessageSchemas) -> JSONValue {
        let codec = ErrorDetailTypes.builtIn
        guard let type = codec.pool.messageIndex(named: "google.rpc.Status") else { return .object([]) }
        return schemas.message(type, codec)
    }
}
