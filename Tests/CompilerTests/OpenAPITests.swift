import Compiler
import Diagnostics
import JSON
import Manifests
import Testing

/// Tests/Golden/openapi: manifests, and what `radicled schema --openapi` describes of them. That servers answer as it says is
/// tested with another implementation, in Tests/EndToEnd.
@Suite struct OpenAPITests {
    private static let folder = GoldenFolder("openapi")

    private static let surroundings: Surroundings = {
        let examples = Surroundings.golden
        var surroundings = examples
        surroundings.file = { path, limit throws(Surroundings.Unreadable) in
            if let bytes = folder.read(path) { return bytes }
            return try examples.file(path, limit)
        }
        return surroundings
    }()

    private static func document(_ source: Source) throws -> JSONValue {
        let linted = Linted(source, in: surroundings)
        #expect(!linted.findings.contains { $0.level == .error }, "\(linted.human)")
        return try #require(APIDocument(linted.compilation)).json
    }

    private static func document(_ text: String) throws -> JSONValue {
        try document(Source(name: "a.yaml", text: "radicle: 1\n" + text))
    }

    private static func names(_ value: JSONValue?) -> [String] {
        guard case .object(let members)? = value else { return [] }
        return members.map(\.key)
    }

    @Test(arguments: folder.names(ending: ".yaml")) func saysAsBefore(_ name: String) throws {
        let json = try Self.document(
            Source(name: "\(name).yaml", bytes: Self.folder.read("\(name).yaml") ?? []))
        var out = ByteWriter(capacity: 64 * 1024)
        json.write(indentedTo: &out)
        out.append("\n")
        Self.folder.expect(String(decoding: out.bytes, as: UTF8.self), in: "\(name).json")
    }

    /// Every reference leads to a schema, every name of an operation is one of its own, and every parameter of a path stands
    /// in it.
    @Test(arguments: folder.names(ending: ".yaml")) func isWhole(_ name: String) throws {
        let json = try Self.document(
            Source(name: "\(name).yaml", bytes: Self.folder.read("\(name).yaml") ?? []))
        let schemas = Set(Self.names(json["components"]?["schemas"]))
        var ids: [String] = []
        func visit(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(visit)
            case .object(let members):
                for member in members {
                    if member.key == "$ref", case .string(let text) = member.value {
                        #expect(schemas.contains(String(text.dropFirst("#/components/schemas/".count))), "\(text)")
                    }
                    if member.key == "operationId", case .string(let id) = member.value { ids.append(id) }
                    visit(member.value)
                }
            default: break
            }
        }
        visit(json)
        #expect(!ids.isEmpty && Set(ids).count == ids.count, "\(ids)")
        guard case .object(let paths)? = json["paths"] else { return }
        for path in paths {
            guard case .object(let operations) = path.value else { continue }
            for operation in operations {
                guard case .array(let parameters)? = operation.value["parameters"] else { continue }
                for parameter in parameters where parameter["in"] == .string("path") {
                    guard case .string(let name)? = parameter["name"] else { continue }
                    #expect(path.key.contains("{\(name)}"), "\(path.key)")
                }
            }
        }
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"), (":80", "http://localhost"), ("[::]:81", "http://localhost:81"),
        ("[::1]:82", "http://[::1]:82"), ("example.com:443", "http://example.com:443"),
        ("127.0.0.1:0", "http://127.0.0.1:{port}"),
    ]) func listenersAreServers(_ address: String, _ url: String) throws {
        let json = try Self.document(
            "listen: \"\(address)\"\nservices: { web: { routes: { GET /a: { template: hi } } } }\n")
        #expect(json["servers"] == .array([.object([("url", .string(url))] + Self.variables(url))]))
    }

    private static func variables(_ url: String) -> [(key: String, value: JSONValue)] {
        guard url.hasSuffix("{port}") else { return [] }
        let text = "A free port, which the line `listening` of the server's log tells."
        return [
            (
                "variables",
                .object([("port", .object([("default", .string("0")), ("description", .string(text))]))])
            )
        ]
    }

    @Test func aUnixSocketIsNoServer() throws {
        let json = try Self.document(
            "listen: unix:/run/a.sock\nservices: { web: { routes: { GET /a: { template: hi } } } }\n")
        #expect(json["servers"] == nil)
        #expect(Self.names(json["paths"]) == ["/a"])
    }

    @Test func whatIsOnTrialRefusesNobody() throws {
        let json = try Self.document(
            """
            middleware: { timeout: off, rate_limit: { rate: 1/s, key: client.address, mode: shadow } }
            services: { web: { routes: { GET /a: { template: hi } } } }

            """)
        let operation = json["paths"]?["/a"]?["get"]
        #expect(Self.names(operation?["responses"]) == ["200", "default"])
    }

    /// Two files that say different things of one name, and two that say the same.
    @Test func messagesOfOneNameAreToldApart() throws {
        func proto(_ service: String, _ fields: String) -> String {
            """
            syntax = "proto3";
            package shop;
            service \(service) { rpc Get(Item) returns (Item); }
            message Item { \(fields) }

            """
        }
        let files = [
            "a.proto": proto("A", "string name = 1; Item next = 2;"),
            "b.proto": proto("B", "string name = 1; Item next = 2;"),
            "c.proto": proto("C", "int32 number = 1;"),
        ]
        var surroundings = Surroundings.golden
        surroundings.file = { path, _ throws(Surroundings.Unreadable) in Array((files[path] ?? "").utf8) }
        let services = ["a", "b", "c"].map { name in
            "  \(name): { proto: \(name).proto, grpc: shop.\(name.uppercased()), "
                + "methods: { Get: { echo: {}, http: POST /\(name) } } }\n"
        }
        let linted = Linted(
            Source(name: "a.yaml", text: "radicle: 1\nservices:\n" + services.joined()), in: surroundings)
        let json = try #require(APIDocument(linted.compilation)).json
        #expect(Self.names(json["components"]?["schemas"]) == ["google.rpc.Status", "shop.Item", "shop.Item_2"])
        func schema(_ path: String) -> JSONValue? {
            json["paths"]?[path]?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]
        }
        #expect(schema("/a") == schema("/b"))
        #expect(schema("/c") == .string("#/components/schemas/shop.Item_2"))
    }

    @Test func whatHasMistakesIsNotDescribed() {
        #expect(
            APIDocument(Linted("radicle: 1\nservices: { web: { routes: { GET a: { template: hi } } } }\n").compilation)
                == nil)
    }
}
