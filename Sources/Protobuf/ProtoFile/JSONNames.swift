/// Names that are made of those of fields: in JSON (ProtoJSON, "Field names"), and of the entries of maps.
enum JSONNames {
    /// `my_field` is `myField`.
    static func name(of field: String) -> String { camelCase(field, capital: false) }

    /// `my_map` has entries `MyMapEntry`.
    static func entry(of field: String) -> String { camelCase(field, capital: true) + "Entry" }

    /// - Parameter capital: whether the first word begins with one too.
    private static func camelCase(_ field: String, capital: Bool) -> String {
        var name: [UInt8] = []
        var capital = capital
        for byte in field.utf8 {
            if byte == UInt8(ascii: "_") {
                capital = true
            } else {
                name.append(capital && (0x61...0x7A).contains(byte) ? byte - 32 : byte)
                capital = false
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// How a value of an enum reads without the enum's name in front, in capitals and without underscores: two values
    /// that are the same so are the same for many readers of JSON.
    static func plainValue(_ value: String, enum name: String) -> String {
        let prefix = name.utf8.filter { $0 != UInt8(ascii: "_") }.map(lower)
        // The prefix ends where a word of the value ends.
        var at = 0
        var matched = 0
        let bytes = Array(value.utf8)
        while at < bytes.count, matched < prefix.count {
            if bytes[at] != UInt8(ascii: "_") {
                if lower(bytes[at]) != prefix[matched] { return text(words(bytes[...])) }
                matched += 1
            }
            at += 1
        }
        if matched < prefix.count { return text(words(bytes[...])) }
        while at < bytes.count, bytes[at] == UInt8(ascii: "_") { at += 1 }
        return at == bytes.count ? text(words(bytes[...])) : text(words(bytes[at...]))
    }

    /// Capitals at the start of each word only.
    private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var capital = true
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                capital = true
            } else {
                let small = lower(byte)
                out.append(capital && (0x61...0x7A).contains(small) ? small - 32 : small)
                capital = false
            }
        }
        return out
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 32 : byte }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
