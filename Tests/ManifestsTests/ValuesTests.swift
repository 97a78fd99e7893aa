import Diagnostics
import Manifests
import Testing

/// A list of one value, so that each table is plain YAML scalars.
private func decode<Value: ManifestValue>(_ type: Value.Type, _ text: String) -> (value: Value?, finding: Finding?) {
    let decoding = Decoding<[Value]>("- " + text)
    return (decoding.value?.first, decoding.findings.first)
}

@Suite struct ValuesTests {
    static let timespans: [(String, Int64)] = [
        ("250ms", 250_000_000), ("2s", 2_000_000_000), ("1h30m", 5_400_000_000_000), ("100us", 100_000), ("5ns", 5),
        ("0s", 0), ("0", 0), ("1.5s", 1_500_000_000),
        ("0.25ms", 250_000), ("1m1s1ms1us1ns", 61_001_001_001), ("24h", 86_400_000_000_000), ("'2s'", 2_000_000_000),
        ("2562047h", 9_223_369_200_000_000_000),
        ("0.000000001s", 1), ("30s1m", 90_000_000_000), ("001s", 1_000_000_000),
    ]

    @Test(arguments: timespans) func durations(_ text: String, _ nanoseconds: Int64) {
        let found = decode(Timespan.self, text)
        #expect(found.value?.nanoseconds == nanoseconds)
        #expect(found.finding == nil)
    }

    static let badTimespans: [(String, String?)] = [
        ("5", "5s"), ("1.5", "1.5s"), ("5sec", "5s"), ("2 s", "2s"), ("10 minutes", "10m"), ("1d", "24h"),
        ("2days", "48h"), ("5S", "5s"), ("1h 30m", "1h30m"),
        ("100\u{B5}s", "100us"), ("3hours", "3h"), ("500msec", "500ms"), ("-5s", nil), ("-1", nil), ("s", nil),
        ("abc", nil), ("''", nil), ("5x", nil), ("1..5s", nil),
        (".5s", nil), ("5.s", nil), ("1e3s", nil), ("99999999999h", nil), ("9223372036854775808ns", nil),
        ("9223372036s9223372036s", nil), ("5ss", nil), ("1h-30m", nil),
        ("[1s]", nil), ("{}", nil), ("null", nil), ("true", nil),
        ("99999999999999999999999999", "99999999999999999999999999s"), ("5s;", nil), ("\u{665}s", nil),
        ("999999999999d", nil),
    ]

    @Test(arguments: badTimespans) func badDurations(_ text: String, _ suggestion: String?) throws {
        let found = decode(Timespan.self, text)
        #expect(found.value == nil)
        let finding = try #require(found.finding)
        #expect(finding.suggestion == suggestion)
        #expect(finding.rule.id == "bad-duration" || finding.rule.id == "wrong-type")
        #expect(finding.help != nil || finding.rule.id == "wrong-type")
    }

    static let sizes: [(String, Int)] = [
        ("512", 512), ("0", 0), ("1MiB", 1 << 20), ("64KiB", 65536), ("1GiB", 1 << 30), ("1TiB", 1 << 40),
        ("1KB", 1000), ("1kB", 1000), ("2MB", 2_000_000),
        ("1GB", 1_000_000_000), ("5B", 5), ("1.5KiB", 1536), ("'1MiB'", 1 << 20), ("0.5MiB", 1 << 19),
    ]

    @Test(arguments: sizes) func goodSizes(_ text: String, _ bytes: Int) {
        let found = decode(Size.self, text)
        #expect(found.value?.bytes == bytes)
        #expect(found.finding == nil)
    }

    static let badSizes: [(String, String?)] = [
        ("1 MiB", "1MiB"), ("1mb", "1MB"), ("1k", "1KiB"), ("1M", "1MiB"), ("10 bytes", "10B"), ("1gib", "1GiB"),
        ("-1", nil), ("-1MiB", nil), ("big", nil), ("''", nil),
        ("1XiB", nil), ("99999999TiB", nil), ("99999999999999999999", nil), ("[1]", nil), ("null", nil), ("1.MiB", nil),
        ("1e3", nil),
    ]

    @Test(arguments: badSizes) func wrongSizes(_ text: String, _ suggestion: String?) {
        let found = decode(Size.self, text)
        #expect(found.value == nil)
        #expect(found.finding?.suggestion == suggestion)
        #expect(found.finding != nil)
    }

