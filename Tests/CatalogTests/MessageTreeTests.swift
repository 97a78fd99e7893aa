import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline
import Protobuf
import Testing

@testable import Catalog

/// YAML trees as messages: what they come to, and what is wrong with them.
@Suite struct MessageTreeTests {
    @Test(arguments: [
        ("{}", "{}"),
        ("{ name: Ann, count: 3 }", #"{"count":3,"name":"Ann"}"#),
        ("{ count: 0, name: '', on: false }", "{}"),
        ("{ shown: 0 }", #"{"shown":0}"#),
        ("{ name: null }", "{}"),
        ("{ displayName: a }", #"{"displayName":"a"}"#),
        ("{ large: 18446744073709551615 }", #"{"large":"18446744073709551615"}"#),
        ("{ large: '18446744073709551615' }", #"{"large":"18446744073709551615"}"#),
        (
            "{ signed: -5, fixed: 7, far: -9, ratio: 0.5, small: 1 }",
            #"{"ratio":0.5,"small":1,"signed":-5,"fixed":7,"far":"-9"}"#
        ),
        ("{ blob: aGVsbG8= }", #"{"blob":"aGVsbG8="}"#),
        ("{ status: STATUS_GONE }", #"{"status":"STATUS_GONE"}"#),
        ("{ status: 1 }", #"{"status":"STATUS_ACTIVE"}"#),
        ("{ numbers: [1, 0, -1], tags: [a, ''] }", #"{"numbers":[1,0,-1],"tags":["a",""]}"#),
        ("{ line: { sku: a, next: {} } }", #"{"line":{"sku":"a","next":{}}}"#),
        ("{ lines: [{ sku: a }, {}] }", #"{"lines":[{"sku":"a"},{}]}"#),
        ("{ sizes: { a: 1, b: 0 }, by_id: { 7: { sku: x } } }", #"{"sizes":{"a":1,"b":0},"byId":{"7":{"sku":"x"}}}"#),
        ("{ at: '2026-01-31T12:00:00Z', wait: 1.5s }", #"{"at":"2026-01-31T12:00:00Z","wait":"1.500s"}"#),
        ("{ maybe: 0, text: hi, mask: 'a,bC' }", #"{"maybe":0,"mask":"a,bC","text":"hi"}"#),
        (
            "{ data: { a: 1, b: [x, null] }, value: null, list: [1, a] }",
            #"{"data":{"a":1,"b":["x",null]},"value":null,"list":[1,"a"]}"#
        ),
        (
            "{ any: { '@type': type.googleapis.com/demo.Line, sku: a } }",
            #"{"any":{"@type":"type.googleapis.com/demo.Line","sku":"a"}}"#
        ),
        (
            "{ any: { '@type': type.googleapis.com/google.protobuf.Duration, value: 2s } }",
            #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}}"#
        ),
        ("{ by_name: a }", #"{"byName":"a"}"#),
    ]) func constants(_ yaml: String, _ expected: String) throws {
        let bench = try MethodBench()
        #expect(try bench.message(yaml) == expected)
        #expect(try bench.tree(yaml).tree?.constant != nil)
    }

    @Test(arguments: [
        ("{ name: '{{ request.name }}' }", #"{"name":"Ann"}"#),
        ("{ name: 'Hello {{ request.name }}!' }", #"{"name":"Hello Ann!"}"#),
        ("{ name: '{{ optional.none() }}', count: 1 }", #"{"count":1}"#),
        ("{ name: '{{ null }}' }", "{}"),
        ("{ count: '{{ 1 + 2 }}' }", #"{"count":3}"#),
        ("{ count: '{{ request.count }}' }", #"{"count":7}"#),
        ("{ count: '{{ request.count - 7 }}', shown: '{{ request.count - 7 }}' }", #"{"shown":0}"#),
        ("{ large: '{{ request.big }}', ratio: '{{ request.count }}' }", #"{"large":"9007199254740993","ratio":7}"#),
        ("{ blob: '{{ request.blob }}' }", #"{"blob":"aGVsbG8="}"#),
        ("{ blob: '{{ bytes(request.name) }}' }", #"{"blob":"QW5u"}"#),
        ("{ status: '{{ request.count > 5 ? \"STATUS_ACTIVE\" : \"STATUS_GONE\" }}' }", #"{"status":"STATUS_ACTIVE"}"#),
        ("{ status: 'STATUS_{{ \"gone\".upperAscii() }}' }", #"{"status":"STATUS_GONE"}"#),
        (
            "{ status: 'STATUS_{{ request.name }}' }",
            "failed: the field `status` is demo.Status, and the value is not one of `demo.Status`"
        ),
        ("{ numbers: ['{{ request.count }}', 2, '{{ optional.none() }}'] }", #"{"numbers":[7,2]}"#),
        ("{ numbers: '{{ [1, 2, request.count] }}' }", #"{"numbers":[1,2,7]}"#),
        ("{ tags: '{{ request.tags }}' }", #"{"tags":["x","y"]}"#),
        ("{ tags: ['a{{ request.name }}', ''] }", #"{"tags":["aAnn",""]}"#),
        ("{ line: '{{ request.line }}' }", #"{"line":{"sku":"s","count":2}}"#),
        (
            "{ line: { sku: '{{ request.name }}', next: { count: '{{ request.count }}' } } }",
            #"{"line":{"sku":"Ann","next":{"count":7}}}"#
        ),
        ("{ lines: '{{ request.tags.map(t, {\"sku\": t}) }}' }", #"{"lines":[{"sku":"x"},{"sku":"y"}]}"#),
        ("{ sizes: { a: '{{ request.count }}', b: '{{ optional.none() }}', c: 1 } }", #"{"sizes":{"a":7,"c":1}}"#),
        ("{ sizes: '{{ {\"q\": request.count} }}' }", #"{"sizes":{"q":7}}"#),
        (
            "{ at: '{{ timestamp(1) }}', wait: '{{ duration(\"90s\") }}' }",
            #"{"at":"1970-01-01T00:00:01Z","wait":"90s"}"#
        ),
        ("{ at: '{{ call.time }}' }", ""),
        ("{ wait: '{{ request.count }}s' }", #"{"wait":"7s"}"#),
        ("{ maybe: '{{ request.count }}', text: '{{ request.name }}' }", #"{"maybe":7,"text":"Ann"}"#),
        (
            "{ data: { a: '{{ request.count }}', b: '{{ optional.none() }}' }, value: '{{ request.tags }}' }",
            #"{"data":{"a":7},"value":["x","y"]}"#
        ),
        (
            "{ any: { '@type': demo.Line, sku: '{{ request.name }}' } }",
            #"{"any":{"@type":"type.googleapis.com/demo.Line","sku":"Ann"}}"#
        ),
        ("'{{ {\"name\": request.name} }}'", #"{"name":"Ann"}"#),
        ("{ by_name: '{{ optional.none() }}', by_number: 2 }", #"{"byNumber":2}"#),
        (
            "{ half: '{{ request.count * 1000000000 }}' }",
            "failed: the field `half` is uint32, and the value does not fit"
        ),
        ("{ on: '{{ dyn(request.name) }}' }", "failed: the field `on` is bool, found a string"),
        (
            "{ line: '{{ {\"skv\": request.name} }}' }",
            "failed: the field `line`: `skv`: `demo.Line` has no field `skv`"
        ),
        (
            "{ name: '{{ request.tags.map(t, request.name).join(\"0123456789012345678901234567890123456789012345678901234567890123456789\") }}{{ \"0123456789012345678901234567890123456789012345678901234567890123456789\" }}' }",
            #"{"name":"Ann0123456789012345678901234567890123456789012345678901234567890123456789Ann0123456789012345678901234567890123456789012345678901234567890123456789"}"#
        ),
    ]) func holes(_ yaml: String, _ expected: String) throws {
        let bench = try MethodBench()
        try bench.receive(
            #"{"name":"Ann","count":7,"blob":"aGVsbG8=","tags":["x","y"],"line":{"sku":"s","count":2},"big":"9007199254740993"}"#
        )
        let shown = try bench.message(yaml)
        if expected.isEmpty { #expect(shown.hasPrefix("{")) } else { #expect(shown == expected) }
    }

    @Test(arguments: [
        ("{ nmae: a }", "3 unknown-field: `demo.Out` has no field `nmae`; did you mean `name`?"),
        (
            "{ line: { x: 1 } }",
            "11 unknown-field: `demo.Line` has no field `x`; the fields of `demo.Line` are `sku`, `count`, `next`"
        ),
        (
            "{ display_name: a, displayName: b }",
            "20 field-twice: the field `display_name` is there twice, by its two names; keep one of them"
        ),
        (
            "{ count: 3000000000 }",
            "10 field-value: `3000000000` does not fit into a field of type int32; expected -2147483648 to 2147483647, and whole"
        ),
        (
            "{ count: 1.5 }",
            "10 field-value: `1.5` does not fit into a field of type int32; expected -2147483648 to 2147483647, and whole"
        ),
        (
            "{ half: -1 }",
            "9 field-value: `-1` does not fit into a field of type uint32; expected 0 to 4294967295, and whole"
        ),
        (
            "{ name: 5 }",
            "9 wrong-type: expected a string for the field `name`, which is string, found the number `5`; write it in quotes: `\"5\"`"
        ),
        (
            "{ on: yes }",
            "7 wrong-type: expected true or false for the field `on`, which is bool, found `yes`; expected true or false for the field `on`, which is bool"
        ),
        (
            "{ status: STATUS_ACTVE }",
            "11 unknown-enum-value: `demo.Status` has no value `STATUS_ACTVE`; did you mean `STATUS_ACTIVE`?"
        ),
        (
            "{ status: active }",
            "11 unknown-enum-value: `demo.Status` has no value `active`; did you mean `STATUS_ACTIVE`?"
        ),
        (
            "{ blob: 'a*b' }",
            "11 bad-base64: the field `blob` is bytes, and this is not base64; bytes are written as `aGVsbG8=`"
        ),
        (
            "{ wait: 5m }",
            "9 field-value: `5m` is no `google.protobuf.Duration`; expected a span of seconds such as `1.5s`"
        ),
        (
            "{ at: tomorrow }",
            "7 field-value: `tomorrow` is no `google.protobuf.Timestamp`; expected a time such as `2026-01-31T12:00:00Z`"
        ),
        (
            "{ by_name: a, by_number: 1 }",
            "15 oneof-twice: `by_number` and `by_name` are both of the oneof `kind`; keep one of them"
        ),
        (
            "{ numbers: 5 }",
            "12 wrong-type: expected a list for the field `numbers`, which is repeated int32, found the number `5`; write `- ` before each item, or `[ ]` around them"
        ),
        (
            "{ by_id: { a: {} } }",
            "12 field-value: `a` is no key of `by_id`, whose keys are int32; expected a whole number"
        ),
        (
            "{ any: { '@type': demo.Lime } }",
            "19 unknown-message-type: there is no message type `demo.Lime`; did you mean `demo.Line`?"
        ),
        (
            "{ count: '{{ \"a\" }}' }",
            "14 type-mismatch: the field `count` is int32, found string; convert it with `int(…)`"
        ),
        (
            "{ name: '{{ 1 + 1 }}' }",
            "13 type-mismatch: the field `name` is string, found int; convert it with `string(…)`"
        ),
        (
            "{ count: '{{ 3000000000 }}' }",
            "14 constant-failure: this always fails: the field `count` is int32, and the value does not fit; it reads nothing of the call: change the expression"
        ),
        (
            "{ count: 'a{{ request.name }}' }",
            "10 type-mismatch: the field `count` is int32, found text; leave one `{{ }}` and nothing else, which keeps its type"
        ),
        (
            "{ tags: '{{ \"a\" }}' }",
            "13 type-mismatch: the field `tags` is repeated string, found string; a list is expected: write `[ ]` around it"
        ),
        ("hello", "1 wrong-type: expected a map with the fields of `demo.Out`, found `hello`; "),
    ]) func mistakes(_ yaml: String, _ expected: String) throws {
        let shown = try MethodBench().message(yaml)
        if expected.hasSuffix("; ") { #expect(shown.hasPrefix(expected)) } else { #expect(shown == expected) }
    }

    @Test func requiredFieldsAreAskedFor() throws {
        let bench = try MethodBench(
            """
            syntax = "proto2"; package demo;
            message In {} message Out { required int32 id = 1; optional string s = 2; optional group G = 3 { optional int32 n = 1; } }
            service Greeter { rpc Unary(In) returns (Out); }
            """)
        #expect(
            try bench.message("{ s: a }")
                == "3 missing-field: `demo.Out` needs the field `id`; add `id`: it is required")
        #expect(try bench.message("{ id: 0, g: { n: 4 } }") == #"{"id":0,"g":{"n":4}}"#)
        #expect(try bench.message("{ id: '{{ size(call.id) }}', g: { n: '{{ 4 }}' } }").contains(#""g":{"n":4}"#))
    }

    /// What is written down comes to the same bytes as ProtoJSON read by the codec.
    @Test(arguments: [
        "{ name: Ann, count: -3, large: 5, on: true, ratio: 2.5, small: 0.5, signed: -1, fixed: 1, far: 2, blob: AAE= }",
        "{ status: STATUS_GONE, numbers: [1, 300, -1], tags: [a, b], lines: [{ sku: a, count: 1 }, {}] }",
        "{ sizes: { a: 1 }, by_id: { '3': { sku: x } }, at: '2026-01-31T12:00:00.5Z', wait: '-1.5s', maybe: 0, text: '' }",
        "{ data: { a: [1, true, null, { b: c }] }, value: x, mask: 'aB,c', shown: 0, by_number: 0 }",
    ]) func constantsAreAsTheCodecWritesThem(_ yaml: String) throws {
        let bench = try MethodBench()
        let tree = try #require(try bench.tree(yaml).tree)
        var text = ByteWriter()
        var findings = Findings()
        let json = JSONTree(try MethodBench.node(yaml), bench.scope, &findings)
        _ = json.write(bench.exchange.pointee.context, &text)
        let value = try JSONReader.read(text.bytes).get()
        let message = try MessageJSONReader(bench.method.codec).read(value, as: bench.method.output).get()
        #expect(tree.constant == bench.method.codec.encode(message))
    }

    /// A map of scalars is written at once, and comes to the same bytes as by way of ProtoJSON; what is something else, or
    /// wrong, goes that way.
    @Test(arguments: mapsOfFields) func mapsAreAsTheCodecWritesThem(_ fields: [String: Value]) throws {
        let bench = try MethodBench(
            """
            syntax = "proto3"; package demo;
            message In {}
            message Out {
              string name = 11; int32 count = 2; uint64 large = 3; bool on = 4; double ratio = 5; float small = 6;
              sint32 signed = 7; fixed32 fixed = 8; sfixed64 far = 9; bytes blob = 10; optional int32 shown = 25;
              string display_name = 26; repeated string tags = 13;
              oneof kind { string by_name = 30; int32 by_number = 31; }
            }
            service Greeter { rpc Unary(In) returns (Out); }
            """)
        let encoding = MessageEncoding(bench.method.codec, bench.method.output)
        let value = Value.map(MapValue(fields.map { (key: .string($0.key), value: $0.value) }))
        var out = ByteWriter()
        var expected = ByteWriter()
        let error = encoding.write(value, &out)
        let expectedError =
            switch ValueJSON.convert(value) {
            case .success(let json): encoding.write(json, &expected)
            case .failure(let error): error
            }
        #expect(error?.message == expectedError?.message)
        #expect(error != nil || out.bytes.elementsEqual(expected.bytes))
    }

    private static let mapsOfFields: [[String: Value]] = [
        [:], ["name": .string("Ann")], ["name": .string("")], ["name": .string("a"), "count": .int(-3)],
        ["count": .int(0), "on": .bool(false), "ratio": .double(0), "shown": .int(0), "blob": .bytes([])],
        [
            "name": .string("Ann"), "count": .int(7), "large": .int(5), "on": .bool(true), "ratio": .double(2.5),
            "signed": .int(-1), "fixed": .int(1), "far": .int(-2), "blob": .bytes([0, 255]), "shown": .int(1),
        ],
        ["large": .uint(.max)], ["large": .int(-1)], ["count": .int(1 << 40)], ["count": .double(2)],
        ["small": .double(0.5)],
        ["ratio": .double(.infinity)], ["ratio": .double(-0.0)], ["ratio": .int(3)], ["name": .null, "count": .int(1)],
        ["name": .int(3)], ["displayName": .string("a")], ["display_name": .string("a")], ["nme": .string("a")],
        ["display_name": .string("a"), "displayName": .string("b")], ["tags": .list([.string("a")]), "count": .int(1)],
        ["by_name": .string("a")], ["by_name": .string("a"), "by_number": .int(1)], ["name": .optional(.string("a"))],
        ["name": .optional(nil), "count": .int(1)],
        ["name": .string(String(repeating: "x", count: 1 << 20))],
    ]
}
