import CEL
import Diagnostics
import Testing

@Suite struct TimeZonesTests {
    /// A clock in a place whose zone files are given.
    final class Place: Ambient {
        let zones: TimeZones
        init(_ zones: TimeZones) { self.zones = zones }
        func now(_ context: Context) -> Int64 { 0 }
        func random(_ context: Context) -> UInt64 { 0 }
    }

    private static func result(_ text: String, _ zones: TimeZones) -> String {
        let environment = Environment(
            roots: [
                Root(
                    "call", .map(.string, .dyn),
                    fields: .closed([
                        Root.Field(
                            "time", .timestamp, FieldReader { _ in .timestamp(Timestamp(nanosecondsSinceEpoch: 0)) },
                            sentByClient: false),
                        Root.Field(
                            "zone", .string, FieldReader { $0.path["name"].map { .string($0) } },
                            sentByClient: false),
                    ]), sentByClient: false, noun: "field of call")
            ], ambient: Place(zones))
        var findings = Findings()
        guard let program = Expression.parse(Fixture.text(text), &findings)?.check(environment, &findings) else {
            return "finding: " + findings.ordered().map(\.message).joined(separator: "; ")
        }
        return Fixture.withContext { Fixture.shown(program.evaluate($0)) }
    }

    /// A version 2 file with one transition, at 100, from +1 hour to +2 hours, and a rule behind it.
    private static func file(version: UInt8 = 0x32, footer: String = "\nAAA-3\n", zone: UInt8 = 1) -> [UInt8] {
        func header(_ times: UInt8, _ types: UInt8, _ characters: UInt8) -> [UInt8] {
            Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15)
                + [0, 0, 0, times, types, characters].flatMap { [0, 0, 0, $0] }
        }
        let types: [UInt8] = [0, 0, 0x0E, 0x10, 0, 0, 0, 0, 0x1C, 0x20, 1, 4]
        let names = Array("ONE\0TWO\0".utf8)
        return header(0, 1, 1) + [0, 0, 0, 0, 0, 0] + [0] + header(1, 2, 8) + [0, 0, 0, 0, 0, 0, 0, 100] + [zone]
            + types + names + Array(footer.utf8)
    }

    @Test func withoutADatabaseOnlyFixedOffsetsAreKnown() {
        #expect(Self.result("call.time.getHours('UTC')", .none) == "0")
        #expect(Self.result("call.time.getHours('+02:00')", .none) == "2")
        #expect(
            Self.result("call.time.getHours('Europe/Berlin')", .none)
                == #"error: there is no time zone database to look up "Europe/Berlin" in; install tzdata"#)
    }

    @Test func aNameThatIsWrittenOutIsLookedUpAtLoad() {
        let zones = TimeZones { name in name == "Here/There" ? .bytes(Self.file()) : .unknown }
        #expect(Self.result("call.time.getHours('Here/Thre')", zones) == #"finding: unknown time zone "Here/Thre""#)
        #expect(Self.result("call.time.getHours('Here/There')", zones) == "1")
        #expect(Self.result("call.time.format('%H', 'Nowhere')", zones) == #"finding: unknown time zone "Nowhere""#)
        #expect(Self.result("call.time.getHours(call.zone)", zones) == #"error: unknown time zone "Ann""#)
    }

    @Test(arguments: ["../etc/passwd", "/etc/passwd", "a//b", "", ".hidden", "a/../b", "-x", "a\u{0}b", "é", "_a"])
    func aNameNeverLeavesTheDirectory(_ name: String) {
        let zones = TimeZones { _ in
            Issue.record("a file was asked for")
            return .unknown
        }
        var findings = Findings()
        let environment = Environment(roots: [], ambient: Place(zones))
        let text =
            "timestamp(0).getHours(\"\(name.unicodeScalars.map { $0.value == 0 ? "\\x00" : String($0) }.joined())\")"
        #expect(Expression.parse(Fixture.text(text), &findings)?.check(environment, &findings) == nil)
        #expect(findings.ordered().first?.message.contains("unknown time zone") == true)
    }

    @Test func transitionsAndTheRuleBehindThem() {
        let zones = TimeZones { _ in .bytes(Self.file()) }
        #expect(Self.result("timestamp(99).format('%H %Z', 'X')", zones) == #""01 ONE""#)
        // Behind the last transition the rule holds, not the period that starts there.
        #expect(Self.result("timestamp(100).format('%H %Z', 'X')", zones) == #""03 AAA""#)
        let bare = TimeZones { _ in .bytes(Self.file(footer: "\n\n")) }
        #expect(Self.result("timestamp(100).format('%H %Z', 'X')", bare) == #""02 TWO""#)
    }

    @Test(arguments: [
        ("AAA0BBB,M3.2.0,M11.1.0", "2024-03-10T01:59:59Z", "01 AAA"),
        ("AAA0BBB,M3.2.0,M11.1.0", "2024-03-10T02:00:00Z", "03 BBB"),
        ("AAA0BBB,M3.2.0,M11.1.0", "2024-11-03T00:59:59Z", "01 BBB"),
        ("AAA0BBB,M3.2.0,M11.1.0", "2024-11-03T01:00:00Z", "01 AAA"),
        ("AAA0BBB,M10.5.0,M3.5.0/3", "2024-01-01T00:00:00Z", "01 BBB"),
        ("AAA0BBB,M10.5.0,M3.5.0/3", "2024-07-01T00:00:00Z", "00 AAA"),
        ("AAA0BBB,J60/0,J61/0", "2024-02-29T12:00:00Z", "12 AAA"),
        ("AAA0BBB,J60/0,J61/0", "2024-03-01T12:00:00Z", "13 BBB"),
        ("AAA0BBB,59/0,60/0", "2024-02-29T12:00:00Z", "13 BBB"), ("<+0330>-3:30", "2024-02-29T12:00:00Z", "15 +0330"),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2024-07-01T00:00:00Z", "23 -01"),
        ("XXX3EDT4,0/0,J365/23", "2024-07-01T12:00:00Z", "08 EDT"),
    ])
    func rules(_ rule: String, _ time: String, _ expected: String) {
        let zones = TimeZones { _ in .bytes(Self.file(footer: "\n\(rule)\n")) }
        #expect(Self.result("timestamp('\(time)').format('%H %Z', 'X')", zones) == "\"\(expected)\"")
    }

    @Test func filesThatAreNoneAreErrors() {
        let good = Self.file()
        let bad: [[UInt8]] = [
            [], Array("TZif".utf8), Array(good.prefix(60)), Array(good.dropFirst()), Self.file(zone: 2),
            Array(repeating: 0xFF, count: 200),
        ]
        for bytes in bad {
            let zones = TimeZones { _ in .bytes(bytes) }
            #expect(
                Self.result("call.time.getHours('X')", zones)
                    == #"finding: the file of the time zone "X" cannot be read"#)
        }
    }

    /// Whatever stands in a file, nothing traps.
    @Test func damagedFilesNeverTrap() {
        let original = ZoneDirectory.contents("/usr/share/zoneinfo/Europe/Berlin") ?? Self.file()
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var read = 0
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<1 + next(4) {
                bytes[next(min(bytes.count, next(2) == 0 ? 120 : bytes.count))] = UInt8(next(256))
            }
            if next(4) == 0 { bytes.removeLast(next(bytes.count)) }
            let damaged = bytes
            let zones = TimeZones { _ in .bytes(damaged) }
            let result = Self.result("[0, 5000000000, -5000000000].map(t, timestamp(t).getHours('X'))", zones)
            if result.utf8.first == UInt8(ascii: "[") { read += 1 }
        }
        #expect(read > 0)
    }
}
