import Catalog
import JSON
import Manifests

/// How a route says that it has failed: as a problem (RFC 9457), unless a page of the manifest stands in for it. One that fails
/// itself leaves the problem.
struct RouteFailures {
    private let problem: APIOperation.Content
    private let pages: Named<TemplateSection>

    init(_ pages: ErrorPages, _ schemas: inout MessageSchemas) {
        problem = APIOperation.Content("application/problem+json", schemas.define("Problem", Self.schema))
        self.pages = pages.pages
    }

    func response(_ status: Int) -> APIOperation.Response {
        var content = problem
        if let page = pages[String(status)] ?? pages["\(status / 100)xx"] ?? pages["default"] {
            content.add(APIOperation.Content(of: page))
        }
        return Refusals.response(status, content)
    }

    /// For all statuses that are not known before.
    var others: APIOperation.Response {
        var content = problem
        for page in pages.entries { content.add(APIOperation.Content(of: page.value)) }
        return APIOperation.Response(description: "A failure.", content: content)
    }

    private static let schema: JSONValue = {
        let text = ValueSchema.type("string")
        let code = ValueSchema.object(
            ("type", .string("string")), ("description", .string("One of gRPC's codes.")))
        let properties = ValueSchema.object(
            ("type", text), ("title", text), ("status", ValueSchema.type("integer")), ("detail", text), ("code", code),
            ("violated-policies", ValueSchema.list(of: text)), ("request_id", text))
        return ValueSchema.object(
            ("type", .string("object")), ("properties", properties),
            ("required", ValueSchema.words(["type", "title", "status", "code"])))
    }()
}

extension APIOperation.Content {
    /// What a template writes; of a stream's messages nothing is told.
    init(of template: TemplateSection) {
        guard let type = template.knownContentType else {
            self.init()
            return
        }
        let name = String(type.prefix { $0 != ";" }).lowercased()
        let schema: JSONValue =
            if let json = template.json {
                TemplateShape.schema(of: json)
            } else if name.hasPrefix("text/"), template.messages == nil {
                ValueSchema.type("string")
            } else {
                .object([])
            }
        self.init(name, schema)
    }
}
