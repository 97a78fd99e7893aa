import Diagnostics
import Manifests

/// A small whole manifest that shows one key.
package enum ExampleManifest {
    /// Nil if the key has no example. What is needed beside it (a responder, an error's code) is found by lint.
    package static func text(_ entry: KeyIndex.Entry, in index: KeyIndex = .shared) -> String? {
        guard let example = entry.field.example else { return nil }
        for place in entry.places {
            if let text = text(example, at: place, in: index) { return text }
        }
        return nil
    }

    private static func text(_ example: String, at place: [KeyIndex.Step], in index: KeyIndex) -> String? {
        var sketch = Sketch(index: index, place: place, example: example)
        var mistakes = sketch.mistakes
        while mistakes > 0, let better = sketch.candidates.min(by: { $0.mistakes < $1.mistakes }) {
            guard better.mistakes < mistakes else { return nil }
            sketch = better
            mistakes = better.mistakes
        }
        return sketch.text
    }

    private struct Sketch {
        let index: KeyIndex
        let place: [KeyIndex.Step]
        let example: String
        /// Further keys, by how many steps lie above them.
        var beside: [(depth: Int, field: Schema.Field)] = []

        /// The section around each step that is a key.
        private func section(_ depth: Int) -> Schema.Object? {
            let prefix = Array(place[...depth])
            return index.entries.first { $0.places.contains(prefix) }?.section
        }

        private func name(_ depth: Int) -> String? {
            if case .key(let name) = place[depth] { name } else { nil }
        }

        /// Whether it is about a gRPC service, which has no routes.
        private var isOfMethods: Bool {
            place.contains { [.key("methods"), .key("proto"), .key("grpc")].contains($0) }
        }

        /// With one key more, the innermost first.
        var candidates: [Sketch] {
            place.indices.reversed().flatMap { depth -> [Sketch] in
                guard let section = section(depth), depth > 0 else { return [] }
                return section.fields.compactMap { field in
                    guard field.example != nil, !field.required, field.name != name(depth),
                        !isOfMethods || field.name != "routes",
                        !beside.contains(where: { $0.depth == depth && $0.field.name == field.name })
                    else { return nil }
                    var more = self
                    more.beside.append((depth, field))
                    return more
                }
            }
        }

        /// Files of the example are not there, which says nothing against the example.
        var mistakes: Int {
            var findings = Findings()
            _ = Compilation(Source(name: "example.yaml", text: text), &findings)
            return findings.ordered().count { !["missing-file", "cannot-open"].contains($0.rule.id) }
        }

        var text: String {
            var lines: [String] = []
            var level = 0
            var dash = false
            func line(_ text: String) {
                lines.append(String(repeating: "  ", count: level) + (dash ? "- " : "") + text)
                if dash { level += 1 }
                dash = false
            }
            for depth in place.indices {
                if place[depth] == .item {
                    dash = true
                    continue
                }
                guard let name = name(depth) else {
                    line(chosenName(depth) + ":")
                    level += 1
                    continue
                }
                for field in section(depth)?.fields ?? [] where field.name != name {
                    let isNeeded =
                        field.required || isOfMethods && ["proto", "grpc"].contains(field.name)
                        || beside.contains { $0.depth == depth && $0.field.name == field.name }
                    guard isNeeded, field.name != "services", let example = field.example else { continue }
                    line("\(field.name): \(example)")
                }
                line(depth == place.count - 1 ? "\(name): \(example)" : "\(name):")
                level += 1
            }
            if place.first != .key("services") {
                lines += ["services:", "  web:", "    routes:", "      GET /hello: { template: hi }"]
            }
            return lines.joined(separator: "\n") + "\n"
        }

        private func chosenName(_ depth: Int) -> String {
            guard depth > 0 else { return "name" }
            switch name(depth - 1) {
            case "services": return isOfMethods ? "greeter" : "web"
            case "methods": return method
            case "routes": return pattern
            case "errors": return "default"
            default: return "name"
            }
        }

        /// One that streams as the keys want it.
        private var method: String {
            func has(_ name: String) -> Bool {
                place.contains(.key(name)) || beside.contains { $0.field.name == name }
            }
            if has("on_end") { return "Chat" }
            return has("messages") || has("interval") ? "SayHelloOften" : "SayHello"
        }

        /// With the wildcard that the example reads.
        private var pattern: String {
            let all = ([example] + beside.compactMap(\.field.example)).joined(separator: " ")
            guard let found = all.firstRange(of: "path.") else { return "GET /hello" }
            let name = all[found.upperBound...].prefix { $0.isLetter || $0 == "_" }
            return name.isEmpty ? "GET /hello" : "GET /hello/{\(name)}"
        }
    }
}
