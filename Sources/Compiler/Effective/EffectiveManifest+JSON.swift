import Diagnostics
package import JSON
import Manifests

extension EffectiveManifest {
    /// The configuration as JSON has it.
    package var config: JSONValue { Self.json(value) }

    /// Where each value comes from, by its path: `limits.idle`, `services.web.routes["GET /a"].template`.
    package var origins: JSONValue {
        var members: [(String, JSONValue)] = []
        Self.collect(value, at: .root, into: &members)
        return .object(members)
    }

    private static func json(_ value: Value) -> JSONValue {
        switch value {
        case .scalar(let scalar, _): scalar
        case .list(let items, _): .array(items.map { json($0) })
        case .map(let members): .object(members.map { ($0.key, json($0.value)) })
        }
    }

    private static func collect(_ value: Value, at place: ManifestPlace, into members: inout [(String, JSONValue)]) {
        switch value {
        case .scalar(_, let origin): members.append((String(decoding: place.path, as: UTF8.self), json(origin)))
        case .map(let entries): for (key, value) in entries { collect(value, at: place.key(key), into: &members) }
        case .list(let items, let origin):
            if items.isEmpty { members.append((String(decoding: place.path, as: UTF8.self), json(origin))) }
            for (index, item) in items.enumerated() { collect(item, at: place.item(index), into: &members) }
        }
    }

    private static func json(_ origin: Origin) -> JSONValue {
        switch origin {
        case .standard: .object([("origin", .string("default"))])
        case .file(let range): .object([("origin", .string("file"))] + range.json)
        case .environment(let range): .object([("origin", .string("environment"))] + range.json)
        case .override: .object([("origin", .string("override"))])
        }
    }
}
