/// All functions, by name. A group is a file beside this one.
enum FunctionTable {
    private static let all: [Function] =
        conversionFunctions + textFunctions + collectionFunctions + optionalFunctions + encodingFunctions
        + generatorFunctions

    private static let functions = table(.function)
    private static let methods = table(.method)

    private static let namespaces: Set<String> = Set(
        all.compactMap { function in
            function.name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(function.name[..<$0]) }
        })

    private static func table(_ style: Function.Style) -> [String: Function] {
        Dictionary(all.filter { $0.style == style }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    static func function(_ name: String, _ style: Function.Style) -> Function? {
        style == .function ? functions[name] : methods[name]
    }

    static func isGlobal(_ name: String) -> Bool { functions[name] != nil }
    static func isMethod(_ name: String) -> Bool { methods[name] != nil || Macro(rawValue: name) != nil }
    static func isNamespace(_ name: String) -> Bool { namespaces.contains(name) }

    /// Every name of that style, macros included, sorted.
    static func names(_ style: Function.Style) -> [String] {
        switch style {
        case .function: (functions.keys + ["has"]).sorted()
        case .method: (methods.keys + Macro.allCases.map(\.rawValue)).sorted()
        }
    }

    static func macroUsage(_ name: String) -> String {
        switch name {
        case "has": "write has(a.b)"
        case "map": "write list.map(x, value) or list.map(x, condition, value)"
        case "optMap", "optFlatMap": "write optional.\(name)(x, value)"
        default: "write list.\(name)(x, condition)"
        }
    }
}
