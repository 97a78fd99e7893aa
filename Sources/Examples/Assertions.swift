import CEL
import Catalog
import Diagnostics
import JSON
import Manifests

extension Difference {
    /// What is wrong with an answer by an assertion; nil where that is true.
    init?(_ assertion: Program, _ seen: inout some ExampleAnswer, _ shown: Shown) {
        let text = HumanRenderer.safe(assertion.text.replacing("\n", with: " "))
        switch seen.evaluate(assertion) {
        case .bool(true): return nil
        case .error(let error): self.init("assert", "\(text): \(error.message)")
        default:
            let parts = AssertionParts.of(assertion.text, type(of: seen).environment).map { part in
                "\(part.text) is \(shown.written(seen.evaluate(part)))"
            }
            self.init("assert", "\(text) is false" + (parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")))
        }
    }
}

extension Shown {
    fileprivate func written(_ value: Value) -> String {
        if case .error(let error) = value { return "an error (\(error.message))" }
        var out = ByteWriter(capacity: 256)
        guard case .written = value.writeJSON(&out) else { return "absent" }
        return line(String(decoding: out.bytes, as: UTF8.self))
    }
}

/// The parts of an assertion that read the answer, so that their values can be shown: `response.body.total`.
enum AssertionParts {
    static func of(_ text: String, _ environment: Environment) -> [Program] {
        let bytes = Array(text.utf8)
        var parts: [String] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"") {
                at = end(ofString: at, in: bytes)
            } else if bytes[at...].starts(with: "response".utf8), at == 0 || !isNameByte(bytes[at - 1]) {
                let end = end(ofPath: at + 8, in: bytes)
                let part = String(decoding: bytes[at..<end], as: UTF8.self)
                if end > at + 8, !parts.contains(part) { parts.append(part) }
                at = max(end, at + 8)
            } else {
                at += 1
            }
        }
        return parts.filter { !$0.utf8.elementsEqual(text.utf8) }.compactMap { program($0, environment) }
    }

    private static func program(_ part: String, _ environment: Environment) -> Program? {
        let text = PlacedText(verbatim: Array(part.utf8), in: Source(name: "assert", text: part))
        var findings = Findings()
        return Expression.parse(text, &findings)?.check(environment, &findings)
    }

    /// Behind `.name`, `.?name` and `["x"]`, but not behind the name of a function that is called.
    private static func end(ofPath start: Int, in bytes: [UInt8]) -> Int {
        var end = start
        while end < bytes.count {
            var at = end
            if bytes[at] == UInt8(ascii: ".") {
                at += 1
                if at < bytes.count, bytes[at] == UInt8(ascii: "?") { at += 1 }
                let name = bytes[at...].prefix(while: isNameByte)
                guard !name.isEmpty, name.endIndex >= bytes.count || bytes[name.endIndex] != UInt8(ascii: "(") else {
                    return end
                }
                end = name.endIndex
            } else if bytes[at] == UInt8(ascii: "[") {
                at += 1
                while at < bytes.count, bytes[at] != UInt8(ascii: "]") {
                    let isQuote = bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\"")
                    at = isQuote ? self.end(ofString: at, in: bytes) : at + 1
                }
                guard at < bytes.count else { return end }
                end = at + 1
            } else {
                return end
            }
        }
        return end
    }

    private static func end(ofString start: Int, in bytes: [UInt8]) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != bytes[start] { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(bytes.count, at + 1)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == 0x5F || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
