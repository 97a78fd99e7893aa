import SwiftASN1

/// What is read from a certificate here and not by the TLS library: when it holds, and its subject's common name (RFC 5280
/// section 4.1). The library traps on a date that is none.
struct CertificateBody {
    /// In seconds since the Unix epoch.
    let begins: Int64
    let ends: Int64
    /// The last one, which is the most specific.
    let commonName: [UInt8]?

    private static let commonNameID: ASN1ObjectIdentifier = [2, 5, 4, 3]
    private static let versionTag = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)

    init(der: [UInt8]) throws {
        self = try DER.sequence(try DER.parse(der), identifier: .sequence) { parts in
            guard let body = parts.next() else { throw Unreadable() }
            // The algorithm and the signature.
            while parts.next() != nil {}
            return try Self(body)
        }
    }

    private init(_ body: ASN1Node) throws {
        self = try DER.sequence(body, identifier: .sequence) { fields in
            guard var field = fields.next() else { throw Unreadable() }
            if field.identifier == Self.versionTag {
                guard let serial = fields.next() else { throw Unreadable() }
                field = serial
            }
            guard fields.next() != nil, fields.next() != nil, let validity = fields.next(), let subject = fields.next()
            else { throw Unreadable() }
            while fields.next() != nil {}
            let (begins, ends) = try DER.sequence(validity, identifier: .sequence) { times in
                guard let begins = times.next(), let ends = times.next() else { throw Unreadable() }
                return (try Self.seconds(begins), try Self.seconds(ends))
            }
            return Self(begins: begins, ends: ends, commonName: try Self.commonName(subject))
        }
    }

    private init(begins: Int64, ends: Int64, commonName: [UInt8]?) {
        self.begins = begins
        self.ends = ends
        self.commonName = commonName
    }

    private struct Unreadable: Error {}

    private static func seconds(_ node: ASN1Node) throws -> Int64 {
        if node.identifier == .utcTime {
            let time = try UTCTime(derEncoded: node)
            return seconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
        }
        let time = try GeneralizedTime(derEncoded: node)
        return seconds(time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
    }

    /// The reader has checked the ranges.
    private static func seconds(
        _ year: Int, _ month: Int, _ day: Int, _ hours: Int, _ minutes: Int, _ seconds: Int
    ) -> Int64 {
        // Howard Hinnant's `days_from_civil`: the year begins in March, so that the leap day is its last.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return Int64(days) * 86_400 + Int64(hours * 3600 + minutes * 60 + seconds)
    }

    private static func commonName(_ subject: ASN1Node) throws -> [UInt8]? {
        try DER.sequence(subject, identifier: .sequence) { sets in
            var found: [UInt8]?
            while let set = sets.next() {
                try DER.set(set, identifier: .set) { pairs in
                    while let pair = pairs.next() {
                        found = try Self.value(of: pair) ?? found
                    }
                }
            }
            return found
        }
    }

    /// The value of one attribute if that is the common name, in a form that is UTF-8.
    private static func value(of pair: ASN1Node) throws -> [UInt8]? {
        try DER.sequence(pair, identifier: .sequence) { parts in
            guard let kind = parts.next(), let value = parts.next() else { throw Unreadable() }
            guard try ASN1ObjectIdentifier(derEncoded: kind) == commonNameID,
                value.identifier == .utf8String || value.identifier == .printableString,
                case .primitive(let bytes) = value.content, String(validating: bytes, as: UTF8.self) != nil
            else { return nil }
            return Array(bytes)
        }
    }
}
