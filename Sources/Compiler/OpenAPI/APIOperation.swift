import JSON

/// What one method of HTTP does at one path of the description.
struct APIOperation {
    typealias Members = [(key: String, value: JSONValue)]

    struct Parameter {
        enum Place: String {
            case path
            case query
        }

        var name: String
        let place: Place
        let schema: JSONValue
        var description: String?
        var isRequired = false
        var isList = false

        var json: JSONValue {
            var members: Members = [("name", .string(name)), ("in", .string(place.rawValue))]
            if let description { members.append(("description", .string(description))) }
            if isRequired || place == .path { members.append(("required", .bool(true))) }
            if isList { members += [("style", .string("form")), ("explode", .bool(true))] }
            return .object(members + [("schema", schema)])
        }
    }

    /// A body by its media types; what comes twice is either of both.
    struct Content {
        private(set) var types: [(name: String, schemas: [JSONValue])] = []

        init(_ name: String? = nil, _ schema: JSONValue = .object([])) {
            if let name { add(name, schema) }
        }

        mutating func add(_ name: String, _ schema: JSONValue) {
            guard let at = types.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                return types.append((name, [schema]))
            }
            if !types[at].schemas.contains(schema) { types[at].schemas.append(schema) }
        }

        mutating func add(_ other: Content) {
            for type in other.types { for schema in type.schemas { add(type.name, schema) } }
        }

        var json: JSONValue {
            .object(
                types.map { type in
                    let schema =
                        type.schemas.count == 1 ? type.schemas[0] : ValueSchema.object(("anyOf", .array(type.schemas)))
                    return (type.name, schema == .object([]) ? schema : ValueSchema.object(("schema", schema)))
                })
        }
    }

    struct Response {
        var description: String
        var headers: [String] = []
        var content = Content()

        var json: JSONValue {
            var members: Members = [("description", .string(description))]
            if !headers.isEmpty {
                let text = ValueSchema.object(("schema", ValueSchema.type("string")))
                members.append(("headers", .object(headers.map { ($0, text) })))
            }
            if !content.types.isEmpty { members.append(("content", content.json)) }
            return .object(members)
        }
    }

    var id: String
    var tags: [String]
    var summary: String
    var notes: [String] = []
    var servers: [JSONValue] = []
    var parameters: [Parameter] = []
    var body: Content?
    /// By status; `default` for all others.
    private(set) var responses: [String: Response] = [:]

    mutating func answer(_ status: String, _ response: Response) {
        guard var known = responses[status] else {
            responses[status] = response
            return
        }
        known.content.add(response.content)
        for header in response.headers where !known.headers.contains(header) { known.headers.append(header) }
        responses[status] = known
    }

    /// Another one that OpenAPI cannot tell from this by method and path.
    mutating func merge(_ other: APIOperation) {
        notes.append("This path stands for \(other.summary) too, which OpenAPI cannot tell apart.")
        notes += other.notes.filter { !notes.contains($0) }
        for tag in other.tags where !tags.contains(tag) { tags.append(tag) }
        // On one of both without a host of its own it is on every server.
        servers =
            servers.isEmpty || other.servers.isEmpty ? [] : servers + other.servers.filter { !servers.contains($0) }
        for parameter in other.parameters
        where !parameters.contains(where: { $0.place == parameter.place && $0.name == parameter.name }) {
            var parameter = parameter
            parameter.isRequired = false
            parameters.append(parameter)
        }
        if let more = other.body {
            var content = body ?? Content()
            content.add(more)
            body = content
        }
        for (status, response) in other.responses { answer(status, response) }
    }

    var json: JSONValue {
        var members: Members = [("tags", ValueSchema.words(tags)), ("summary", .string(summary))]
        if !notes.isEmpty { members.append(("description", .string(notes.joined(separator: "\n\n")))) }
        members.append(("operationId", .string(id)))
        if !parameters.isEmpty { members.append(("parameters", .array(parameters.map(\.json)))) }
        if let body { members.append(("requestBody", ValueSchema.object(("content", body.json)))) }
        // Digits stand before letters.
        let ordered = responses.sorted { $0.key < $1.key }
        members.append(("responses", .object(ordered.map { ($0.key, $0.value.json) })))
        if !servers.isEmpty { members.append(("servers", .array(servers))) }
        return .object(members)
    }
}
