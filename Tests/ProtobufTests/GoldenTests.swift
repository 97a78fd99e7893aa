import Protobuf
import Testing

/// What protoc makes of the files in Tests/Golden/proto, kept by Tests/EndToEnd/proto_files.py.
@Suite struct GoldenTests {
    private static let folder = GoldenFolder("proto/good")
    static let good = folder.names(ending: ".proto")

    private static func files() -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in good { files["\(name).proto"] = folder.read("\(name).proto") }
        return files
    }

    /// The files of a set by name.
    private func split(_ set: [UInt8]) -> [String: [UInt8]] {
        let pool = Compiled(files: ["set.binpb": set], entries: ["set.binpb"]).pool
        guard let pool else { return [:] }
        return Dictionary(uniqueKeysWithValues: pool.files.map { ($0.path.text, DescriptorWriter(pool).file($0)) })
    }

    @Test func oddFilesAreAsProtocHasThem() throws {
        let protoc = try #require(GoldenFolder("proto").read("good.binpb"))
        let compiled = Compiled(files: Self.files(), entries: Self.good.map { "\($0).proto" })
        let pool = try #require(compiled.pool, "\(compiled.human)")
        let expected = split(protoc)
        #expect(expected.count >= Self.good.count)
        for file in pool.files {
            #expect(expected[file.path.text] == DescriptorWriter(pool).file(file), "\(file.path.text)")
        }
    }

    @Test(arguments: good) func eachFileCompilesAlone(_ name: String) {
        let compiled = Compiled(files: Self.files(), entries: ["\(name).proto"])
        #expect(compiled.pool != nil, "\(compiled.human)")
    }

    @Test func builtInFilesAreAsProtocHasThem() throws {
        let protoc = try #require(GoldenFolder("proto").read("built-in.binpb"))
        let expected = split(protoc)
        #expect(expected.count == 27)
        let imports = expected.keys.sorted().map { "import \"\($0)\";\n" }.joined()
        let compiled = Compiled("syntax = \"proto3\";\n" + imports)
        let pool = try #require(compiled.pool, "\(compiled.human)")
        for (name, bytes) in expected {
            let file = try #require(pool.file(ProtoPath(name)), "\(name)")
            #expect(DescriptorWriter(pool).file(file) == bytes, "\(name)")
        }
    }

    /// Reading and writing changes nothing, so that the comparison above is one of bytes.
    @Test(arguments: ["good.binpb", "built-in.binpb"]) func setsAreWrittenAsTheyWereRead(_ name: String) throws {
        let bytes = try #require(GoldenFolder("proto").read(name))
        let compiled = Compiled(files: ["a/\(name)": bytes], entries: ["a/\(name)"])
        let pool = try #require(compiled.pool, "\(compiled.human)")
        #expect(DescriptorWriter(pool).fileSet() == bytes)
    }

    @Test func badFilesAreToldAsKept() throws {
        let cases = try #require(GoldenFolder("proto").read("bad.cases"))
        var text = ""
        for part in String(decoding: cases, as: UTF8.self).split(separator: "=== ", omittingEmptySubsequences: true) {
            let name = part.prefix { $0 != "\n" }
            text += "=== \(name)\n" + Self.told(String(name), String(part.dropFirst(name.count + 1)))
        }
        GoldenFolder("proto").expect(text, in: "bad.findings")
    }

    /// A case is a file, and behind `--- NAME` those beside it.
    private static func told(_ name: String, _ body: String) -> String {
        var files: [String: String] = [:]
        var current = "\(name).proto"
        for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("--- ") {
                current = String(line.dropFirst(4))
            } else {
                files[current, default: ""] += line + "\n"
            }
        }
        for name in files.keys { files[name]?.removeLast() }
        let compiled = Compiled(files: files, entries: ["\(name).proto"])
        #expect(compiled.pool == nil, "\(name) is bad, and passes")
        return compiled.human
    }
}
