import JSON
import Testing

private func text(_ writer: borrowing ByteWriter) -> String { String(decoding: writer.bytes, as: UTF8.self) }

@Suite struct ByteWriterTests {
    @Test func growsAndKeepsWhatItHas() {
        var writer = ByteWriter(capacity: 1)
        var expected: [UInt8] = []
        for round in 0..<2000 {
            writer.append(UInt8(truncatingIfNeeded: round))
            expected.append(UInt8(truncatingIfNeeded: round))
            if round % 7 == 0 {
                writer.append("literal" as StaticString)
                writer.append("text \u{E9}")
                writer.append([1, 2, 3])
                expected += Array("literaltext \u{E9}".utf8) + [1, 2, 3]
            }
        }
        #expect(Array(writer.bytes) == expected)
        #expect(writer.count == expected.count)
    }

    @Test func clearTruncateShrink() {
        var writer = ByteWriter(capacity: 64)
        writer.append("0123456789" as StaticString)
        writer.truncate(to: 20)
        #expect(writer.count == 10)
        writer.truncate(to: -1)
        #expect(writer.count == 10)
        writer.truncate(to: 4)
        #expect(text(writer) == "0123")
        writer.append(uninitialized: 2) { $0.update(repeating: 0x41, count: 2) }
        #expect(text(writer) == "0123AA")
        writer.append([UInt8](repeating: 0x42, count: 100_000))
        writer.shrink(to: 1024)
        #expect(writer.count == 100_006)
        writer.clear()
        writer.shrink(to: 1024)
        #expect(writer.capacity == 1024)
        #expect(writer.bytes.isEmpty)
        writer.append("x" as StaticString)
        #expect(text(writer) == "x")
    }

    @Test func replacesOnlyWhatIsThere() {
        var writer = ByteWriter()
        writer.append("abc" as StaticString)
        writer.replace(at: 1, with: UInt8(ascii: "B"))
        writer.replace(at: 3, with: UInt8(ascii: "D"))
        writer.replace(at: -1, with: UInt8(ascii: "A"))
        #expect(text(writer) == "aBc")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, .max, -1, -10, .min]) func decimals(value: Int) {
        var writer = ByteWriter()
        writer.append(decimal: value)
        #expect(text(writer) == String(value))
    }

    @Test func largestUnsigned() {
        var writer = ByteWriter()
        writer.append(decimal: UInt.max)
        #expect(text(writer) == "18446744073709551615")
    }

    @Test(arguments: [(7, 3, "007"), (123, 3, "123"), (1234, 3, "234"), (0, 2, "00"), (5, 1, "5")])
    func padded(value: Int, width: Int, expected: String) {
        var writer = ByteWriter()
        writer.append(decimal: value, width: width)
        #expect(text(writer) == expected)
    }

    @Test(arguments: [
        (UInt64(0), "0000000000000000"), (0x0123_4567_89AB_CDEF, "0123456789abcdef"), (.max, "ffffffffffffffff"),
        (0xFEDC_BA98_7654_3210, "fedcba9876543210"),
    ]) func hexadecimals(value: UInt64, expected: String) {
        var writer = ByteWriter(capacity: 64)
        writer.append(hex: value)
        #expect(text(writer) == expected)
        writer.clear()
        writer.append(hex: UInt32(truncatingIfNeeded: value))
        #expect(text(writer) == String(expected.suffix(8)))
    }
}
