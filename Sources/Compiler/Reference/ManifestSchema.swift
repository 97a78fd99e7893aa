import Catalog
package import JSON
import Manifests

/// What `radicled schema` prints.
package enum ManifestSchema {
    package static func write(to out: inout ByteWriter) {
        ManifestRoot.schema.document(title: "radicled manifest").write(indentedTo: &out)
        out.append("\n")
    }
}
