import Diagnostics
import Testing

@testable import Protobuf

@Suite struct LexerTests {
    private func tokens(_ text: String) -> (words: [String], problems: [String]) {
        let bytes = Array(text.utf8)
        var lexer = Lexer(bytes)
        lexer.run()
        let words = lexer.tokens.map { String(decoding: bytes[$0.span.start..<$0.span.end], as: UTF8.self) }
        return (words.dropLast(), lexer.problems.map(\.message))
    }

    @Test(arguments: [
        ("a b_1 _c", ["a", "b_1", "_c"]), ("a.b", ["a", ".", "b"]),
        ("1 0x1F 017 1.5 .5 1. 1e+9", ["1", "0x1F", "017", "1.5", ".5", "1.", "1e+9"]),
        ("a//b\nc", ["a", "c"]), ("a/*b*/c/**/", ["a", "c"]), ("'a\\'b' \"c\\\"\"", ["'a\\'b'", "\"c\\\"\""]),
        ("[a]={}", ["[", "a", "]", "=", "{", "}"]), ("\u{FEFF}a", ["a"]), ("", []), ("// é", []),
        ("a\r\n\u{B}\u{C}b", ["a", "b"]),
    ]) func words(_ text: String, _ expected: [String]) {
        let (words, problems) = tokens(text)
        #expect(words == expected)
        #expect(problems.isEmpty)
    }

    @Test(arguments: [
        "\"a", "'a\nb'", "/* a", "/* /* */", "0x", "089", "1e", "1.2.3", "5a", "é", "\u{1}", "\"\\q\"", "\"\\xg\"",
        "\"\\u12\"",
        "\"\\U00110000\"",
    ]) func mistakes(_ text: String) {
        #expect(!tokens(text).problems.isEmpty)
    }

    @Test(arguments: [
        ("0", 0), ("17", 17), ("017", 15), ("0x1f", 31), ("0XFF", 255), ("18446744073709551615", UInt64.max),
    ]) func integers(_ text: String, _ value: UInt64) {
        #expect(Literals.integer(text.bytes[...]) == value)
    }

    @Test func integersEndAt64Bits() {
        #expect(Literals.integer("18446744073709551616".bytes[...]) == nil)
        #expect(Literals.integer("0x10000000000000000".bytes[...]) == nil)
    }

    @Test(arguments: [
        ("1.", 1.0), (".5", 0.5), ("1e3", 1000), ("1.e2", 100), ("1e999", Double.infinity), ("010", 8), ("0x10", 16),
    ])
    func doubles(_ text: String, _ value: Double) {
        #expect(Literals.double(text.bytes[...]) == value)
    }

    @Test(
        arguments: [
            (#""a\n\x41\102\0""#, [0x61, 0x0A, 0x41, 0x42, 0]), (#"'\u00e9'"#, [0xC3, 0xA9]),
            (#"'\U0001F600'"#, [0xF0, 0x9F, 0x98, 0x80]),
            (#"'\ud83d\ude00'"#, [0xF0, 0x9F, 0x98, 0x80]), (#""\377\1234""#, [0xFF, 0x53, 0x34]),
            (#""\?\a\b\f\v\r\t""#, [63, 7, 8, 12, 11, 13, 9]),
            ("\"\\", [0x5C]), ("'", []),
        ] as [(String, [UInt8])]) func strings(_ text: String, _ bytes: [UInt8])
    {
        #expect(Literals.string(text.bytes[...]) == bytes)
    }
}