    static let shares: [(String, Double)] = [
        ("0.1", 0.1), ("10%", 0.1), ("0", 0), ("1", 1), ("100%", 1), ("0%", 0), ("0.5%", 0.005), ("1.0", 1),
        ("'50%'", 0.5), (".5", 0.5), ("1e-5", 1e-5),
    ]

    @Test(arguments: shares) func goodShares(_ text: String, _ fraction: Double) throws {
        let value = try #require(decode(Share.self, text).value)
        #expect(abs(value.fraction - fraction) < 1e-12)
    }

    static let badShares: [(String, String?)] = [
        ("10", "10%"), ("1.5", "1.5%"), ("101%", nil), ("200", nil), ("-1", nil), ("-10%", nil), ("ten", nil),
        ("'%'", nil), ("10 %", nil), (".nan", nil), (".inf", nil), ("[]", nil), ("1%%", nil),
    ]

    @Test(arguments: badShares) func wrongShares(_ text: String, _ suggestion: String?) {
        let found = decode(Share.self, text)
        #expect(found.value == nil)
        #expect(found.finding?.suggestion == suggestion)
    }

    static let rates: [(String, Int, Rate.Unit)] = [
        ("100/s", 100, .second), ("5/m", 5, .minute), ("1000/h", 1000, .hour), ("20/d", 20, .day), ("1/s", 1, .second),
    ]

    @Test(arguments: rates) func goodRates(_ text: String, _ count: Int, _ unit: Rate.Unit) {
        #expect(decode(Rate.self, text).value == Rate(count, per: unit))
    }

    static let badRates: [(String, String?)] = [
        ("100", "100/s"), ("100 / s", "100/s"), ("5/min", "5/m"), ("10rps", "10/s"), ("5 per hour", "5/h"),
        ("0/s", nil), ("-1/s", nil), ("1.5/s", nil), ("x", nil), ("/s", nil),
        ("1/w", nil), ("99999999999999999999/s", nil), ("[]", nil), ("null", nil),
    ]

    @Test(arguments: badRates) func wrongRates(_ text: String, _ suggestion: String?) {
        let found = decode(Rate.self, text)
        #expect(found.value == nil)
        #expect(found.finding != nil)
        #expect(found.finding?.suggestion == suggestion)
    }

    static let addresses: [(String, ListenAddress)] = [
        ("127.0.0.1:8080", .tcp(host: "127.0.0.1", port: 8080)), ("localhost:0", .tcp(host: "localhost", port: 0)),
        ("':8080'", .tcp(host: "", port: 8080)), (":8080", .tcp(host: "", port: 8080)),
        ("0.0.0.0:65535", .tcp(host: "0.0.0.0", port: 65535)), ("'[::1]:8080'", .tcp(host: "::1", port: 8080)),
        ("'[::]:80'", .tcp(host: "::", port: 80)), ("'[fe80::1%eth0]:80'", .tcp(host: "fe80::1%eth0", port: 80)),
        ("unix:/run/x.sock", .unix(path: "/run/x.sock")), ("unix:x.sock", .unix(path: "x.sock")),
        ("my-host.example:80", .tcp(host: "my-host.example", port: 80)),
    ]

    @Test(arguments: addresses) func goodAddresses(_ text: String, _ address: ListenAddress) {
        let found = decode(ListenAddress.self, text)
        #expect(found.value == address)
        #expect(found.finding == nil)
        #expect(ListenAddress(address.description) == address)
    }

    /// What the carets cover, and the suggestion.
    static let badAddresses: [(String, String, String?)] = [
        ("localhost:99999", "99999", nil), ("localhost:65536", "65536", nil), ("localhost:", "localhost:", nil),
        ("localhost", "localhost", nil), ("8080", "8080", ":8080"), ("localhost:http", "http", nil),
        ("'localhost:8x'", "8x", nil), ("http://localhost:80", "http://localhost:80", "localhost:80"),
        ("http://localhost:80/a", "http://localhost:80/a", "localhost:80"), ("'*:80'", "*", ""),
        ("'::1:80'", "'::1:80'", nil),
        ("'[::1]'", "'[::1]'", nil), ("'[::1:80'", "'[::1:80'", nil), ("'[abc]:80'", "[abc]", nil),
        ("'a b:80'", "a b", nil), ("'unix:'", "'unix:'", nil), ("''", "''", nil), ("localhost:-1", "-1", nil),
        ("localhost:+1", "+1", nil), ("localhost:00080000", "00080000", nil), ("[a]", "[a]", nil),
        ("null", "null", nil), ("a/b:80", "a/b", nil), ("'[::1]80'", "80", nil), ("'[A:78]c!'", "c!", nil),
    ]

