import Crypto
import SwiftASN1
import Telemetry

/// A certificate that vouches for itself, for a developer's machine, and its key. Made anew each time: a key that many
/// people have is none.
package struct DevelopmentCertificate {
    /// In PEM.
    package let certificate: String
    /// In PEM, PKCS #8.
    package let key: String

    /// A year: what is forgotten shall not be good for ever, and systems take no more than 825 days.
    package static let days = 365

    private static let name = "radicled development"
    private static let serverAuthentication: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 1]
    private static let signature: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]
    private static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]

    /// - Parameters:
    ///   - hosts: names in ASCII.
    ///   - addresses: IP addresses, as 4 or 16 bytes.
    ///   - now: seconds since the Unix epoch.
    package init(hosts: [String], addresses: [[UInt8]], now: Int64) throws {
        let key = P256.Signing.PrivateKey()
        // An hour back, since clocks differ.
        let body = try Self.body(
            hosts, addresses, Array(key.publicKey.derRepresentation), from: now - 3600,
            to: now + Int64(Self.days) * 86_400)
        var whole = DER.Serializer()
        try whole.appendConstructedNode(identifier: .sequence) { out in
            out.serializeRawBytes(body)
            try out.appendConstructedNode(identifier: .sequence) { try $0.serialize(Self.signature) }
            let signature = try key.signature(for: body).derRepresentation
            try out.serialize(ASN1BitString(bytes: ArraySlice(signature)))
        }
        certificate = PEMDocument(type: "CERTIFICATE", derBytes: whole.serializedBytes).pemString + "\n"
        self.key = key.pemRepresentation + "\n"
    }

    /// What is signed (RFC 5280 section 4.1.2).
    private static func body(
        _ hosts: [String], _ addresses: [[UInt8]], _ publicKey: [UInt8], from: Int64, to: Int64
    ) throws -> [UInt8] {
        var body = DER.Serializer()
        try body.appendConstructedNode(identifier: .sequence) { out in
            // Version 3.
            try out.appendConstructedNode(identifier: tag(0)) { try $0.serialize(2) }
            try out.serialize(Int64.random(in: 1 << 40...Int64.max))
            try out.appendConstructedNode(identifier: .sequence) { try $0.serialize(signature) }
            try writeName(into: &out)
            try out.appendConstructedNode(identifier: .sequence) { out in
                try out.serialize(time(from))
                try out.serialize(time(to))
            }
            try writeName(into: &out)
            out.serializeRawBytes(publicKey)
            try out.appendConstructedNode(identifier: tag(3)) { out in
                try out.appendConstructedNode(identifier: .sequence) {
                    try writeExtensions(hosts, addresses, into: &$0)
                }
            }
        }
        return body.serializedBytes
    }

    private static func tag(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }

    private static func time(_ seconds: Int64) throws -> UTCTime {
        let time = CivilTime(unixSeconds: seconds)
        return try UTCTime(
            year: time.year, month: time.month, day: time.day, hours: time.hour, minutes: time.minute,
            seconds: time.secondOfMinute)
    }

    private static func writeName(into out: inout DER.Serializer) throws {
        try out.appendConstructedNode(identifier: .sequence) { out in
            try out.appendConstructedNode(identifier: .set) { out in
                try out.appendConstructedNode(identifier: .sequence) { out in
                    try out.serialize(commonName)
                    try out.serialize(ASN1UTF8String(name))
                }
            }
        }
    }

    // MARK: Extensions

    private static func writeExtensions(
        _ hosts: [String], _ addresses: [[UInt8]], into out: inout DER.Serializer
    ) throws {
        // It vouches for nothing but itself: who trusts it trusts no other certificate by that.
        try write([2, 5, 29, 19], isCritical: true, into: &out) { out in
            out.appendConstructedNode(identifier: .sequence) { _ in }
        }
        // digitalSignature.
        try write([2, 5, 29, 15], isCritical: true, into: &out) {
            try $0.serialize(ASN1BitString(bytes: [0x80], paddingBits: 7))
        }
        try write([2, 5, 29, 37], into: &out) { out in
            try out.appendConstructedNode(identifier: .sequence) { try $0.serialize(serverAuthentication) }
        }
        try write([2, 5, 29, 17], into: &out) { out in
            out.appendConstructedNode(identifier: .sequence) { out in
                for host in hosts { out.appendPrimitiveNode(identifier: tag(2)) { $0.append(contentsOf: host.utf8) } }
                for address in addresses {
                    out.appendPrimitiveNode(identifier: tag(7)) { $0.append(contentsOf: address) }
                }
            }
        }
    }

    private static func write(
        _ id: ASN1ObjectIdentifier, isCritical: Bool = false, into out: inout DER.Serializer,
        _ value: (inout DER.Serializer) throws -> Void
    ) throws {
        var content = DER.Serializer()
        try value(&content)
        try out.appendConstructedNode(identifier: .sequence) { out in
            try out.serialize(id)
            if isCritical { try out.serialize(true) }
            try out.serialize(ASN1OctetString(contentBytes: ArraySlice(content.serializedBytes)))
        }
    }
}
