package import Diagnostics
package import Manifests

/// `proto`: where the messages and the methods of a service are described.
package struct ProtoSource: ManifestValue {
    /// The folders that imports start from; without any, those of the files.
    package let roots: [Placed<FilePath>]
    package let files: [Placed<FilePath>]
    private let isTree: Bool

    package static let doc = """
        The `.proto` file or files that describe the service, or a compiled descriptor set; `{ roots, files }` where imports \
        start from other folders than those of the files. What google/protobuf, google/api and google/rpc have is built in.
        """

    package static var schema: Schema {
        guard let tree = ProtoTree.schema.objects.first else { return OneOrMore<FilePath>.schema }
        return .anyOf([FilePath.schema, .array(FilePath.schema), .object(tree)])
    }

    package static func decode(_ node: Node, _ findings: inout Findings) -> ProtoSource? {
        if node.entries != nil {
            guard let tree = ProtoTree.decode(node, &findings) else { return nil }
            return ProtoSource(roots: tree.roots.values, files: tree.files.values, isTree: true)
        }
        guard let files = OneOrMore<Placed<FilePath>>.decode(node, &findings) else { return nil }
        return ProtoSource(roots: [], files: files.values, isTree: false)
    }

    package func written() -> Node {
        let files = OneOrMore(files).written()
        return isTree ? Node(map: [("roots", roots.written()), ("files", files)]) : files
    }

    /// What tells it from others: two services with the same have one set of descriptors.
    package var paths: [[UInt8]] {
        roots.map { Array($0.value.path.utf8) } + [[0]] + files.map { Array($0.value.path.utf8) }
    }
}

/// `proto` as a map.
package struct ProtoTree: ManifestSection {
    package var roots = OneOrMore<Placed<FilePath>>()
    package var files = OneOrMore<Placed<FilePath>>()

    package init() {}

    package static let key = "proto"
    package static let doc = "Files that are described below one or more roots."
    package static let fields: [Field<ProtoTree>] = [
        Field(
            "roots", \.roots, doc: "The folders that imports start from, in the order in which they are searched.",
            example: "[protos, third_party]"),
        Field(
            "files", \.files, doc: "The files that have the service, relative to the manifest or to one of the roots.",
            example: "helloworld.proto", required: true),
    ]
}
