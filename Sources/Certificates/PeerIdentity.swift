package import NIOSSL

/// Who a client's certificate says that it is: its first URI (as SPIFFE has it), else its first host name, else its first
/// mail address, else its common name.
package enum PeerIdentity {
    package static func of(_ certificate: NIOSSLCertificate) -> [UInt8] {
        let names = certificate._subjectAlternativeNames()
        for kind in [_SubjectAlternativeName.NameType.uri, .dnsName, .email] {
            guard let name = names.first(where: { $0.nameType == kind }) else { continue }
            let bytes = name.contents.withUnsafeBufferPointer { Array($0) }
            if isText(bytes) { return bytes }
        }
        let name = (try? certificate.toDERBytes()).flatMap { try? CertificateBody(der: $0) }?.commonName ?? []
        return isText(name) ? name : []
    }

    /// Whether nothing in it could be taken for the end of a line or of a text, wherever it is written to.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty && String(validating: bytes, as: UTF8.self) != nil
            && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
