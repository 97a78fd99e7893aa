package import Certificates
package import Diagnostics
import JSON
package import Manifests
import Telemetry

/// The reading of the files that `tls` names, and what is wrong with them.
struct TLSFiles {
    private let surroundings: Surroundings
    /// Seconds since the Unix epoch.
    private let now: Int64

    /// No file of certificates is larger, but by mistake.
    fileprivate static let maximumSize = 1024 * 1024

    init(in surroundings: Surroundings, now: Int64) {
        self.surroundings = surroundings
        self.now = now
    }

    /// Nil if the file cannot be read, which is told.
    private func bytes(_ file: Placed<FilePath>, _ findings: inout Findings) -> [UInt8]? {
        guard let range = file.range else { return nil }
        let help = "a path is relative to the manifest that says it"
        do {
            let bytes = try surroundings.file(file.value.path, Self.maximumSize)
            if bytes.count <= Self.maximumSize { return bytes }
            findings.report(
                TLSRules.unreadable, "cannot read \(file.value.path): it is larger than 1 MiB", at: range, help: help)
        } catch {
            findings.report(
                TLSRules.unreadable, "cannot read \(file.value.path): \(error.reason)", at: range, help: help)
        }
        return nil
    }

    func pair(_ files: CertificateFiles, _ findings: inout Findings) -> KeyPair? {
        guard let certificate = files.certificate, let key = files.key else { return nil }
        // Both are looked at, so that one run tells what is wrong with either.
        let (certificateBytes, keyBytes) = (bytes(certificate, &findings), bytes(key, &findings))
        guard let certificateBytes, let keyBytes else { return nil }
        do {
            let pair = try KeyPair(certificate: certificateBytes, key: keyBytes)
            warn(pair, certificate, &findings)
            return pair
        } catch {
            report(error, certificate, key, &findings)
            return nil
        }
    }

    func authorities(_ file: Placed<FilePath>, _ findings: inout Findings) -> CertificateAuthorities? {
        guard let bytes = bytes(file, &findings) else { return nil }
        do { return try CertificateAuthorities(bytes) } catch { report(error, file, file, &findings) }
        return nil
    }

    private func report(
        _ fault: KeyPair.Fault, _ certificate: Placed<FilePath>, _ key: Placed<FilePath>, _ findings: inout Findings
    ) {
        guard let ofCertificate = certificate.range, let ofKey = key.range else { return }
        let path = fault.isOfKey ? key.value.path : certificate.value.path
        switch fault {
        case .noCertificate:
            findings.report(
                TLSRules.badCertificate, "\(path) holds no certificate", at: ofCertificate,
                help: "it must be PEM: `-----BEGIN CERTIFICATE-----` and so on")
        case .brokenCertificate(let number):
            findings.report(
                TLSRules.badCertificate, "certificate \(number) of \(path) is broken", at: ofCertificate,
                help: "`openssl x509 -noout -text -in \(path)` tells more")
        case .noKey:
            findings.report(
                TLSRules.badKey, "\(path) holds no private key", at: ofKey,
                help: "it must be PEM: `-----BEGIN PRIVATE KEY-----` and so on")
        case .encryptedKey:
            findings.report(
                TLSRules.badKey, "the key in \(path) is encrypted", at: ofKey,
                help: "`openssl pkey -in \(path) -out plain.key` decrypts it; let nobody else read the file")
        case .brokenKey:
            findings.report(
                TLSRules.badKey, "the key in \(path) is broken, or of a kind that TLS has not", at: ofKey,
                help: "use an ECDSA key on P-256, or RSA")
        case .unsuitedCertificate:
            findings.report(
                TLSRules.badCertificate, "the certificate in \(path) is of a kind that TLS has not", at: ofCertificate,
                help: "use an ECDSA key on P-256, or RSA")
        case .mismatch:
            findings.report(
                TLSRules.keyMismatch, "the key is not that of the certificate", at: ofKey,
                help: "the first certificate of the file must be the server's own",
                related: [Finding.Related(ofCertificate, "this certificate")])
        }
    }

    private func warn(_ pair: KeyPair, _ certificate: Placed<FilePath>, _ findings: inout Findings) {
        guard let range = certificate.range else { return }
        if pair.ends < now {
            findings.report(
                TLSRules.dates, "the certificate ended on \(Self.day(pair.ends))", at: range,
                help: "renew it: clients refuse to connect")
        } else if pair.begins > now {
            findings.report(
                TLSRules.dates, "the certificate does not hold before \(Self.day(pair.begins))", at: range,
                help: "until then clients refuse to connect")
        }
        if pair.names.isEmpty {
            findings.report(
                TLSRules.nameless, "the certificate names no host", at: range,
                help: "give it subject alternative names; the common name does not count")
        }
    }

    private static func day(_ seconds: Int64) -> String {
        var out = ByteWriter(capacity: 64)
        CivilTime(unixSeconds: seconds).writeDay(into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension KeyPair.Fault {
    fileprivate var isOfKey: Bool {
        switch self {
        case .noKey, .encryptedKey, .brokenKey, .mismatch: true
        case .noCertificate, .brokenCertificate, .unsuitedCertificate: false
        }
    }
}

extension TLSSection {
    /// TLS as the files make it; nil if something is wrong with them, which is told.
    func read(
        in surroundings: Surroundings, protocols: [String], _ findings: inout Findings
    ) -> ServerTLS? {
        let files = TLSFiles(in: surroundings, now: WallClock.now() / 1_000_000_000)
        let pairs = self.pairs.map { files.pair($0, &findings) }
        var trusted: CertificateAuthorities?
        if let clientAuthorities {
            trusted = files.authorities(clientAuthorities, &findings)
            guard trusted != nil else { return nil }
        }
        guard !pairs.isEmpty, !pairs.contains(where: { $0 == nil }) else { return nil }
        let asks: ServerTLS.ClientCertificates =
            switch clientCertificates.map(\.value) ?? (trusted == nil ? .off : .on(.required)) {
            case .off: .off
            case .on(.optional): .optional
            case .on(.required): .required
            }
        do {
            return try ServerTLS(
                pairs.compactMap(\.self), minimum: minimum == .v13 ? .v13 : .v12, protocols: protocols,
                authorities: trusted, clientCertificates: asks)
        } catch {
            // All that it is made of was tried before.
            if let range = clientAuthorities?.range ?? self.pairs.first?.certificate?.range {
                findings.report(
                    TLSRules.badCertificate, "the TLS library does not take these certificates", at: range,
                    help: "leave out what is not needed")
            }
            return nil
        }
    }
}

extension AdminSection {
    /// How a client on this machine knows the server: by the files of its certificates. Nil where it speaks no TLS.
    package func pinned(in surroundings: Surroundings) throws -> PinnedTLS? {
        try tls.map { tls in
            try PinnedTLS(
                tls.pairs.compactMap(\.certificate).map { file in
                    try surroundings.file(file.value.path, TLSFiles.maximumSize)
                })
        }
    }
}

extension Listen {
    /// Nil where the listener speaks no TLS, or where something is wrong with its files, which is told.
    package func serverTLS(in surroundings: Surroundings, _ findings: inout Findings) -> ServerTLS? {
        let protocols = (speaks(.http2) ? ["h2"] : []) + (speaks(.http1) ? ["http/1.1"] : [])
        return tls?.read(in: surroundings, protocols: protocols, &findings)
    }
}
