import CEL
import Compiler
import JSON
import Pipeline
import Testing

/// docs/reference and man/radicled.yaml.5 say what the program says. `make reference` rewrites them.
@Suite struct ReferenceTests {
    @Test func pagesAreFresh() {
        let folder = GoldenFolder("../../docs/reference")
        for page in ReferencePages.all { folder.expect(page.text, in: page.name) }
    }

    @Test func theManualIsFresh() {
        GoldenFolder("../../man").expect(ManualPage.text, in: "radicled.yaml.5")
    }

    @Test(arguments: FunctionReference.all.map(\.name)) func everyFunctionIsExplained(_ name: String) {
        for function in FunctionReference.all where function.name == name {
            #expect(function.doc.hasSuffix("."), "add \(name) to FunctionDocs")
            #expect(!function.forms.isEmpty)
        }
    }

    @Test func everyNameIsExplained() {
        for root in Names.route(wildcards: ["NAME"], isError: true, isMessage: true, hasResponse: true).roots {
            #expect(NameDocs.doc(root.name) != nil, "add \(root.name) to NameDocs")
            guard case .closed(let fields) = root.fields, root.name != "path" else { continue }
            for field in fields {
                #expect(NameDocs.doc(root.name, field.name) != nil, "add \(root.name).\(field.name) to NameDocs")
            }
        }
    }
}
