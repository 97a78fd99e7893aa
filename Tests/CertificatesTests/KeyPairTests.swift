import Testing

@testable import Certificates

@Suite struct KeyPairTests {
    private static func made(_ hosts: [String], now: Int64 = 1_800_000_000) throws -> DevelopmentCertificate {
        try DevelopmentCertificate(hosts: hosts, addresses: [[127, 0, 0, 1]], now: now)
    }

    private static func pair(_ hosts: [String], now: Int64 = 1_800_000_000) throws -> KeyPair {
        let made = try made(hosts, now: now)
        return try KeyPair(certificate: Array(made.certificate.utf8), key: Array(made.key.utf8))
    }

    /// The dates are written from the calendar and read back to seconds: leap days, ends of years and of months.
    @Test(
        arguments: [
            0, 951_782_399, 951_868_800, 1_582_934_400, 1_709_164_800, 1_735_689_599, 1_798_761_600, 1_835_395_200,
            2_456_611_200,
        ] as [Int64])
    func datesAreRead(_ now: Int64) throws {
        let pair = try Self.pair(["a.example"], now: now)
        #expect(pair.begins == now - 3600)
        #expect(pair.ends == now + 365 * 86_400)
    }

    @Test func namesAreRead() throws {
        let names = try Self.pair(["A.example", "*.b.example"]).names
        #expect(names.hosts.map { String(decoding: $0, as: UTF8.self) } == ["a.example", "*.b.example"])
        #expect(names.addresses == 1)
        #expect(!names.isEmpty)
    }

    enum Broken: CaseIterable {
        case nothing
        case keyAlone
        case cutCertificate
        case secondCut
        case noKey
        case encrypted
        case cutKey
        case otherKey

        var fault: KeyPair.Fault {
            switch self {
            case .nothing, .keyAlone: .noCertificate
            case .cutCertificate: .brokenCertificate(1)
            case .secondCut: .brokenCertificate(2)
            case .noKey: .noKey
            case .encrypted: .encryptedKey
            case .cutKey: .brokenKey
            case .otherKey: .mismatch
            }
        }
    }

    @Test(arguments: Broken.allCases) func whatIsWrongIsTold(_ broken: Broken) throws {
        let made = try Self.made(["a.example"])
        let cut = "-----BEGIN CERTIFICATE-----\nMIIBcjCCARegAwIBAgIUQm9yZWQ=\n-----END CERTIFICATE-----\n"
        let (certificate, key) =
            switch broken {
            case .nothing: ("", made.key)
            case .keyAlone: (made.key, made.key)
            case .cutCertificate: (cut, made.key)
            case .secondCut: (made.certificate + cut, made.key)
            case .noKey: (made.certificate, made.certificate)
            case .encrypted: (made.certificate, made.key.replacing("PRIVATE", with: "ENCRYPTED PRIVATE"))
            case .cutKey: (made.certificate, "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n")
            case .otherKey: (made.certificate, try Self.made(["a.example"]).key)
            }
        #expect(throws: broken.fault) {
            _ = try KeyPair(certificate: Array(certificate.utf8), key: Array(key.utf8))
        }
    }

    @Test(
        arguments: [
            ("a.example", 0), ("x.b.example", 2), ("y.b.example", 1), ("twice.example", 0), ("none.example", nil),
            (nil, nil),
        ] as [(String?, Int?)])
    func nameChoosesThePair(_ host: String?, _ index: Int?) throws {
        let hosts = [["a.example", "twice.example"], ["*.b.example"], ["x.b.example", "twice.example"]]
        let pairs = try hosts.map { try Self.pair($0) }
        #expect(ServerTLS.pair(for: host, among: pairs)?.names.hosts == index.map { pairs[$0].names.hosts })
    }

    @Test func clientWithoutNamesIsKnownByItsCommonName() throws {
        let made = try DevelopmentCertificate(hosts: [], addresses: [], now: 1_800_000_000)
        let authorities = try CertificateAuthorities(Array(made.certificate.utf8))
        let certificate = try #require(authorities.certificates.first)
        #expect(PeerIdentity.of(certificate) == Array("radicled development".utf8))
    }

    @Test func clientIsKnownByItsFirstHostName() throws {
        let made = try DevelopmentCertificate(hosts: ["a.example", "b.example"], addresses: [], now: 1_800_000_000)
        let authorities = try CertificateAuthorities(Array(made.certificate.utf8))
        let certificate = try #require(authorities.certificates.first)
        #expect(PeerIdentity.of(certificate) == Array("a.example".utf8))
    }
}
