import Catalog
package import Diagnostics
package import JSON
package import Manifests

/// The configuration in force: what the manifest says and what holds without a word, each value with where it comes
/// from. Secrets are not in it, and what `${…}` stands for is shown as it was written.
package struct EffectiveManifest: Sendable {
    package enum Origin: Sendable {
        case standard
        case file(SourceRange)
        /// A `${…}` of a file, or of an override.
        case environment(SourceRange)
        /// `--set`.
        case override
    }

    package indirect enum Value: Sendable {
        case scalar(JSONValue, Origin)
        case list([Value], Origin)
        case map([(key: String, value: Value)])
    }

    private let node: Node?
    private let standard: Node

    /// - Parameter computed: what the process made of keys that nobody wrote, as the number of `workers`.
    package init(_ loading: Loading, computed: Node = Node(map: [])) {
        node = loading.node
        let own = Node(map: [("name", Node(string: loading.name))])
        standard = computed.laid(over: own, depth: .max).laid(over: ManifestRoot().written(), depth: .max)
    }

    /// The whole of it. It is made when somebody asks.
    package var value: Value {
        Self.section(node, ManifestRoot.schema, standard: standard, at: []) ?? .map([])
    }

    // MARK: Making it

    /// What is written of a section, and its defaults beside that; nil if there is nothing to show.
    private static func section(_ node: Node?, _ schema: Schema, standard: Node?, at path: [String]) -> Value? {
        let isRootMiddleware = path.count == 1 && path[0] == "middleware"
        guard let node, !node.isNull else {
            return isRootMiddleware ? middleware([], schema, at: path) : standard.flatMap { defaults($0, schema) }
        }
        let object = schema.ownObjects.first
        guard let entries = node.entries else {
            // `timeout: 2s` is one of the keys of a section, which has others.
            guard let object, let key = object.shortKey, standard?.entries != nil, !node.isOff, node.items == nil,
                let field = object.field(key)
            else { return written(node, schema, at: path) }
            let value = written(node, field.schema, at: path + [key])
            return settled([(key, value)] + rest(of: standard, beside: [key], object), object)
        }
        if isRootMiddleware { return middleware(entries, schema, at: path) }
        guard standard?.entries != nil else { return written(node, schema, at: path) }
        var members: [(String, Value)] = []
        for entry in entries where !entry.isExtension {
            let field = object?.field(entry.name)
            let value = section(
                entry.value, field?.schema ?? .any, standard: standard?[entry.name], at: path + [entry.name])
            members.append((entry.name, value ?? .scalar(.null, origin(of: entry.value))))
        }
        if path.isEmpty, node.entry("middleware") == nil {
            let schema = object?.field("middleware")?.schema
            if let value = middleware([], schema ?? .any, at: ["middleware"]) { members.append(("middleware", value)) }
        }
        let names = members.map(\.0) + (path.isEmpty ? ["middleware"] : [])
        return settled(members + rest(of: standard, beside: names, object), object)
    }

    /// The root's middleware: all that there is, since what is off is worth knowing too.
    private static func middleware(_ entries: [Node.Entry], _ schema: Schema, at path: [String]) -> Value? {
        var members: [(String, Value)] = []
        for entry in entries where !entry.isExtension {
            let known = Entries.middleware(named: entry.name)
            let value = section(
                entry.value, known?.schema ?? .any, standard: known?.standard, at: path + [entry.name])
            members.append((entry.name, value ?? .map([])))
        }
        for known in Entries.middleware where !members.contains(where: { $0.0.utf8.elementsEqual(known.name.utf8) }) {
            let standard = known.isOnByDefault ? known.standard : Node(plain: "off")
            members.append((known.name, defaults(standard, known.schema) ?? .map([])))
        }
        return settled(members, schema.ownObjects.first)
    }

    /// What stands in the manifest, as it stands there.
    private static func written(_ node: Node, _ schema: Schema, at path: [String]) -> Value {
        switch node.content {
        case .scalar(let scalar):
            let isSecret = schema.isSecret || path.starts(with: ["data", "secrets"])
            guard scalar.isAsWritten else {
                return .scalar(.string(String(decoding: scalar.asWritten, as: UTF8.self)), origin(of: node))
            }
            return .scalar(isSecret ? .string("***") : node.json, origin(of: node))
        case .sequence(let items):
            return .list(
                items.enumerated().map { index, item in written(item, schema.item, at: path + [String(index)]) },
                origin(of: node))
        case .mapping(let entries):
            let object = schema.ownObjects.first
            return .map(
                entries.filter { !$0.isExtension }.map { entry in
                    let field = object?.field(entry.name)
                    let inner = field?.schema ?? (object == nil ? schema.item : .any)
                    return (entry.name, written(entry.value, inner, at: path + [entry.name]))
                })
        }
    }

    /// The defaults of keys that are not written.
    private static func rest(
        of standard: Node?, beside names: [String], _ object: Schema.Object?
    ) -> [(String, Value)] {
        (standard?.entries ?? []).compactMap { entry in
            if names.contains(where: { $0.utf8.elementsEqual(entry.name.utf8) }) { return nil }
            return defaults(entry.value, object?.field(entry.name)?.schema ?? .any).map { (entry.name, $0) }
        }
    }

    /// Nil for nothing.
    private static func defaults(_ node: Node, _ schema: Schema) -> Value? {
        switch node.content {
        case .scalar: return node.isNull ? nil : .scalar(node.json, .standard)
        case .sequence(let items):
            return items.isEmpty ? nil : .list(items.compactMap { defaults($0, schema.item) }, .standard)
        case .mapping:
            let object = schema.ownObjects.first
            let members = rest(of: node, beside: [], object)
            return members.isEmpty ? nil : settled(members, object)
        }
    }

    /// In the order of the reference; the short form where that says it all.
    private static func settled(_ members: [(String, Value)], _ object: Schema.Object?) -> Value {
        guard let object else { return .map(members) }
        if let only = members.first, members.count == 1, only.0 == object.shortKey { return only.1 }
        let known = object.fields.compactMap { field in
            members.first { $0.0.utf8.elementsEqual(field.name.utf8) }
        }
        return .map(known + members.filter { object.field($0.0) == nil })
    }

    private static func origin(of node: Node) -> Origin {
        if let scalar = node.scalar, !scalar.isAsWritten { return .environment(node.range) }
        return node.range.source.name == SetOverride.name ? .override : .file(node.range)
    }
}

extension Schema {
    /// Whether a scalar here is for the server alone.
    fileprivate var isSecret: Bool {
        switch self {
        case .named(let kind, let inner): kind.name == Secret.kind || inner.isSecret
        case .anyOf(let choices): choices.contains(where: \.isSecret)
        case .within(_, _, let inner): inner.isSecret
        default: false
        }
    }

    /// The values of a list or a map.
    fileprivate var item: Schema {
        switch self {
        case .array(let inner), .map(let inner): return inner
        case .named(_, let inner), .within(_, _, let inner): return inner.item
        case .anyOf(let choices):
            let items = choices.compactMap { choice -> Schema? in
                switch choice {
                case .array, .map, .named, .anyOf: choice.item
                default: nil
                }
            }
            return items.isEmpty ? .any : .anyOf(items)
        default: return .any
        }
    }
}

extension Schema.Object {
    fileprivate func field(_ name: String) -> Schema.Field? {
        fields.first { $0.name.utf8.elementsEqual(name.utf8) }
    }
}
