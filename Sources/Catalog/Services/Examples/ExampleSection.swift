package import Manifests

/// One of a route's `examples`: a request, and what must come of it. Lint reads it, `radicled test` runs it.
package struct ExampleSection: ManifestSection {
    package var name: String?
    package var request = ExampleRequest()
    package var response = ExampleResponse()

    package init() {}

    package static let key = "an example"
    package static let doc = """
        A request and what must come of it, run by `radicled test` through the whole chain. Its strings are data: they \
        have no holes.
        """
    package static let fields: [Field<ExampleSection>] = [
        Field("name", \.name, doc: "What it shows, in a few words.", example: "greets by name"),
        Field("request", \.request, doc: ExampleRequest.doc, example: "{ query: { name: Ann } }"),
        Field("response", \.response, doc: ExampleResponse.doc, example: "{ status: 200 }", required: true),
    ]
}
