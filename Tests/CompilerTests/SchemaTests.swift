import Catalog
import Compiler
import JSON
import Manifests
import Testing

/// `radicled schema`. That it accepts what lint accepts is tested with another implementation, in Tests/EndToEnd.
@Suite struct SchemaTests {
    private static let text: String = {
        var out = ByteWriter(capacity: 64 * 1024)
        ManifestSchema.write(to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }()

    @Test func saysAsBefore() {
        GoldenFolder(".").expect(Self.text, in: "schema.json")
    }

    @Test func itIsJSON() throws {
        let document = try JSONReader.read(Array(Self.text.utf8)).get()
        var out = ByteWriter(capacity: 64 * 1024)
        document.write(indentedTo: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) + "\n" == Self.text)
    }

    /// Every key has a sentence for the editor to show.
    @Test func everyPropertyIsDescribed() {
        var count = 0
        func visit(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(visit)
            case .object(let members):
                for member in members {
                    if member.key == "properties", case .object(let properties) = member.value {
                        for property in properties {
                            count += 1
                            #expect(property.value["description"] != nil, "\(property.key)")
                        }
                    }
                    visit(member.value)
                }
            default: break
            }
        }
        visit(ManifestRoot.schema.document())
        #expect(count > 50)
    }

    @Test func whatIsUsedTwiceIsDefinedOnce() {
        let document = ManifestRoot.schema.document()
        guard case .object(let definitions)? = document["$defs"] else {
            Issue.record("there are no definitions")
            return
        }
        for name in ["duration", "size", "middleware", "service", "route"] {
            #expect(definitions.contains { $0.key == name }, "\(name)")
        }
    }
}
