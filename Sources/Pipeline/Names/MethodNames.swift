package import CEL

extension Names {
    /// What an expression of a method can see of its messages.
    package enum Messages: Sendable {
        /// None: it runs before they are there, or the method's client sends many of them.
        case none
        /// The message of a client that sends one.
        case one
        /// Those that a client stream has brought, when it is over.
        case all
        /// The message that is answered, and those up to it.
        case current
    }

    /// The names that an expression of a gRPC method can see.
    ///
    /// - Parameters:
    ///   - messages: those of the client.
    ///   - whyNone: why there are none of a name, as the end of a sentence.
    ///   - the others: as of a route.
    package static func method(
        _ method: RPCMethod, messages: Messages, whyNone: String, isMessage: Bool = false, hasResponse: Bool = false,
        server: ServerFacts = .unnamed, data: [Root.Field] = [], variables: [Root.Field] = [],
        laterVariables: Set<String> = []
    ) -> Environment {
        var roots = [metadata, call, client, self.server(server), self.data(data)]
        var elsewhere = [
            "path": "the variables of a method's path are fields of `request`",
            "query": "a method has a message: `request`", "query_all": "a method has a message: `request`",
            "body": "a method has a message: `request`", "cookies": "a method has metadata: `headers`",
            "error": "only the templates under `errors` have it",
        ]
        switch messages {
        case .none: (elsewhere["request"], elsewhere["requests"]) = (whyNone, whyNone)
        case .one:
            roots.append(request(of: method))
            elsewhere["requests"] = "the client sends one message: `request`"
        case .all:
            roots.append(requests(of: method))
            elsewhere["request"] = "the client sends many messages: `requests`"
        case .current: roots += [request(of: method), requests(of: method)]
        }
        for name in laterVariables {
            elsewhere["variables.\(name)"] = "it reads the request, and this runs before that is read"
        }
        return environment(
            roots, elsewhere: elsewhere, response: hasResponse ? rpcResponse : nil, isMessage: isMessage,
            variables: variables, messages: method.types)
    }

    /// `response` of a method.
    private static let rpcResponse = response(
        how: Root.Field(
            "code", .string,
            ValueReader { .string(String(describing: ($0.pointee.failure?.code ?? .ok).name)) }, sentByClient: false))
}
