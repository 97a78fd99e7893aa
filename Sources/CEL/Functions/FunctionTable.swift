/// All functions, by name. A group is a file beside this one.
enum FunctionTable {
    private static let all: [Function] =
        conversionFunctions + textFunctions + collectionFunctions + optionalFunctions + encodingFunctions
        + generatorFunctions + timeFunctions + formatFunctions + mathFunctions + listFunctions + setFunctions
        + textPlaceFunctions + networkFunctions + regexFunctions + hashFunctions + tokenFunctions

    private static let functions = table(.function)
    private static let methods = table(.method)

    private static let namespaces: Set<String> = Set(
        all.compactMap { function in
            function.name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(function.name[..<$0]) }
        }
    ).union(["cel"])

    private static func table(_ style: Function.Style) -> [String: Function] {
        Dictionary(all.filter { $0.style == style }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    static func function(_ name: String, _ style: Function.Style) -> Function? {
        style == .function ? functions[name] : methods[name]
    }

    static func isGlobal(_ name: String) -> Bool { functions[name] != nil }
    /// Whether a function has no parameter.
    static func takesNothing(_ name: String) -> Bool {
        functions[name]?.overloads.contains { $0.parameters.isEmpty } ?? false
    }

    static func isMethod(_ name: String) -> Bool { methods[name] != nil || Macro(method: name) != nil }
    static func isNamespace(_ name: String) -> Bool { namespaces.contains(name) }

    /// Every name of that style, macros included, sorted.
    static func names(_ style: Function.Style) -> [String] {
        switch style {
        case .function: (functions.keys + ["has", "cel.bind"]).sorted()
        case .method: (methods.keys + Macro.methodNames).sorted()
        }
    }

    /// What can be called on a value of that type, sorted.
    static func methodNames(on type: ValueType) -> [String] {
        let named = methods.values.filter { function in
            function.overloads.contains { $0.parameters.first?.accepts(type) == true }
        }
        return (named.map(\.name) + Macro.methodNames.filter { Macro(method: $0)?.runs(over: type) == true }).sorted()
    }

    /// The functions of the same namespace; of none, those without one, and the namespaces.
    static func functionNames(beside name: String) -> [String] {
        if let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
            let space = name[...dot]
            return names(.function).filter { $0.hasPrefix(space) }
        }
        return names(.function).filter { !$0.utf8.contains(UInt8(ascii: ".")) } + namespaces.sorted().map { $0 + ".…" }
    }

    static func macroUsage(_ name: String) -> String {
        switch name {
        case "has": "write has(a.b)"
        case "map": "write list.map(x, value) or list.map(x, condition, value)"
        default: Macro(method: name).map { "write \(macroExample($0, name))" } ?? "write cel.bind(x, value, result)"
        }
    }

    static func macroExample(_ macro: Macro, _ name: String) -> String {
        switch macro {
        case .optMap, .optFlatMap: "optional.\(name)(x, value)"
        case .bind: "cel.bind(x, value, result)"
        case .sortBy: "list.sortBy(x, key)"
        case .transformList, .transformMap: "map.\(name)(k, v, value)"
        case .transformMapEntry: "map.transformMapEntry(k, v, {key: value})"
        case .map, .filter, .all, .exists, .existsOne: "list.\(name)(x, \(macro == .map ? "value" : "condition"))"
        }
    }
}
