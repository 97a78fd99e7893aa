import Testing

@testable import Protobuf

@Suite struct DecimalTextTests {
    @Test(arguments: [
        (1.5, "1.5"), (0.1, "0.1"), (1e21, "1e+21"), (100000, "100000"), (1e15, "1e+15"), (1e14, "100000000000000"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"), (0.1 + 0.2, "0.30000000000000004"), (1.7976931348623157e308, "1.7976931348623157e+308"),
        (.leastNonzeroMagnitude, "4.94065645841247e-324"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
        (-0.0, "-0"), (.infinity, "inf"),
        (9007199254740992, "9007199254740992"), (999999999999999.9, "999999999999999.88"), (-123.25, "-123.25"),
        (9.5, "9.5"),
        (0.999999999999999999, "1"), (5e-5, "5e-05"), (123456789012345680, "1.2345678901234568e+17"),
    ]) func doubles(_ value: Double, _ text: String) {
        #expect(DecimalText.text(value) == text)
    }

    @Test(
        arguments: [
            (1.1, "1.1"), (16777216, "16777216"), (1e30, "1e+30"), (0.1, "0.1"), (3.4028235e38, "3.40282347e+38"),
            (.leastNonzeroMagnitude, "1.40129846e-45"),
            (123456.789, "123456.789"), (1e6, "1e+06"), (999999, "999999"), (-2.5, "-2.5"),
        ] as [(Float, String)]) func floats(_ value: Float, _ text: String)
    {
        #expect(DecimalText.text(value) == text)
    }

    @Test func readsBackForManyNumbers() {
        var bits: UInt64 = 0x0123_4567_89AB_CDEF
        for _ in 0..<2000 {
            bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(bitPattern: bits)
            guard value.isFinite else { continue }
            #expect(Double(DecimalText.text(value)) == value)
        }
    }
}
