import JSON

/// What a signature that came as text stands for: webhooks send them in hexadecimal or in base64, some with a word and
/// `=` in front (GitHub `sha256=`, Slack `v0=`).
enum SignatureText {
    /// The bytes of a code of this hash, or nil if it cannot be one. Its length tells the form, so that no text can be
    /// read in two ways: two digits a byte, or four for three.
    static func code(_ signature: Value, _ hash: HashAlgorithm) -> [UInt8]? {
        let code: [UInt8]?
        switch signature {
        case .bytes(let bytes): code = bytes
        case .string(let text):
            // The longest: a code of 64 bytes in hexadecimal, with a word in front.
            guard text.utf8.count <= 160 else { return nil }
            let digits = withoutPrefix(text, hash)
            if digits.utf8.count == 2 * hash.length {
                code = hexDecode(digits)
            } else {
                code = Base64.decode(digits) ?? Base64.decodeURL(digits)
            }
        default: code = nil
        }
        return code.flatMap { $0.count == hash.length ? $0 : nil }
    }

    /// The word must be the given hash's own name, or the version of a scheme; another one stays, and fits nothing.
    private static func withoutPrefix(_ text: String, _ hash: HashAlgorithm) -> String {
        guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return text }
        let word = text[..<equals]
        let isVersion = word.utf8.elementsEqual("v0".utf8) || word.utf8.elementsEqual("v1".utf8)
        guard isVersion || HashAlgorithm(name: String(word)) == hash else { return text }
        return String(text[text.utf8.index(after: equals)...])
    }
}
