package import CEL
import JSON

/// The parts of a multipart/form-data body (RFC 7578): a field is its text, a file a map of what came with it.
package enum Multipart {
    /// More parts than any form has are an attack.
    private static let limit = 1000

    package static func parse(_ bytes: UnsafeBufferPointer<UInt8>, boundary: [UInt8]) -> Value {
        let body = Array(bytes)
        let delimiter = Array("--".utf8) + boundary
        guard var at = find(delimiter, in: body, from: 0) else {
            return .error(EvaluationError("the multipart body has no part"))
        }
        // Of fields with one name the first counts, as in forms and queries.
        var names: Set<[UInt8]> = []
        var entries: [(key: Value, value: Value)] = []
        for _ in 0..<limit {
            at += delimiter.count
            if body[at...].starts(with: "--".utf8) { return .map(MapValue(entries)) }
            // Blanks may follow a delimiter on its line (RFC 2046 section 5.1.1).
            guard let lineEnd = find([13, 10], in: body, from: at),
                let headEnd = find([13, 10, 13, 10], in: body, from: lineEnd),
                let next = find([13, 10] + delimiter, in: body, from: headEnd + 2)
            else { return .error(EvaluationError("a part of the multipart body does not end")) }
            let content = body[min(headEnd + 4, next)..<next]
            guard let part = Part(head: body[min(lineEnd + 2, headEnd)..<headEnd]) else {
                return .error(EvaluationError("a part of the multipart body has no name"))
            }
            if names.insert(Array(part.name.utf8)).inserted {
                entries.append((.string(part.name), part.value(content)))
            }
            at = next + 2
        }
        return .error(EvaluationError("the multipart body has more than \(limit) parts"))
    }

    private struct Part {
        let name: String
        let filename: String?
        let contentType: String?

        init?(head: ArraySlice<UInt8>) {
            var disposition: String?
            var contentType: String?
            for line in head.split(separator: 10) {
                let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
                guard let colon = text.firstIndex(of: ":") else { continue }
                let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                switch text[..<colon].lowercased() {
                case "content-disposition": disposition = String(value)
                case "content-type": contentType = String(value)
                default: break
                }
            }
            guard let disposition, let name = Self.parameter("name", of: disposition) else { return nil }
            self.name = name
            self.filename = Self.parameter("filename", of: disposition)
            self.contentType = contentType
        }

        func value(_ content: ArraySlice<UInt8>) -> Value {
            guard let filename else {
                return .string(String(decoding: content, as: UTF8.self))
            }
            return .map(
                MapValue([
                    (.string("filename"), .string(filename)),
                    (.string("content_type"), .string(contentType ?? "application/octet-stream")),
                    (.string("size"), .int(Int64(content.count))),
                    (.string("content"), .bytes(Array(content))),
                ]))
        }

        /// `name="value"`; browsers write a quote within it as `%22` (the HTML standard, multipart/form-data).
        private static func parameter(_ name: String, of disposition: String) -> String? {
            let text = Array(disposition.utf8)
            let key = Array((name + "=\"").utf8)
            var at = 0
            while at + key.count <= text.count {
                let isStart = at == 0 || text[at - 1] == 0x20 || text[at - 1] == UInt8(ascii: ";")
                if isStart, text[at...].starts(with: key) {
                    let value = text[(at + key.count)...]
                    guard let end = value.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
                    return String(decoding: value[..<end], as: UTF8.self)
                }
                at += 1
            }
            return nil
        }
    }

    private static func find(_ pattern: [UInt8], in body: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, start >= 0, body.count >= pattern.count else { return nil }
        var at = start
        while at <= body.count - pattern.count {
            if body[at] == first, body[at..<at + pattern.count].elementsEqual(pattern) { return at }
            at += 1
        }
        return nil
    }
}
