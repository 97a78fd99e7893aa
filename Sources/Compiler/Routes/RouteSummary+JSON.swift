import Diagnostics
package import JSON
import Pipeline

/// What is served, for programs. The shape is a promise, told by its version; keys may be added within one.
extension RouteSummary {
    package static let version = 1

    /// - Parameter more: what else there is to say of a route.
    package static func json(
        _ routes: [RouteSummary], into out: inout ByteWriter,
        more: (RouteSummary) -> [(String, JSONValue)] = { _ in [] }
    ) {
        let document = JSONValue.object([
            ("version", .int(Int64(version))),
            ("routes", .array(routes.map { .object($0.members + more($0)) })),
        ])
        document.write(indentedTo: &out)
        out.append("\n" as StaticString)
    }

    package var json: JSONValue { .object(members) }

    private var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("pattern", .string(pattern)),
            ("method", (patterns.first?.method).map { .string($0) } ?? .null),
            ("hosts", .array(hosts.map { .string($0) })),
            ("path", .string(path)),
            ("wildcards", .array((patterns.first?.wildcardNames ?? []).map { .string($0) })),
            ("service", .string(service)),
        ]
        members += place.json
        if let method {
            members.append(
                (
                    "grpc",
                    .object([
                        ("service", .string(method.service)), ("method", .string(method.name)),
                        ("client_streams", .bool(method.clientStreams)),
                        ("server_streams", .bool(method.serverStreams)),
                    ])
                ))
            members.append(("http", .array(bindings.map { .object($0.rule.json + $0.place.json) })))
        }
        members.append(("responder", .object([("name", .string(responder))] + responderPlace.json)))
        members.append(
            (
                "cases",
                .array(
                    cases.map { item in
                        .object(
                            [("when", .string(item.when)), ("responder", .string(item.responder))]
                                + (item.place?.json ?? []))
                    })
            ))
        members.append(("middleware", .array(chain.map { .object($0.json) })))
        return members
    }
}

extension HTTPRule {
    fileprivate var json: [(String, JSONValue)] {
        let part: String? =
            switch body {
            case .none: nil
            case .whole: "*"
            case .field(let name): name
            }
        return [
            ("method", method.map { .string($0) } ?? .null), ("path", .string(template)),
            ("body", part.map { .string($0) } ?? .null),
            ("response_body", responseBody.map { .string($0) } ?? .null),
        ]
    }
}

extension StageSummary {
    package var json: [(String, JSONValue)] {
        [("name", .string(name)), ("origin", .string(origin.rawValue))] + (place?.json ?? SourceRange.nowhere)
            + [
                (
                    "settings",
                    .array(
                        settings.map { setting in
                            .object(
                                [
                                    ("key", .string(setting.key)), ("value", .string(setting.value)),
                                    ("origin", .string(setting.origin.rawValue)),
                                ] + (setting.place?.json ?? SourceRange.nowhere))
                        })
                )
            ]
    }
}

extension SourceRange {
    /// Lines and columns start at 1, columns count Unicode scalars.
    package var json: [(String, JSONValue)] {
        let place = from
        return [
            ("file", .string(source.name)), ("line", .int(Int64(place.line))), ("column", .int(Int64(place.column))),
        ]
    }

    /// What no file says.
    fileprivate static var nowhere: [(String, JSONValue)] { [("file", .null), ("line", .null), ("column", .null)] }
}
