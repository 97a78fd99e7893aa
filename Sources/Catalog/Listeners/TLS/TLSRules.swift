package import Diagnostics

/// What can be wrong with TLS on a listener.
package enum TLSRules {
    package static let all: [Rule] = [
        unreadable, badCertificate, badKey, keyMismatch, dates, nameless, certificateTwice, clientAuth,
    ]

    private static func sample(_ tls: String) -> String {
        CatalogRules.manifest("listen: { address: \"127.0.0.1:8443\", tls: { \(tls) } }")
    }

    private static func pair(_ certificate: String, _ key: String) -> String {
        sample("certificate: tls/\(certificate), key: tls/\(key)")
    }

    private static let good = pair("server.pem", "server.key")

    static let unreadable = Rule(
        "unreadable-certificate", summary: "a file that `tls` names cannot be read",
        explanation: """
            The paths under `tls` are relative to the manifest that says them. The files are read when the manifest is \
            loaded, also for `lint`, and again at each reload. Each is a regular file of at most 1 MiB that the server's \
            user may read.
            """,
        bad: pair("missing.pem", "server.key"), good: good)

    static let badCertificate = Rule(
        "bad-certificate", summary: "a file that holds no certificate",
        explanation: """
            A certificate is in PEM: a block `-----BEGIN CERTIFICATE-----`. The server's own comes first, then those that \
            vouch for it; the root need not be there, since clients have it. Text between the blocks is passed over.
            """,
        bad: pair("server.key", "server.key"), good: good)

    static let badKey = Rule(
        "bad-key", summary: "a file that holds no private key that can be used",
        explanation: """
            A private key is in PEM, ECDSA, RSA or Ed25519, and not encrypted: there is nobody to ask for a password when the server \
            starts. Keep others from reading the file instead.
            """,
        bad: pair("server.pem", "encrypted.key"), good: good)

    static let keyMismatch = Rule(
        "key-mismatch", summary: "a private key that is not the certificate's",
        explanation: """
            The key must be the one that the certificate was made for, and that certificate the first of its file. At a \
            reload the pair before stays in use; that happens while the two files are changed one after the other, and the \
            second change is loaded too.
            """,
        bad: pair("server.pem", "other.key"), good: good)

    static let dates = Rule(
        "certificate-dates", .warning, summary: "a certificate that does not hold now",
        explanation: """
            Clients refuse a certificate before its first and after its last day. The server uses it all the same, so that \
            it can be started and the certificate be renewed under it.
            """,
        bad: pair("ended.pem", "server.key"), good: good)

    static let nameless = Rule(
        "nameless-certificate", .warning, summary: "a certificate that names no host",
        explanation: """
            Clients compare the host of the URL with the certificate's subject alternative names (RFC 9525); the common \
            name, where it used to stand, they ignore. One without such names fits no URL.
            """,
        bad: pair("nameless.pem", "server.key"), good: good)

    static let certificateTwice = Rule(
        "certificate-twice", summary: "`certificate` beside `certificates`",
        explanation: """
            A listener has one pair of `certificate` and `key`, or several under `certificates`, of which the first is for \
            clients that name no host. It would not be clear which comes first if there were both.
            """,
        bad: sample(
            "certificate: tls/server.pem, key: tls/server.key, "
                + "certificates: [{ certificate: tls/server.pem, key: tls/server.key }]"),
        good: sample("certificates: [{ certificate: tls/server.pem, key: tls/server.key }]"))

    static let clientAuth = Rule(
        "client-auth", summary: "clients are asked for certificates that nobody vouches for",
        explanation: """
            A client's certificate counts if one of `client_ca` vouches for it. Without `client_ca` none could; the \
            authorities that the system knows vouch for servers, and for anybody's.
            """,
        bad: sample("certificate: tls/server.pem, key: tls/server.key, client_auth: required"),
        good: sample("certificate: tls/server.pem, key: tls/server.key, client_ca: tls/clients.pem"))
}
