import Diagnostics
import Protobuf
import Testing

/// Files, roots and imports.
@Suite struct LoadingTests {
    private let user = "syntax = \"proto3\"; package a; import \"a/b.proto\"; message M { B b = 1; }"
    private let used = "syntax = \"proto3\"; package a; message B {}"

    @Test func rootsAreSearchedInOrder() {
        let files = ["x/a/c.proto": user, "y/a/b.proto": used, "z/a/b.proto": "broken"]
        let compiled = Compiled(files: files, entries: ["x/a/c.proto"], roots: ["x", "./y/", "z"])
        #expect(compiled.lines == [])
        #expect(compiled.pool?.files.map(\.path.text) == ["a/b.proto", "a/c.proto"])
    }

    @Test func aFileIsNamedFromItsRoot() {
        let files = ["protos/a/c.proto": user, "protos/a/b.proto": used]
        for entry in ["a/c.proto", "protos/a/c.proto", "./protos/a/c.proto"] {
            #expect(
                Compiled(files: files, entries: [entry], roots: ["protos"]).pool?.files.last?.path.text == "a/c.proto")
        }
    }

    @Test func withoutRootsTheFoldersOfTheFilesAre() {
        let files = [
            "p/c.proto": "syntax = \"proto3\"; import public \"d.proto\";", "q/d.proto": "syntax = \"proto3\";",
        ]
        #expect(Compiled(files: files, entries: ["p/c.proto", "q/d.proto"]).lines == [])
        #expect(
            Compiled(files: files, entries: ["p/c.proto"]).lines == [
                "p/c.proto:1:34: there is no file `d.proto` to import"
            ])
    }

    @Test func whatIsNotFoundSaysWhereItWasLookedFor() {
        let compiled = Compiled(files: ["x/a/c.proto": user], entries: ["x/a/c.proto"], roots: ["x", "y"])
        #expect(compiled.findings.first?.help == "looked for `x/a/b.proto`, `y/a/b.proto`, the files that are built in")
        #expect(compiled.findings.count == 1, "what is in the missing file is not told as missing: \(compiled.human)")
    }

    @Test func anEntryThatIsNotThereIsToldAtTheManifest() {
        let compiled = Compiled(files: [String: String](), entries: ["a.proto"], roots: ["x"])
        #expect(compiled.lines == ["radicled.yaml:1:8: there is no file `a.proto`"])
        #expect(compiled.findings.first?.help == "looked for `x/a.proto`, `a.proto`")
    }

    @Test func anEntryOutsideOfTheRootsIsTold() {
        let compiled = Compiled(files: ["a.proto": used], entries: ["a.proto"], roots: ["x"])
        #expect(compiled.lines == ["radicled.yaml:1:8: `a.proto` is in none of the roots"])
    }

    @Test func brokenUTF8IsTold() {
        let compiled = Compiled(
            files: ["a.proto": "syntax = \"proto3\";\n// ".bytes + [0xFF, 0x0A]], entries: ["a.proto"])
        #expect(compiled.lines == ["a.proto:2:4: the file is not UTF-8"])
    }

    @Test func longChainsOfImportsFitTheStack() {
        var files: [String: String] = ["1000.proto": "syntax = \"proto3\";"]
        for index in 0..<1000 { files["\(index).proto"] = "syntax = \"proto3\"; import public \"\(index + 1).proto\";" }
        #expect(Compiled(files: files, entries: ["0.proto"]).pool?.files.count == 1001)
    }

    @Test func aFileOnDiskIsBeforeTheOneBuiltIn() {
        let files = [
            "a.proto":
                "syntax = \"proto3\"; import \"google/protobuf/any.proto\"; message M { google.protobuf.Mine m = 1; }",
            "google/protobuf/any.proto": "syntax = \"proto3\"; package google.protobuf; message Mine {}",
        ]
        #expect(Compiled(files: files, entries: ["a.proto"]).lines == [])
    }

    @Test(arguments: [
        "message M {", "enum E {", "option (a) = {", "service S { rpc", "extend M {", "message M { oneof o {",
        "message A { group B = 1 {",
    ])
    func deepNestingIsRefused(_ text: String) {
        let compiled = Compiled("syntax = \"proto2\";" + String(repeating: text, count: 5000))
        #expect(compiled.pool == nil)
        let values = "syntax = \"proto2\"; option (a) = " + String(repeating: "{ a: ", count: 50_000)
        #expect(Compiled(values).pool == nil)
    }

    @Test func findingsAreBounded() {
        let fields = (0..<5000).map { "Gone\($0) a\($0) = 1;" }.joined()
        let compiled = Compiled("syntax = \"proto3\"; message M { \(fields) }")
        #expect(compiled.findings.count <= 1100)
    }

    @Test func manyMistakesTakeNoLongerThanFew() {
        let messages = (0..<3000).map { "message M\($0) { Gone\($0) m = 1; string m = 2; int32 x = 2; }" }.joined()
        let compiled = Compiled("syntax = \"proto3\";" + messages)
        #expect(compiled.findings.count == 1000)
    }
}
