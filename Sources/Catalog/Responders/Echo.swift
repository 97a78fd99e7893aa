package import Diagnostics
import JSON
package import Manifests
package import Pipeline
import Telemetry

/// `echo`: answers with the request.
package struct Echo: ResponderSection {
    package enum What: String, Choice {
        case request
        case body
    }

    package var what = What.request

    package init(_ what: What = .request) { self.what = what }

    package static let doc = """
        Answers with the request: `request`, the default, describes as JSON what the server saw; `body` sends the body \
        back as it comes.
        """
    package static var schema: Schema {
        .anyOf([What.schema, .null, .object(.init(key: "echo", doc: doc, fields: [], short: nil))])
    }
    package static let takesNull = true

    package static func decode(_ node: Node, _ findings: inout Findings) -> Echo? {
        if node.isNull { return Echo() }
        if let entries = node.entries {
            guard let first = entries.first(where: { !$0.isExtension }) else { return Echo() }
            findings.report(
                ManifestRules.unknownKey, "unknown key `\(first.name)`", at: first.key.range,
                label: "`echo` has no keys", help: "write `echo: request` or `echo: body`")
            return nil
        }
        return What.decode(node, &findings).map { Echo($0) }
    }

    package func written() -> Node { what.written() }

    package func responder(_ scope: CompileScope, _ findings: inout Findings) -> (any Responder)? {
        switch what {
        case .request: RequestEcho()
        case .body: BodyEcho()
        }
    }
}

/// Sends the body back under its own content type. What is held is what was read and not yet written: the connection
/// takes no more while the peer does not read.
private final class BodyEcho: Responder {
    let intake = Intake.bytes
    let answersAlone = true

    func start(_ exchange: inout Exchange) -> Step {
        let type = exchange.head.value(of: .contentType)
        let sent = type.map { exchange.head.slice($0) }
        exchange.response.add("content-type") { out in
            if let sent, !sent.isEmpty { out.append(sent) } else { out.append("application/octet-stream") }
        }
        // As it came, its coding too; a body that was held has lost it.
        if exchange.body.count == 0, let coding = exchange.head.value(of: .contentEncoding) {
            let sent = exchange.head.slice(coding)
            exchange.response.add("content-encoding") { $0.append(sent) }
        }
        if case .length(let length) = exchange.head.framing, exchange.body.count == 0 {
            exchange.response.declaredLength = length
        }
        // An expression of the route reads the body, so it was held back and is here as a whole.
        exchange.loop.state.pointee.body.append(exchange.body.bytes)
        return exchange.inputEnded ? .done : .needInput
    }

    func input(_ exchange: inout Exchange) -> Step {
        exchange.loop.state.pointee.body.append(exchange.piece)
        return exchange.inputEnded ? .done : .needInput
    }
}

/// Describes the request as JSON.
private final class RequestEcho: Responder {
    let intake = Intake.wholeBody
    let answersAlone = true

    func start(_ exchange: inout Exchange) -> Step {
        exchange.response.add("content-type") { $0.append("application/json") }
        let state = exchange.loop.state
        Self.describe(exchange, into: &state.pointee.body)
        return .done
    }

    private static func describe(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        func text(_ key: StaticString, _ value: UnsafeBufferPointer<UInt8>) {
            out.append(key)
            out.append("\"")
            out.append(jsonEscaped: value)
            out.append("\"")
        }
        text("{\"method\":", exchange.head.slice(exchange.head.methodName))
        text(",\"path\":", exchange.pathBytes)
        writeQuery(exchange, into: &out)
        writeHeaders(exchange, into: &out)
        writeBody(exchange, into: &out)
        out.append(",\"client\":{\"address\":\"")
        out.append(exchange.clientAddress)
        out.append("\",\"port\":")
        out.append(decimal: exchange.clientPort)
        out.append("},\"protocol\":\"HTTP/")
        out.append(exchange.head.version.number)
        out.append("\",\"tls\":")
        out.append(exchange.connection.pointee.isTLS ? "true" : "false")
        text(",\"host\":", exchange.head.slice(exchange.head.host))
        if !exchange.requestID.isEmpty { text(",\"request_id\":", exchange.requestIDBytes) }
        if exchange.trace.isThere {
            out.append(",\"trace_id\":\"")
            exchange.trace.write(traceID: &out)
            out.append("\"")
        }
        out.append("}\n")
    }

    /// A name that comes once is a string, one that comes again a list.
    private static func writeQuery(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        var names: [String] = []
        var values: [[String]] = []
        QueryString.forEach(exchange.head.slice(exchange.head.query)) { name, value in
            let name = QueryString.decode(name)
            if let at = names.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) {
                values[at].append(QueryString.decode(value))
            } else {
                names.append(name)
                values.append([QueryString.decode(value)])
            }
        }
        out.append(",\"query\":")
        writeMap(names, values, into: &out)
    }

    private static func writeHeaders(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        var names: [String] = []
        var values: [[String]] = []
        for index in 0..<exchange.head.fieldCount {
            let field = exchange.head.fields[index]
            let name = String(decoding: exchange.head.slice(field.name), as: UTF8.self).lowercased()
            let value = String(decoding: exchange.head.slice(field.value), as: UTF8.self)
            if let at = names.firstIndex(of: name) {
                values[at].append(value)
            } else {
                names.append(name)
                values.append([value])
            }
        }
        out.append(",\"headers\":")
        writeMap(names, values, into: &out)
    }

    private static func writeMap(_ names: [String], _ values: [[String]], into out: inout ByteWriter) {
        out.append("{")
        for (index, name) in names.enumerated() {
            if index > 0 { out.append(",") }
            out.append(jsonString: name)
            out.append(":")
            if values[index].count == 1, let only = values[index].first {
                out.append(jsonString: only)
            } else {
                out.append("[")
                for (position, value) in values[index].enumerated() {
                    if position > 0 { out.append(",") }
                    out.append(jsonString: value)
                }
                out.append("]")
            }
        }
        out.append("}")
    }

    /// JSON as JSON, text as a string, anything else as base64 under another key.
    private static func writeBody(_ exchange: borrowing Exchange, into out: inout ByteWriter) {
        let body = exchange.body.bytes
        if body.isEmpty {
            out.append(",\"body\":null")
        } else if case .json = MediaType(exchange.head).kind, case .success(let value) = JSONReader.read(body) {
            out.append(",\"body\":")
            value.write(to: &out)
        } else if UTF8Scanner.firstInvalid(body) == nil {
            out.append(",\"body\":\"")
            out.append(jsonEscaped: body)
            out.append("\"")
        } else {
            out.append(",\"body_base64\":\"")
            Base64.encode(body, into: &out)
            out.append("\"")
        }
    }
}
