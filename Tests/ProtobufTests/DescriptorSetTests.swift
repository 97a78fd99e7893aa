import Diagnostics
import Protobuf
import Testing

/// Descriptor sets, sound and broken.
@Suite struct DescriptorSetTests {
    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

    private func compile(_ file: [UInt8]...) -> Compiled {
        Compiled(files: ["set.binpb": file.flatMap { field(1, $0) }], entries: ["set.binpb"])
    }

    @Test func aFileImportsOneOfASet() {
        let set = field(1, field(1, "b.proto".bytes) + field(4, field(1, "B".bytes)))
        let compiled = Compiled(
            files: [
                "set.binpb": set, "a.proto": "syntax = \"proto3\"; import \"b.proto\"; message A { B b = 1; }".bytes,
            ],
            entries: ["set.binpb", "a.proto"])
        #expect(compiled.lines == [])
        #expect(compiled.pool?.files.count == 2)
    }

    @Test func whatDanglesIsTold() {
        // message A { optional .Gone g = 1; }
        let dangling = field(2, field(1, "g".bytes) + [0x18, 1, 0x20, 1, 0x28, 11] + field(6, ".Gone".bytes))
        #expect(
            compile(field(1, "a.proto".bytes) + field(4, field(1, "A".bytes) + dangling)).lines
                == ["set.binpb:1:1: a.proto: there is no type `.Gone`"])
        #expect(
            compile(field(1, "a.proto".bytes) + field(3, "b.proto".bytes)).lines
                == ["set.binpb:1:1: a.proto: there is no file `b.proto` to import"])
    }

    @Test func namesAreChecked() {
        #expect(
            compile(field(1, "a.proto".bytes) + field(4, field(1, "A B".bytes))).lines
                == ["set.binpb:1:1: a.proto: `A B` is no name"])
        #expect(compile(field(1, "a.proto".bytes) + field(4, field(1, [0xFF]))).pool == nil)
        #expect(compile(field(1, "a.proto".bytes) + field(4, [])).pool == nil)
    }

    @Test(
        arguments: [
            ([0x0A, 5, 0], "the descriptor set is cut off or broken"),
            ([0x0A, 0], "a file of the descriptor set has no name"),
            ([0x0A, 3, 0x0A, 9, 0], "a file of the descriptor set has no name"),
        ] as [([UInt8], String)]) func brokenSetsAreTold(_ bytes: [UInt8], _ message: String)
    {
        let compiled = Compiled(files: ["set.binpb": bytes], entries: ["set.binpb"])
        #expect(compiled.findings.contains { $0.message == message }, "\(compiled.human)")
        #expect(compiled.pool == nil)
    }

    @Test func textThatStartsWithALineIsNoSet() {
        #expect(Compiled("\nsyntax = \"proto3\";\n").lines == [])
        #expect(Compiled("\n  syntax = \"proto3\"; message M {}\n").pool != nil)
    }

    /// No byte of a set can be trusted: each is changed, and the set is cut at each.
    @Test(arguments: ["good.binpb", "built-in.binpb"]) func brokenBytesDoNoHarm(_ name: String) throws {
        let bytes = try #require(GoldenFolder("proto").read(name))
        var random: UInt64 = 1
        for _ in 0..<150 {
            var broken = bytes
            for _ in 0..<3 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                broken[Int(random >> 33) % broken.count] = UInt8(truncatingIfNeeded: random >> 20)
            }
            if random >> 60 < 4 { broken.removeLast(Int(random >> 40) % broken.count) }
            _ = Compiled(files: ["set.binpb": broken], entries: ["set.binpb"])
        }
    }
}
