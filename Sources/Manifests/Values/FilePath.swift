package import Diagnostics

/// A file, relative to the one that names it.
package struct FilePath: ManifestValue, Hashable {
    /// As the manifest says it.
    package let asWritten: String
    /// As it is opened.
    package let path: String

    package init(_ asWritten: String, path: String? = nil) {
        self.asWritten = asWritten
        self.path = path ?? asWritten
    }

    package static var schema: Schema {
        .named(
            Schema.Kind(
                "path", doc: "The path of a file, relative to the file that says it.", examples: ["pages/index.html"]),
            .anyOf([.string(pattern: "^[^\\x00]+$"), .number, .boolean]))
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> FilePath? {
        guard let scalar = node.scalar, scalar.value != .null, !scalar.text.bytes.isEmpty else {
            findings.wrongType(node, expected: "the path of a file")
            return nil
        }
        if scalar.text.bytes.contains(0) {
            findings.wrongType(node, expected: "a path without NUL")
            return nil
        }
        let path = scalar.text.string
        return FilePath(path, path: node.range.source.resolve(path))
    }

    package func written() -> Node { Node(string: path) }

    package static func == (a: FilePath, b: FilePath) -> Bool { a.path.utf8.elementsEqual(b.path.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in path.utf8 { hasher.combine(byte) }
    }
}
