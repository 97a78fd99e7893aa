import Diagnostics
package import Manifests

/// `listen`: where the server takes connections.
package struct Listen: ManifestSection {
    package var address = Placed(ListenAddress.tcp(host: "127.0.0.1", port: 8080))

    package init() {}

    package static let key = "listen"
    package static let doc = "An address to take connections on; HTTP/1.1 is served there."
    package static let short: String? = "address"
    package static let fields: [Field<Listen>] = [
        Field(
            "address", \.address,
            doc: "`HOST:PORT`, `[::1]:PORT`, `:PORT` for every address, or `unix:PATH`. Port 0 takes a free one.",
            example: "0.0.0.0:8080", required: true)
    ]
}
