import CEL
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
        ] as [(Int64, String)]) func text(_ seconds: Int64, _ expected: String)
    {
        #expect(Timestamp(seconds: seconds)?.text == expected)
        #expect(Fixture.result("int(timestamp('\(expected)'))") == "\(seconds)")
    }

    @Test func outside() {
        #expect(Timestamp(seconds: 253_402_300_800) == nil)
        #expect(Timestamp(seconds: -62_135_596_801) == nil)
        #expect(Timestamp(seconds: 0, nanoseconds: 1_000_000_000) == nil)
        #expect(Timestamp(nanosecondsSinceEpoch: -1).text == "1969-12-31T23:59:59.999999999Z")
        #expect(Timestamp(nanosecondsSinceEpoch: .min).seconds == -9_223_372_037)
        #expect(TimeSpan(nanoseconds: .min).text == "-9223372036.854775808s")
    }
}
