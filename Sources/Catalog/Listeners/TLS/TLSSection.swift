package import Diagnostics
package import Manifests

/// `listen.tls` and `admin.tls`: what a listener needs to speak TLS.
package struct TLSSection: ManifestSection {
    package enum Version: String, Choice {
        case v12 = "1.2"
        case v13 = "1.3"
    }

    package enum ClientCertificates: String, Choice {
        case optional
        case required
    }

    package var certificate: Placed<FilePath>?
    package var key: Placed<FilePath>?
    package var certificates: [CertificateFiles]?
    package var minimum = Version.v12
    package var clientAuthorities: Placed<FilePath>?
    package var clientCertificates: Placed<Switchable<ClientCertificates>>?

    package init() {}

    package static let key = "tls"
    package static let doc = """
        The certificate of a listener that speaks TLS, with its versions of HTTP offered by ALPN. The files are read when \
        the manifest is, also when it is loaded again.
        """
    package static let fields: [Field<TLSSection>] = [
        Field("certificate", \.certificate, doc: CertificateFiles.certificateDoc, example: "tls/server.pem"),
        Field("key", \.key, doc: CertificateFiles.keyDoc, example: "tls/server.key"),
        Field(
            "certificates", \.certificates,
            doc: """
                In place of `certificate` and `key` several of them. A client that names the host gets the one that is for \
                this name, else the first.
                """,
            example: "[{ certificate: tls/server.pem, key: tls/server.key }]"),
        Field("minimum", \.minimum, doc: "The least version of TLS.", example: "\"1.2\""),
        Field(
            "client_ca", \.clientAuthorities,
            doc: "Certificates in PEM of those who vouch for clients.", example: "tls/clients.pem"),
        Field(
            "client_auth", \.clientCertificates,
            doc: """
                Whether a client must show a certificate that one of `client_ca` vouches for: `required`, as it is where \
                `client_ca` stands, `optional` or `off`. Expressions read from it who the client is: `client.identity`.
                """,
            example: "required"),
    ]

    /// The pairs of files, as they are written.
    var pairs: [CertificateFiles] {
        if let certificate, let key { return [CertificateFiles(certificate: certificate, key: key)] }
        return certificates ?? []
    }

    /// The paths of the certificates, the one first that is shown to who names no host.
    package var certificateFiles: [String] { pairs.compactMap { $0.certificate?.value.path } }

    /// Whether nobody connects without a certificate.
    package var demandsClientCertificates: Bool {
        guard clientAuthorities != nil else { return false }
        guard let clientCertificates else { return true }
        if case .on(.required) = clientCertificates.value { return true }
        return false
    }

    package func lint(_ node: Node, _ findings: inout Findings) {
        if let entry = node.entry("certificates"), let other = node.entry("certificate") ?? node.entry("key") {
            findings.report(
                TLSRules.certificateTwice, "`\(other.name)` stands beside `certificates`", at: other.key.range,
                help: "move it into the list",
                related: [Finding.Related(entry.key.range, "the list")])
        } else if node.entry("certificates") == nil {
            for (name, other) in [("certificate", "key"), ("key", "certificate")] where node.entry(name) == nil {
                if name == "key", node.entry(other) == nil { continue }
                findings.report(
                    ManifestRules.missingKey, "tls needs `\(name)`", at: node.heading, label: "`\(name)` is missing",
                    help: "add `\(name): tls/server.\(name == "key" ? "key" : "pem")`")
            }
        } else if let entry = node.entry("certificates"), entry.value.items?.isEmpty == true {
            findings.report(
                ManifestRules.missingKey, "tls needs a certificate", at: entry.value.range,
                label: "the list is empty",
                help: "write `[{ certificate: tls/server.pem, key: tls/server.key }]`")
        }
        if let place = clientCertificates?.range, clientCertificates?.value.value != nil, node.entry("client_ca") == nil
        {
            findings.report(
                TLSRules.clientAuth, "nobody is named who vouches for clients", at: place,
                help: "add `client_ca: tls/clients.pem`")
        }
    }
}

/// A certificate and its key, as two files.
package struct CertificateFiles: ManifestSection {
    package var certificate: Placed<FilePath>?
    package var key: Placed<FilePath>?

    package init() {}

    init(certificate: Placed<FilePath>, key: Placed<FilePath>) {
        self.certificate = certificate
        self.key = key
    }

    static let certificateDoc = "The certificate in PEM, and after it those that vouch for it, but the root."
    static let keyDoc = "Its private key in PEM: ECDSA, RSA or Ed25519, not encrypted."

    package static let key = "a certificate"
    package static let doc = "A certificate and its private key."
    package static let fields: [Field<CertificateFiles>] = [
        Field("certificate", \.certificate, doc: certificateDoc, example: "tls/server.pem", required: true),
        Field("key", \.key, doc: keyDoc, example: "tls/server.key", required: true),
    ]
}
