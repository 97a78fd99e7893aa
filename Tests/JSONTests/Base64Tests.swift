import JSON
import Testing

@Suite struct Base64Tests {
    private static func encoded(_ bytes: [UInt8], isPadded: Bool = true) -> String {
        var out = ByteWriter()
        bytes.withUnsafeBufferPointer { Base64.encode($0, isPadded: isPadded, into: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// RFC 4648 section 10, and the two digits that are no letters.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"), ("???>>>", "Pz8/Pj4+"),
    ])
    func goesThereAndBack(_ text: String, _ expected: String) throws {
        #expect(Self.encoded(Array(text.utf8)) == expected)
        #expect(Self.encoded(Array(text.utf8), isPadded: false) == expected.replacing("=", with: ""))
        #expect(try Base64.decode(Array(expected.utf8)).get() == Array(text.utf8))
    }

    @Test func holdsEveryByte() throws {
        for length in 0..<64 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ length &* 97) }
            #expect(try Base64.decode(Array(Self.encoded(bytes).utf8)).get() == bytes)
        }
        let all = (0...255).map { UInt8($0) }
        #expect(try Base64.decode(Array(Self.encoded(all).utf8)).get() == all)
    }

    @Test(arguments: [("Zg", "f"), ("Zm8", "fo"), (" Z m\n9\tv\r\n", "foo"), ("Zg = =", "f")])
    func allowsWhiteSpaceAndMissingPadding(_ text: String, _ expected: String) throws {
        #expect(try Base64.decode(Array(text.utf8)).get() == Array(expected.utf8))
    }

    @Test(arguments: [
        ("Z", 1), ("Zm9vZ", 5), ("Zg=", 3), ("=", 0), ("Z=", 1), ("Zg===", 4), ("Zm8==", 4), ("Zm9v=", 4),
        ("Zg==Zg==", 4),
        ("Zm-v", 2), ("Zm_v", 2), ("Zm9\u{E9}", 3), ("Zm9v\0", 4), ("Zm8=x", 4),
    ])
    func tellsWhereItIsNot(_ text: String, _ offset: Int) {
        guard case .failure(let mistake) = Base64.decode(Array(text.utf8)) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(mistake.offset == offset)
    }
}
