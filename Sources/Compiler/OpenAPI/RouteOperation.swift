import Catalog
import JSON
import Manifests
import Pipeline

/// An HTTP route.
struct RouteOperation {
    private let route: RouteSummary
    private let section: RouteSection
    private let pattern: RoutePattern

    /// Nil for what is no route.
    init?(_ route: RouteSummary) {
        guard let section = route.answer as? RouteSection, let pattern = route.patterns.first else { return nil }
        self.route = route
        self.section = section
        self.pattern = pattern
    }

    func operation(_ schemas: inout MessageSchemas, servers: [JSONValue]) -> APIOperation {
        var operation = APIOperation(id: id, tags: [route.service], summary: route.pattern, servers: servers)
        operation.parameters = PathParameters.all(of: pattern)
        if case .rest(nil)? = pattern.segments.last { operation.notes.append("Answers every path below this one too.") }
        if takesBody { operation.body = APIOperation.Content("*/*") }
        let failures = RouteFailures(route.errors, &schemas)
        if section.responder != nil {
            add(section.template, section.echo, section.redirect, failures, to: &operation)
        }
        for item in section.cases {
            add(item.value.template, item.value.echo, item.value.redirect, failures, to: &operation)
        }
        let aborts = (section.fault?.items ?? []).compactMap { $0.abort.flatMap { Self.status($0.status, $0.code) } }
        for status in aborts + Refusals(route.chain, takesBody: takesBody).statuses {
            operation.answer(String(status), failures.response(status))
        }
        operation.answer("default", failures.others)
        return operation
    }

    /// `web_get_orders_id`, by words of the service and the pattern.
    private var id: String {
        let parts = [route.service, pattern.method?.lowercased() ?? ""] + pattern.segments.map(\.text)
        let words = parts.flatMap { part in
            part.utf8.split { !(RouteOperation.isWord($0)) }.map { String(decoding: $0, as: UTF8.self) }
        }
        return words.joined(separator: "_")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
    }

    /// Nothing in a manifest says what a body must be.
    private var takesBody: Bool {
        pattern.method.map { method in ["POST", "PUT", "PATCH"].contains { method.utf8.elementsEqual($0.utf8) } }
            ?? true
    }

    // MARK: Answers

    private func add(
        _ template: TemplateSection?, _ echo: Echo?, _ redirect: Redirect?, _ failures: RouteFailures,
        to operation: inout APIOperation
    ) {
        if let template { return add(template, failures, to: &operation) }
        if let redirect {
            operation.answer(
                String(redirect.status),
                APIOperation.Response(description: Refusals.phrase(redirect.status), headers: ["location"]))
        } else if let echo {
            let content =
                echo.what == .body
                ? APIOperation.Content("*/*") : APIOperation.Content("application/json", Self.request)
            operation.answer(
                "200",
                APIOperation.Response(
                    description: echo.what == .body ? "The body of the request." : "The request.", content: content))
        }
    }

    private func add(_ template: TemplateSection, _ failures: RouteFailures, to operation: inout APIOperation) {
        if template.messages == nil, let error = template.error {
            if let status = Self.status(error.status, error.code) {
                operation.answer(String(status), failures.response(status))
            }
            return
        }
        let status = template.status.map { $0.number.map { String($0) } ?? "default" } ?? "200"
        let headers = template.headers.entries.map { $0.name.lowercased() }.filter { $0 != "content-type" }
        operation.answer(
            status,
            APIOperation.Response(
                description: Int(status).map { Refusals.phrase($0) } ?? "A status that is known when it is answered.",
                headers: headers, content: APIOperation.Content(of: template)))
        guard template.file != nil, status.utf8.elementsEqual("200".utf8) else { return }
        // Ranges and conditional requests (RFC 9110 sections 13 and 14).
        operation.answer(
            "206", APIOperation.Response(description: Refusals.phrase(206), content: APIOperation.Content("*/*")))
        operation.answer("304", APIOperation.Response(description: Refusals.phrase(304)))
        for status in [412, 416] { operation.answer(String(status), failures.response(status)) }
    }

    private static func status(_ status: Int?, _ code: CodeName?) -> Int? { status ?? code?.code.status }

    /// What `echo: request` answers.
    private static let request: JSONValue = {
        let text = ValueSchema.type("string")
        let values = ValueSchema.object(
            ("type", .string("object")),
            (
                "additionalProperties",
                ValueSchema.object(("anyOf", .array([text, ValueSchema.list(of: text)])))
            ))
        let client = ValueSchema.object(
            ("type", .string("object")),
            ("properties", ValueSchema.object(("address", text), ("port", ValueSchema.type("integer")))))
        let properties = ValueSchema.object(
            ("method", text), ("path", text), ("query", values), ("headers", values), ("body", .object([])),
            ("body_base64", text), ("client", client), ("protocol", text), ("tls", ValueSchema.type("boolean")),
            ("host", text), ("request_id", text), ("trace_id", text))
        return ValueSchema.object(("type", .string("object")), ("properties", properties))
    }()
}
