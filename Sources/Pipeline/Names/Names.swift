package import CEL

/// The names that an expression of an HTTP route can see, each in a file of its own beside this one.
package enum Names {
    /// - Parameters:
    ///   - wildcards: the names of the pattern's wildcards, in their order.
    ///   - restIsLast: whether the last of them is a `{name...}`.
    ///   - hasBody: whether the request's body is there at the moment of evaluation.
    ///   - isError: whether it is for the page of a failure.
    ///   - isMessage: whether it is for a message of a stream.
    ///   - hasResponse: whether the answer is over.
    ///   - server: what `server` says.
    ///   - data: what is read as `data.NAME`.
    ///   - variables: what is read as `variables.NAME`.
    ///   - laterVariables: the names of those that read the body, where that is not there yet.
    package static func route(
        wildcards: [String], restIsLast: Bool = false, hasBody: Bool = true, isError: Bool = false,
        isMessage: Bool = false, hasResponse: Bool = false, server: ServerFacts = .unnamed, data: [Root.Field] = [],
        variables: [Root.Field] = [], laterVariables: Set<String> = []
    ) -> Environment {
        var roots = [
            path(wildcards: wildcards, restIsLast: restIsLast), query, queryAll, headers, cookies,
            request(hasBody: hasBody), call, client, self.server(server),
            self.data(data),
        ]
        var elsewhere: [String: String] = [:]
        if hasBody {
            roots.append(body)
        } else {
            for name in ["body", "request.body", "request.size"] {
                elsewhere[name] = "this runs before the request's body is read"
            }
            for name in laterVariables {
                elsewhere["variables.\(name)"] = "it reads the request's body, and this runs before that is read"
            }
        }
        if isError { roots.append(error) } else { elsewhere["error"] = "only the templates under `errors` have it" }
        return environment(
            roots, elsewhere: elsewhere, response: hasResponse ? response : nil, isMessage: isMessage,
            variables: variables)
    }

    /// With the names that routes and methods have alike.
    ///
    /// - Parameters:
    ///   - response: nil while there is none.
    ///   - messages: the types of messages that an expression can name.
    static func environment(
        _ roots: [Root], elsewhere: [String: String], response: Root?, isMessage: Bool, variables: [Root.Field],
        messages: any MessageTypes = WellKnownTypes()
    ) -> Environment {
        var (roots, elsewhere) = (roots, elsewhere)
        if let response {
            roots.append(response)
        } else {
            elsewhere["response"] = "there is no response yet; log fields and labels can read it"
        }
        if isMessage { roots.append(index) } else { elsewhere["index"] = "only the items of `messages` have it" }
        roots.append(
            Root(
                "variables", .map(.string, .dyn), fields: .closed(variables), sentByClient: false, noun: "variable"))
        return Environment(roots: roots, ambient: LoopAmbient(), elsewhere: elsewhere, messages: messages)
    }

    /// `path.NAME`: the wildcards of the pattern that matched, decoded.
    private static func path(wildcards: [String], restIsLast: Bool) -> Root {
        let fields = wildcards.enumerated().map { index, name in
            let isRest = restIsLast && index == wildcards.count - 1
            return Root.Field(
                name, .string,
                isRest ? RestReader(index: index) : TextReader { exchange in exchange.pointee.captured(index) },
                sentByClient: true)
        }
        let whole = ValueReader { exchange in
            .map(
                MapValue(
                    wildcards.enumerated().map { index, name in
                        let text = exchange.pointee.captured(index)
                        return (.string(name), .string(String(decoding: text, as: UTF8.self)))
                    }))
        }
        return Root(
            "path", .map(.string, .string), whole: whole, fields: .closed(fields), sentByClient: true,
            noun: "path parameter")
    }
}
