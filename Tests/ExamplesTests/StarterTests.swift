import Compiler
import Diagnostics
import Glibc
import JSON
import Manifests
import Testing

@testable import Examples

/// What `radicled init` writes lints clean, warnings included, and its examples pass.
@Suite struct StarterTests {
    private static let folder = GoldenFolder("init")

    /// `SEEDS=1000 swift test --filter StarterTests` tries more of them.
    private static let seeds = max(40, getenv("SEEDS").flatMap { Int(String(cString: $0)) } ?? 40)

    /// The files of the folder, and a manifest beside them.
    private static let surroundings: Surroundings = {
        var surroundings = Surroundings.none
        surroundings.file = { path, _ throws(Surroundings.Unreadable) in
            guard let bytes = folder.read(path) else { throw Surroundings.Unreadable("it is gone", isMissing: true) }
            return bytes
        }
        return surroundings
    }()

    private static func text(_ name: String) throws -> String {
        try StarterProto("\(name).proto", roots: [], services: [], in: surroundings)
            .manifest(proto: "\(name).proto", roots: [], file: "\(name).yaml")
    }

    @Test(arguments: folder.names(ending: ".proto")) func saysAsBefore(_ name: String) throws {
        Self.folder.expect(try Self.text(name), in: "\(name).yaml")
    }

    @Test func startsWithoutAProtoAsBefore() {
        Self.folder.expect(StarterManifest.plain(file: "radicled.yaml"), in: "plain.yaml")
    }

    @Test(arguments: folder.names(ending: ".yaml")) func isCleanAndPasses(_ name: String) {
        let text = String(decoding: Self.folder.read("\(name).yaml") ?? [], as: UTF8.self)
        let run = TestRun(starter: text, in: Self.surroundings)
        #expect(run.findings == [])
        #expect(run.differences == [])
        #expect(run.passed > 0)
    }

    /// What stands there in comments is no worse than what does not.
    @Test(arguments: folder.names(ending: ".yaml")) func commentsAreManifestToo(_ name: String) {
        let lines = String(decoding: Self.folder.read("\(name).yaml") ?? [], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { $0 == "# middleware:" } ?? lines.endIndex
        let end = lines[start...].firstIndex { !$0.hasPrefix("#") } ?? lines.endIndex
        #expect(start < end)
        let bare = lines[start..<end].map { $0.dropFirst(2) }
        let run = TestRun(
            starter: (lines[..<start] + bare + lines[end...]).joined(separator: "\n"), in: Self.surroundings)
        #expect(run.findings == [])
        #expect(run.differences == [])
    }

    /// Whatever a `.proto` looks like and its elements are called.
    @Test(arguments: 1...seeds) func anyProtoIsServed(_ seed: Int) throws {
        var dice = ProtoDice(seed: UInt64(seed))
        let file = Array(dice.file().utf8)
        var surroundings = Surroundings.none
        surroundings.file = { path, _ throws(Surroundings.Unreadable) in
            guard path == "a.proto" else { throw Surroundings.Unreadable("it is gone", isMissing: true) }
            return file
        }
        let proto = String(decoding: file, as: UTF8.self)
        let text: String
        do {
            text = try StarterProto("a.proto", roots: [], services: [], in: surroundings)
                .manifest(proto: "a.proto", roots: [], file: "a.yaml")
        } catch {
            if case .mistakes(let findings) = error {
                Issue.record("no .proto: \(findings.map { "\($0.message) at \($0.range.from)" })\n\(proto)")
            }
            return
        }
        let run = TestRun(starter: text, in: surroundings)
        // What the file itself is warned of is none of ours.
        #expect(run.findings.filter { !$0.hasPrefix("proto-") } == [], "\(proto)\n\(text)")
        #expect(run.differences == [], "\(proto)\n\(text)")
        #expect(run.passed > 0, "\(text)")
    }

    // MARK: Services and paths

    private func refusal(_ path: String, roots: [String] = [], services: [String] = []) -> StarterProto.Refusal? {
        do {
            _ = try StarterProto(path, roots: roots, services: services, in: Self.surroundings)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("shop.v1.Order", "did you mean `shop.v1.Orders`?"), ("Ordesr", "did you mean `Orders`?"),
        ("shop.Clock", "did you mean `shop.v1.Clock`?"), ("x", "it has `shop.v1.Orders`, `shop.v1.Clock`"),
    ])
    func aMisspeltServiceIsTold(_ name: String, _ help: String) {
        guard case .services(let message, let said)? = refusal("shop.proto", services: [name]) else {
            Issue.record("\(name) was taken")
            return
        }
        #expect(message == "shop.proto describes no service `\(name)`")
        #expect(said == help)
    }

    @Test(arguments: ["Orders", "shop.v1.Orders"]) func aServiceIsChosen(_ name: String) throws {
        let starter = try StarterProto("shop.proto", roots: [], services: [name], in: Self.surroundings)
        #expect(starter.summary == "6 methods of shop.v1.Orders")
        #expect(!starter.manifest(proto: "shop.proto", roots: [], file: "a.yaml").contains("grpc: shop.v1.Clock"))
    }

    @Test func aFileWithoutServicesIsTold() {
        guard case .services(let message, _)? = refusal("common/money.proto") else {
            Issue.record("it has no services")
            return
        }
        #expect(message == "common/money.proto describes no services")
    }

    @Test func aFileThatIsNotThereIsTold() {
        guard case .unreadable(let message)? = refusal("gone.proto") else {
            Issue.record("it is not there")
            return
        }
        #expect(message == "cannot read gone.proto: there is no such file")
    }

    private static let nested = [
        "api/shop/v1/shop.proto": """
        syntax = "proto3"; package shop.v1; import "shop/v1/types.proto";
        service Shop { rpc Get (Thing) returns (Thing); }
        """,
        "api/shop/v1/types.proto": "syntax = \"proto3\"; package shop.v1; message Thing { string id = 1; }",
        "third_party/other.proto": "syntax = \"proto3\"; message Other {}",
        "own/uses.proto": """
        syntax = "proto3"; import "other.proto"; service Uses { rpc Use (Other) returns (Other); }
        """,
    ]

    private static let below: Surroundings = {
        var surroundings = Surroundings.none
        surroundings.file = { path, _ throws(Surroundings.Unreadable) in
            guard let text = nested[path] else { throw Surroundings.Unreadable("it is gone", isMissing: true) }
            return Array(text.utf8)
        }
        return surroundings
    }()

    /// Imports start at the folder that the path of the package starts in.
    @Test(
        arguments: [
            ("api/shop/v1/shop.proto", [], ["api"]), ("./api/shop/v1/shop.proto", [], ["api"]),
            ("api/shop/v1/shop.proto", ["api/"], ["api"]), ("own/uses.proto", ["third_party"], ["own", "third_party"]),
        ] as [(String, [String], [String])])
    func rootsAreFound(_ path: String, _ given: [String], _ roots: [String]) throws {
        let starter = try StarterProto(path, roots: given, services: [], in: Self.below)
        #expect(starter.roots == roots)
        let text = starter.manifest(proto: path, roots: starter.roots, file: "a.yaml")
        let run = TestRun(starter: text, in: Self.below)
        #expect(run.findings == [], "\(text)")
        #expect(run.passed == 1)
    }
}

extension TestRun {
    fileprivate init(starter text: String, in surroundings: Surroundings) {
        self.init(measure: { 0 })
        var findings = Findings()
        let loading = Loading([Source(name: "a.yaml", text: text)], in: surroundings, &findings)
        add(loading, name: "a.yaml", findings)
    }
}
