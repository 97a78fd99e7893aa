import CEL
import JSON
import Manifests
package import Pipeline

/// The request of an example, whole: what the manifest leaves out is filled in from the route's pattern.
package struct ExampleCall: Sendable {
    package let method: String
    /// As it stands in the request line, without the query.
    package let path: [UInt8]
    /// Without the `?`; nil if there is none.
    package let query: [UInt8]?
    /// Header fields in the order in which they are sent, `host` first. Nothing tells the body's length yet.
    package let fields: [(name: String, value: String)]
    /// Nil where there is none at all.
    package let body: [UInt8]?
    /// Whether the pattern, the service or the example names the host.
    package let namesHost: Bool

    /// Nil if the pattern has wildcards and the example no path.
    package init?(_ request: ExampleRequest, pattern: RoutePattern) {
        guard let path = request.path?.value ?? pattern.onlyPath else { return nil }
        let body = Self.body(of: request)
        method = request.method?.value ?? pattern.method ?? (body == nil ? "GET" : "POST")
        let parts = path.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        self.path = Self.written { out in
            if let first = parts.first { PathEscapes.append(escaping: first, to: &out) }
        }
        let written =
            parts.count > 1 ? Self.written { PathEscapes.append(escaping: parts[1], isQuery: true, to: &$0) } : nil
        let added = request.query.isEmpty ? nil : Self.encoded(request.query)
        query =
            written == nil && added == nil ? nil : Array([written, added].compactMap { $0 }.joined(separator: [0x26]))
        self.body = body?.bytes

        var fields: [(name: String, value: String)] = []
        for entry in request.headers.entries { fields += entry.value.values.map { (entry.name, $0) } }
        func has(_ name: String) -> Bool { fields.contains { $0.name.lowercased().utf8.elementsEqual(name.utf8) } }
        namesHost = has("host") || pattern.host != nil
        if !has("host") { fields.insert(("host", Self.host(of: pattern)), at: 0) }
        if let body, !has("content-type") { fields.append(("content-type", body.type)) }
        self.fields = fields
    }

    /// The first value of a field.
    package func value(of name: String) -> String? {
        fields.first { $0.name.lowercased().utf8.elementsEqual(name.utf8) }?.value
    }

    /// For a pattern that takes every subdomain the usual one.
    private static func host(of pattern: RoutePattern) -> String {
        guard let host = pattern.host else { return "localhost" }
        return host.isSuffix ? "www." + String(decoding: host.bytes, as: UTF8.self) : host.description
    }

    // MARK: The body

    private static func body(of request: ExampleRequest) -> (bytes: [UInt8], type: String)? {
        if let json = request.json { return (written { json.json.write(to: &$0) }, "application/json") }
        if let text = request.text { return (Array(text.utf8), "text/plain; charset=utf-8") }
        if let form = request.form { return (encoded(form), "application/x-www-form-urlencoded") }
        if let parts = request.multipart {
            let boundary = boundary(besides: parts)
            return (multipart(parts, boundary), "multipart/form-data; boundary=\(boundary)")
        }
        return request.base64.map { ($0.bytes, "application/octet-stream") }
    }

    /// `a=1&b=2`; a space is `%20`, which a query and a form both read.
    private static func encoded(_ fields: Named<OneOrMore<String>>) -> [UInt8] {
        written { out in
            for entry in fields.entries {
                for value in entry.value.values {
                    if out.count > 0 { out.append("&") }
                    _ = out.append(entry.name, as: .urlComponent)
                    out.append("=")
                    _ = out.append(value, as: .urlComponent)
                }
            }
        }
    }

    /// One that no content holds (RFC 2046 section 5.1.1).
    private static func boundary(besides parts: Named<OneOrMore<FormPart>>) -> String {
        let contents = parts.entries.flatMap { $0.value.values.map(\.bytes) }
        var number = 1
        while true {
            let boundary = "example-\(number)"
            if !contents.contains(where: { $0.firstRange(of: Array(boundary.utf8)) != nil }) { return boundary }
            number += 1
        }
    }

    private static func multipart(_ parts: Named<OneOrMore<FormPart>>, _ boundary: String) -> [UInt8] {
        written { out in
            for entry in parts.entries {
                for part in entry.value.values {
                    out.append("--\(boundary)\r\ncontent-disposition: form-data; name=\"\(quoted(entry.name))\"")
                    if let filename = part.filename { out.append("; filename=\"\(quoted(filename))\"") }
                    let type = part.contentType ?? (part.filename == nil ? nil : "application/octet-stream")
                    if let type { out.append("\r\ncontent-type: \(type)") }
                    out.append("\r\n\r\n" as StaticString)
                    out.append(part.bytes)
                    out.append("\r\n" as StaticString)
                }
            }
            out.append("--\(boundary)--\r\n")
        }
    }

    /// As browsers write it (the HTML standard, multipart/form-data).
    private static func quoted(_ name: String) -> String {
        name.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func written(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
        var out = ByteWriter(capacity: 256)
        write(&out)
        return Array(out.bytes)
    }
}
