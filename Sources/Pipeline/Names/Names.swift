package import CEL

/// The names that an expression of an HTTP route can see, each in a file of its own beside this one.
package enum Names {
    /// - Parameters:
    ///   - wildcards: the names of the pattern's wildcards, in their order.
    ///   - hasBody: whether the request's body is there at the moment of evaluation.
    package static func route(wildcards: [String], hasBody: Bool = true) -> Environment {
        Environment(
            roots: [
                path(wildcards: wildcards), query, queryAll, headers, request(hasBody: hasBody), call, client,
            ],
            ambient: LoopAmbient())
    }

    /// `path.NAME`: the wildcards of the pattern that matched, decoded.
    private static func path(wildcards: [String]) -> Root {
        let fields = wildcards.enumerated().map { index, name in
            Root.Field(
                name, .string, TextReader { exchange in exchange.pointee.captured(index) }, sentByClient: true)
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
