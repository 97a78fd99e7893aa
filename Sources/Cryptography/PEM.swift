import JSON

/// One block of a text in PEM (RFC 7468).
package struct PEM: Sendable, Equatable {
    /// `PRIVATE KEY`, `RSA PRIVATE KEY`, `CERTIFICATE` and so on.
    package let label: String
    /// What stands in it, decoded. Empty if it is encrypted in OpenSSL's old way (`Proc-Type: 4,ENCRYPTED`).
    package let content: [UInt8]
    package let isEncrypted: Bool

    /// All blocks in order; what stands between them is passed over, as the RFC says. A block that is not closed or
    /// holds no base64 is left out.
    package static func blocks(in text: [UInt8]) -> [PEM] {
        var blocks: [PEM] = []
        var label: [UInt8]?
        var body: [UInt8] = []
        var isEncrypted = false
        for line in text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if let name = boundary("BEGIN", line) {
                label = name
                body = []
                isEncrypted = name.starts(with: Array("ENCRYPTED ".utf8))
            } else if let name = boundary("END", line) {
                if name == label, case .success(let content) = Base64.decode(body) {
                    blocks.append(
                        PEM(label: String(decoding: name, as: UTF8.self), content: content, isEncrypted: isEncrypted))
                }
                label = nil
            } else if label != nil {
                // Headers are of OpenSSL's own form, and say only that and how it is encrypted.
                if line.contains(UInt8(ascii: ":")) { isEncrypted = true } else { body += line }
            }
        }
        return blocks
    }

    /// The label of `-----BEGIN LABEL-----`, white space around it aside.
    private static func boundary(_ word: String, _ line: ArraySlice<UInt8>) -> [UInt8]? {
        var line = line
        while let first = line.first, isSpace(first) { line.removeFirst() }
        while let last = line.last, isSpace(last) { line.removeLast() }
        let start = Array("-----\(word) ".utf8)
        let end = Array("-----".utf8)
        guard line.count > start.count + end.count, line.starts(with: start), line.suffix(end.count).elementsEqual(end)
        else { return nil }
        return Array(line.dropFirst(start.count).dropLast(end.count))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
