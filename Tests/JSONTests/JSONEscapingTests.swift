import JSON
import Testing

private func escaped(_ bytes: [UInt8]) -> String {
    var writer = ByteWriter()
    bytes.withUnsafeBufferPointer { writer.append(jsonEscaped: $0) }
    return String(decoding: writer.bytes, as: UTF8.self)
}

@Suite struct JSONEscapingTests {
    @Test(arguments: [
        ("", ""), ("plain text of more than eight", "plain text of more than eight"), ("\"", "\\\""), ("\\", "\\\\"),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", "\\b\\t\\n\\f\\r"), ("\0\u{1F}\u{7F}", "\\u0000\\u001f\u{7F}"), ("a/b", "a/b"),
        ("\u{E9}\u{20AC}\u{1D11E}", "\u{E9}\u{20AC}\u{1D11E}"), ("12345678\"", "12345678\\\""),
        ("1234567\n9", "1234567\\n9"),
    ]) func escapes(text: String, expected: String) {
        #expect(escaped(Array(text.utf8)) == expected)
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0xC3], "\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"), ([0xF0, 0x9D, 0x84], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)]) func replacesWhatIsNotUTF8(bytes: [UInt8], expected: String)
    {
        #expect(escaped(bytes) == expected)
    }

    /// Each byte at each place of a word, since the escape is looked for eight bytes at a time.
    @Test func everyByteAtEveryPlaceReadsBack() throws {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 17)
                bytes[place] = byte
                let value = try JSONReader.read(Array("\"\(escaped(bytes))\"".utf8)).get()
                #expect(value == .string(String(decoding: bytes, as: UTF8.self)))
            }
        }
    }

    @Test func wholeString() {
        var writer = ByteWriter()
        writer.append(jsonString: "a\"b")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"a\\\"b\"")
    }

    @Test func scannerFindsTheFirstFault() {
        func first(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBufferPointer { UTF8Scanner.firstInvalid($0) } }
        #expect(first(Array("a\u{E9}\u{20AC}\u{1D11E}".utf8)) == nil)
        #expect(first([]) == nil)
        #expect(first([0x61, 0xC3, 0xA9, 0x80]) == 3)
        #expect(first([0xE2, 0x82]) == 0)
        ([0x61] as [UInt8]).withUnsafeBufferPointer {
            #expect(UTF8Scanner.sequenceLength($0, 1) == 0)
            #expect(UTF8Scanner.sequenceLength($0, -1) == 0)
        }
    }
}
