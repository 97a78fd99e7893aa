import Codings
import Testing

struct AcceptedCodingsTests {
    static let fields: [(String, ContentCoding?)] = [
        ("gzip", .gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("deflate", .deflate), ("br, gzip", .gzip),
        ("deflate, gzip", .gzip), ("deflate;q=1, gzip;q=0.5", .deflate), ("gzip;q=0.5, deflate;q=0.501", .deflate),
        ("*", .gzip), ("gzip;q=0, *", .deflate), ("*;q=0", nil), ("gzip;q=0", nil), ("gzip ; q=0.000", nil),
        ("identity", nil), ("identity;q=1, gzip;q=0.5", nil), ("identity;q=0.5, gzip;q=0.5", .gzip),
        ("", nil), (",,", nil), ("br", nil), ("gzip;q=", nil), ("gzip;q=2", nil), ("gzip;q=0.1234", nil),
        ("gzip;q=1.5", .gzip), ("gzip;q=-1", nil), ("gzip;level=1", nil), (" gzip\t,", .gzip),
    ]

    @Test(arguments: fields)
    func choosesTheBest(_ field: String, _ expected: ContentCoding?) {
        var field = field
        let best = field.withUTF8 { bytes in
            var accepted = AcceptedCodings()
            accepted.read(bytes)
            return accepted.best(of: [.gzip, .deflate])
        }
        #expect(best == expected)
    }

    @Test func severalFieldsAreOneList() {
        var accepted = AcceptedCodings()
        for var field in ["gzip;q=0.1", "deflate"] { field.withUTF8 { accepted.read($0) } }
        #expect(accepted.best(of: [.gzip, .deflate]) == .deflate)
        #expect(accepted.best(of: [.gzip]) == .gzip)
    }
}
