import CEL
import Diagnostics
import Testing

/// Messages that expressions make: the well-known types, and types of a place's own.
@Suite struct MessageTests {
    struct Row: Sendable {
        let expression: String
        let expected: String

        init(_ expression: String, _ expected: String) {
            self.expression = expression
            self.expected = expected
        }
    }

    @Test(arguments: [
        Row("google.protobuf.Timestamp{}", "@1970-01-01T00:00:00Z"),
        Row("google.protobuf.Timestamp{seconds: 1, nanos: 500000000}", "@1970-01-01T00:00:01.5Z"),
        Row("google.protobuf.Timestamp{seconds: -1, nanos: 500000000}", "@1969-12-31T23:59:59.5Z"),
        Row(".google.protobuf.Duration{seconds: 90}", "~90s"),
        Row("google.protobuf.Duration{seconds: -1, nanos: -500000000,}", "~-1.5s"),
        Row("google.protobuf.Duration{seconds: call.count} > duration('2s')", "true"),
        Row("google.protobuf.BoolValue{value: true}", "true"), Row("google.protobuf.BoolValue{}", "false"),
        Row("google.protobuf.BytesValue{value: b'a'}", "b[97]"), Row("google.protobuf.DoubleValue{}", "0.0"),
        Row("google.protobuf.FloatValue{value: 0.1}", "0.10000000149011612"),
        Row("google.protobuf.Int32Value{value: 7} + 1", "8"), Row("google.protobuf.Int64Value{value: 7}", "7"),
        Row("google.protobuf.StringValue{value: path.name}.size()", "3"),
        Row("google.protobuf.UInt32Value{value: 7u}", "7u"), Row("google.protobuf.UInt64Value{}", "0u"),
        Row("google.protobuf.ListValue{values: [1, 'a', null]}", "[1, \"a\", null]"),
        Row("google.protobuf.Struct{fields: {'a': 1}}.a", "1"), Row("google.protobuf.Struct{}", "{}"),
        Row("google.protobuf.Value{}", "null"), Row("google.protobuf.Value{number_value: 1.5}", "1.5"),
        Row("google.protobuf.Value{struct_value: null, bool_value: true}", "true"),
        Row("google.protobuf.StringValue{?value: query.?q}", "\"a b&c\""),
        Row("google.protobuf.StringValue{?value: query.?nope}", "\"\""),
        Row("google.protobuf.Int64Value{`value`: body.age}", "30"),
        Row("google.protobuf.Int64Value{value: body.rate}", "error: the field 'value' is int, not double"),
        Row("google.protobuf.Int64Value{value: body.nope}", "error: no field of the body 'nope'"),
        Row("google.protobuf.Int32Value{value: call.count + 3000000000}", "error: 3000000003 is no int32"),
        Row(
            "google.protobuf.Struct{fields: {dyn(call.count): 1}}",
            "error: the keys of a google.protobuf.Struct are strings, not int"),
        Row(
            "google.protobuf.Duration{seconds: 1, nanos: -1}",
            "finding: this always fails: the seconds and the nanos of a duration have one sign"),
        Row(
            "google.protobuf.Duration{seconds: 9223372036854775807}",
            "finding: this always fails: the duration is out of range"),
        Row(
            "google.protobuf.Timestamp{nanos: -1}",
            "finding: this always fails: the nanos of a timestamp go from 0 to 999999999, not -1"),
        Row(
            "google.protobuf.Timestamp{seconds: 253402300800}",
            "finding: this always fails: the timestamp is out of range: it goes from year 1 to year 9999"),
        Row("google.protobuf.UInt32Value{value: 4294967296u}", "finding: this always fails: 4294967296 is no uint32"),
        Row(
            "google.protobuf.Value{bool_value: true, string_value: 'a'}",
            "finding: this always fails: a google.protobuf.Value holds one value"),
        Row("type(google.protobuf.Int64Value{value: 1})", "type int"),
    ]) func wellKnown(_ row: Row) { #expect(Fixture.result(row.expression) == row.expected) }

    // MARK: Types of a place's own

    private struct Pets: MessageTypes {
        struct Pet: MessageType {
            let name = "shop.Pet"
            let fields = [
                MessageField("name", .string, jsonName: "petName"),
                MessageField("parent", .message("shop.Pet"), takesNull: true),
                MessageField("kind", .int, enumeration: "shop.Kind"),
            ]
            let made = ValueType.message("shop.Pet")

            func make(_ values: [Value?]) -> Value {
                .map(
                    MapValue(zip(fields, values).compactMap { field, value in value.map { (.string(field.name), $0) } })
                )
            }
        }

        let names = ["shop.Pet"]

        let container: String

        func type(named name: String) -> (any MessageType)? { name == "shop.Pet" ? Pet() : nil }

        func enumeration(named name: String) -> EnumType? {
            switch name {
            case "shop.Kind": EnumType(name, [("CAT", 0), ("DOG", 4)])
            case "Kind": EnumType(name, [("CAT", 9)])
            default: nil
            }
        }
    }

    private static func result(_ expression: String, container: String = "") -> String {
        let environment = Environment(roots: [], ambient: FixedAmbient(), messages: Pets(container: container))
        var findings = Findings()
        guard
            let program = Expression.parse(Fixture.text(expression), &findings)?
                .check(environment, expecting: nil, &findings)
        else { return findings.ordered().map(\.message).joined(separator: "; ") }
        return Fixture.withContext { Fixture.shown(program.evaluate($0)) }
    }

    @Test(arguments: [
        Row("shop.Pet{name: 'Rex', parent: shop.Pet{name: 'Bo'}}.parent.name", "\"Bo\""),
        Row("shop.Pet{name: 'Rex', parent: null}", "{\"name\": \"Rex\"}"),
        Row("has(shop.Pet{name: 'Rex'}.parent)", "false"),
        Row("shop.Pet{name: 'Rex'}.nam", "shop.Pet has no field 'nam'"),
        Row("shop.Pet{name: 'Rex'}.parent.age", "shop.Pet has no field 'age'"),
        Row("shop.Pet{name: 1, nam: 2}", "the field 'name' is string, found int; shop.Pet has no field 'nam'"),
        Row("shop.Pet{name: null}", "the field 'name' is string, found null"),
        Row("shop.Pet{petName: 'Rex'}", "shop.Pet has no field 'petName'"),
        Row("shop.Pet{name: 'Rex'}['name']", "a shop.Pet has no index"),
        Row("Pet{name: 'Rex'}", "unknown message type 'Pet'"), Row("shop.Pet", "type shop.Pet"),
        Row("Kind.CAT", "9"), Row("shop.Kind.DOG + 1", "5"), Row("shop.Kind.COW", "shop.Kind has no value 'COW'"),
        Row("shop.Pet{kind: shop.Kind.DOG}.kind == 'DOG'", "'==' does not take int and string"),
    ]) func ofOnesOwn(_ row: Row) { #expect(Self.result(row.expression) == row.expected) }

    /// The innermost package first, a dot in front for a full name (cel-spec, "Name Resolution").
    @Test(arguments: [
        Row("Pet{name: 'Rex'}.name", "\"Rex\""), Row("Kind.CAT", "0"), Row(".Kind.CAT", "9"),
        Row(".shop.Kind.DOG", "4"), Row("shop.Kind.DOG", "4"), Row(".Pet{}", "unknown message type 'Pet'"),
        Row("[1].map(Kind, Kind)", "[1]"), Row("[{'CAT': 1}].map(Kind, Kind.CAT)", "[1]"),
        Row("Pet", "type shop.Pet"),
    ]) func withinAPackage(_ row: Row) {
        #expect(Self.result(row.expression, container: "shop.inner") == row.expected)
    }
}
