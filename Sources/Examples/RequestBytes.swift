import Catalog
import JSON

extension ExampleCall {
    /// The target of the request line.
    var target: [UInt8] { path + (query.map { [UInt8(ascii: "?")] + $0 } ?? []) }

    /// As a client writes it over HTTP/1.1 (RFC 9112).
    var bytes: [UInt8] {
        var out = ByteWriter(capacity: 512 + (body?.count ?? 0))
        out.append(method)
        out.append(" ")
        out.append(target)
        out.append(" HTTP/1.1\r\n" as StaticString)
        for (name, value) in fields {
            out.append(name)
            out.append(": " as StaticString)
            out.append(value)
            out.append("\r\n" as StaticString)
        }
        // Methods that are made to have a body say that it is empty (RFC 9110 section 8.6).
        if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
            out.append("content-length: " as StaticString)
            out.append(decimal: body?.count ?? 0)
            out.append("\r\n" as StaticString)
        }
        out.append("\r\n" as StaticString)
        if let body { out.append(body) }
        return Array(out.bytes)
    }
}
