import Testing

@testable import Certificates

@Suite struct CertificateNamesTests {
    @Test(arguments: [
        ("example.com", "exact"), ("EXAMPLE.com", "exact"), ("example.com.", "exact"), ("a.example.com", "wildcard"),
        ("exact.example.com", "exact"), ("a.b.example.com", "absent"), (".example.com", "absent"), ("com", "absent"),
        ("", "absent"), ("*.example.com", "exact"),
    ])
    func match(_ asked: String, _ expected: String) {
        let names = CertificateNames(hosts: ["*.example.com", "example.com", "exact.example.com"])
        #expect("\(names.match(asked))" == expected)
    }
}