    @Test(arguments: badAddresses) func wrongAddresses(_ text: String, _ covered: String, _ suggestion: String?) throws
    {
        let found = decode(ListenAddress.self, text)
        #expect(found.value == nil)
        let finding = try #require(found.finding)
        #expect(slice(finding.range) == covered)
        #expect(finding.suggestion == suggestion)
    }

    @Test func aSocketPathHasALimit() {
        #expect(ListenAddress("unix:/" + String(repeating: "x", count: 106)) != nil)
        #expect(ListenAddress("unix:/" + String(repeating: "x", count: 107)) == nil)
    }

    @Test func pathsAreRelativeToTheirFile() {
        #expect(
            Decoding<[FilePath]>("- a/b.html", name: "conf/m.yaml").value?.first
                == FilePath("a/b.html", path: "conf/a/b.html"))
        #expect(Decoding<[FilePath]>("- /b.html", name: "conf/m.yaml").value?.first?.path == "/b.html")
        #expect(Decoding<[ListenAddress]>("- unix:x", name: "conf/m.yaml").value?.first == .unix(path: "conf/x"))
        #expect(decode(FilePath.self, "''").finding?.rule.id == "wrong-type")
        #expect(decode(FilePath.self, #""a\0b""#).finding?.rule.id == "wrong-type")
    }

    static let bools: [(String, Bool?, String?)] = [
        ("true", true, nil), ("False", false, nil), ("yes", nil, "true"), ("off", nil, "false"),
        ("'true'", nil, "true"), ("1", nil, nil), ("maybe", nil, nil), ("null", nil, nil), ("[]", nil, nil),
    ]

    @Test(arguments: bools) func booleans(_ text: String, _ value: Bool?, _ suggestion: String?) {
        let found = decode(Bool.self, text)
        #expect(found.value == value)
        #expect(found.finding?.suggestion == suggestion)
    }

    static let ints: [(String, Int?, String?)] = [
        ("5", 5, nil), ("-5", -5, nil), ("0x10", 16, nil), ("'5'", nil, "5"), ("5.0", nil, nil), ("five", nil, nil),
        ("9223372036854775808", nil, nil), ("null", nil, nil), ("true", nil, nil), ("{}", nil, nil),
    ]

    @Test(arguments: ints) func wholeNumbers(_ text: String, _ value: Int?, _ suggestion: String?) {
        let found = decode(Int.self, text)
        #expect(found.value == value)
        #expect(found.finding?.suggestion == suggestion)
    }

    static let strings: [(String, String?)] = [
        ("a", "a"), ("5", "5"), ("1.50", "1.50"), ("true", "true"), ("''", ""), ("null", nil), ("'null'", "null"),
        ("[]", nil), ("~", nil), ("on", "on"),
    ]

    @Test(arguments: strings) func texts(_ text: String, _ value: String?) {
        #expect(decode(String.self, text).value == value)
    }

    @Test func listsKeepWhatIsGood() {
        let decoding = Decoding<[Int]>("[1, x, 3]")
        #expect(decoding.value == [1, 3])
        #expect(decoding.told == ["1:5 wrong-type x"])
        #expect(Decoding<OneOrMore<Int>>("5").value?.values == [5])
        #expect(Decoding<OneOrMore<Int>>("[5, 6]").value?.values == [5, 6])
        #expect(Decoding<Named<Int>>("b: 1\na: 2").value?.entries.map(\.name) == ["b", "a"])
    }

    static let ranges: [(String, String?)] = [
        ("workers: 0", "1"), ("workers: 1", nil), ("workers: 1024", nil), ("workers: 1025", "1024"),
        ("workers: -3", "1"),
    ]

    @Test(arguments: ranges) func rangesAreChecked(_ text: String, _ suggestion: String?) {
        let finding = Decoding<Sample>("radicle: 1\n" + text).findings.first
        #expect(finding?.suggestion == suggestion)
        #expect((finding == nil) == (suggestion == nil))
    }

    @Test func durationsAreWrittenAsTheyAreRead() {
        for text in ["1h30m", "250ms", "0s", "1m1s1ms1us1ns", "2562047h47m16s854ms775us807ns"] {
            #expect(Timespan(text)?.description == text)
        }
        #expect(Timespan.hours(.max).nanoseconds == .max)
        #expect(Timespan.seconds(-1).nanoseconds == 0)
        #expect(Size(bytes: 1536).description == "1536")
        #expect(Size.mebibytes(3).description == "3MiB")
    }
}
