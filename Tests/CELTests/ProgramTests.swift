import CEL
import Diagnostics
import JSON
import Testing

@Suite struct ProgramTests {
    @Test(arguments: [
        ("call.id", false, ["call", "call.id"]), ("path.name", true, ["path", "path.name"]),
        ("call.count + size(query.n)", true, ["call", "call.count", "query"]),
        ("1 + 1", false, []), ("path.?nope", false, ["path"]), ("'x-a' in headers", true, ["headers"]),
        ("headers[call.id]", true, ["headers", "call", "call.id"]),
    ]) func whatItReads(_ text: String, _ readsClient: Bool, _ reads: [String]) {
        var findings = Findings()
        let program = Fixture.program(text, &findings)
        #expect(program?.readsClient == readsClient)
        #expect(program?.reads == Set(reads))
        #expect(program?.text == text)
    }

    @Test(arguments: [
        ("1", ValueType.int), ("path.name", .string), ("[1]", .list(.int)), ("[1, 'a']", .list(.dyn)),
        ("{'a': 1}", .map(.string, .int)),
        ("query.?n", .optional(.string)), ("body.x", .dyn), ("body.?x.y", .optional(.dyn)),
        ("optional.of(1)", .optional(.int)), ("[1].map(x, string(x))", .list(.string)),
        ("now()", .timestamp), ("now() - now()", .duration), ("body.age + 1", .dyn), ("body.name + 'a'", .string),
        ("query.?n.orValue('')", .string), ("type(1)", .type(nil)), ("1 < 2", .bool),
    ]) func type(_ text: String, _ type: ValueType) {
        var findings = Findings()
        #expect(Fixture.program(text, &findings)?.type == type)
    }

    @Test func aFieldIsWrittenWithoutBeingReadTwice() throws {
        var findings = Findings()
        let program = try #require(Fixture.program("path.name", &findings))
        var call = Call()
        withUnsafeMutablePointer(to: &call) { pointer in
            var out = ByteWriter()
            #expect(program.write(Context(UnsafeMutableRawPointer(pointer)), &out, .plain) == nil)
            #expect(out.bytes.elementsEqual("Ann".utf8))
            #expect(pointer.pointee.reads == 1)
        }
    }

    @Test func stepsAreBounded() {
        let thousand = "[" + (0..<1000).map { "\($0)" }.joined(separator: ",") + "]"
        #expect(
            Fixture.result("\(thousand).all(x, \(thousand).all(y, x + y >= call.zero))")
                == "error: the expression takes more than 100000 steps")
        // Absorbing operators do not hide it.
        #expect(
            Fixture.result("\(thousand).exists(x, \(thousand).exists(y, x + y < call.zero)) || call.zero == 1")
                == "error: the expression takes more than 100000 steps")
        #expect(Fixture.result("\(thousand).all(x, x >= call.zero)") == "true")
    }

    @Test func sizesAreBounded() {
        // Doubles with each step: 2^30 bytes if nothing stopped it.
        var text = "optional.of(path.name)"
        for _ in 0..<30 { text += ".optMap(x, x + x)" }
        #expect(Fixture.result("size(\(text).value())").hasPrefix("error: "))
        #expect(
            Fixture.result(
                "size('\(String(repeating: "a", count: 2000))'.replace('', '\(String(repeating: "b", count: 2000))'))")
                == "finding: this always fails: the value is larger than 1 MiB")
    }

    @Test func sharedPartsAreNotWrittenOutForEver() {
        // Each step doubles what is written, though not what is held.
        var text = "optional.of(call.peers)"
        for _ in 0..<30 { text += ".optMap(x, [x, x])" }
        #expect(Fixture.result("json.encode(\(text))") == "error: the value is larger than 1 MiB")
        #expect(Fixture.result("\(text) == \(text)") == "error: the expression takes more than 100000 steps")
        #expect(Fixture.result("hash(\(text)) > 0") == "error: the value is larger than 1 MiB")
        #expect(TemplateTests.text("{{ \(text) }}") == "error: the value is larger than 1 MiB")
        #expect(TemplateTests.json("{{ \(text) }}") == "error: the value is larger than 1 MiB")
    }

    @Test func failuresLeaveTheOutputAsItWas() throws {
        var findings = Findings()
        let program = try #require(Fixture.program("'a' + query.zip", &findings))
        Fixture.withContext { context in
            var out = ByteWriter()
            out.append("before" as StaticString)
            #expect(program.write(context, &out, .plain)?.message == "no query parameter 'zip'")
            #expect(out.bytes.elementsEqual("before".utf8))
            if case .failed = program.writeJSON(context, &out) {} else { Issue.record("not failed") }
            #expect(out.bytes.elementsEqual("before".utf8))
        }
    }

    @Test func mapsKeepTheirOrder() {
        #expect(Fixture.result("{'z': 1, 'a': 2, 'm': 3}.map(k, k)") == #"["z", "a", "m"]"#)
    }

    @Test func valuesCompareByCELsRules() {
        #expect(Value.int(1).equals(.double(1)))
        #expect(!Value.string("é").equals(.string("e\u{301}")))
        #expect(!Value.double(.nan).equals(.double(.nan)))
        #expect(!Value.int(1).equals(.string("1")))
        #expect(Value.map(MapValue([(.int(1), .null)])).equals(.map(MapValue([(.uint(1), .null)]))))
    }
}
