package import Diagnostics
package import Manifests
import Pipeline

/// Whose `traceparent` is continued: `always`, `never`, or the networks of the callers.
package enum TraceTrust: ManifestValue, Equatable {
    case always
    case never
    case networks([Network])

    package static var schema: Schema { .anyOf([Word.schema, .array(Network.schema)]) }

    private enum Word: String, Choice {
        case always
        case never
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> TraceTrust? {
        if node.items != nil { return [Network].decode(node, &findings).map { .networks($0) } }
        // One network alone is a list of one.
        if let first = node.scalar?.text.bytes.first, first &- 0x30 < 10 || first == UInt8(ascii: ":") {
            return Network.decode(node, &findings).map { .networks([$0]) }
        }
        if let scalar = node.scalar, scalar.value != .null, Word(rawValue: scalar.text.string) == nil {
            let nearest = Suggest.nearest(scalar.text.string, among: Word.allCases.map(\.rawValue))
            findings.report(
                ManifestRules.unknownChoice, "`\(scalar.shortText)` is not one of the choices", at: node.range,
                help: nearest.map { "did you mean `\($0)`?" }
                    ?? "write `always`, `never`, or a list of networks such as `[10.0.0.0/8]`", suggestion: nearest)
            return nil
        }
        return Word.decode(node, &findings).map { $0 == .always ? .always : .never }
    }

    package func written() -> Node {
        switch self {
        case .always: Node(string: "always")
        case .never: Node(string: "never")
        case .networks(let networks): networks.written()
        }
    }

    /// As the stage asks it.
    enum Compiled: Sendable {
        case always
        case never
        case among(AddressSet)

        // `inout`, since a large struct that is only lent may be copied for it (docs/decisions/0003).
        func holds(_ exchange: inout Exchange) -> Bool {
            switch self {
            case .always: true
            case .never: false
            case .among(let networks): exchange.client.map(networks.contains) ?? false
            }
        }
    }

    var compiled: Compiled {
        switch self {
        case .always: .always
        case .never: .never
        case .networks(let networks): .among(AddressSet(networks.map(\.cidr)))
        }
    }
}
