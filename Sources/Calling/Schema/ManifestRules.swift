import Catalog
import Diagnostics
import Manifests
import Pipeline

/// What a manifest says of how HTTP reaches its methods, in place of what their `.proto` does.
struct ManifestRules {
    /// By `package.Service/Method`; nil where it is switched off.
    private var rules: [String: HTTPRule?] = [:]

    init(_ manifest: ManifestRoot?) {
        for service in manifest?.services.entries ?? [] {
            guard let name = service.value.grpc?.value else { continue }
            for method in service.value.methods.entries {
                let full = "\(name)/\(method.key.string)"
                switch method.value.http {
                case .off?: rules[full] = .some(nil)
                case .on(let sections)?: rules[full] = .some(sections.values.lazy.compactMap(\.rule).first)
                case nil: break
                }
            }
        }
    }

    func applied(to method: CalledMethod) -> CalledMethod {
        var method = method
        if let rule = rules[method.fullName] { method.rule = rule }
        return method
    }
}
