import CEL
import Diagnostics
import Testing

/// What is known of data at load, and what comes of secrets.
@Suite struct DataTypeTests {
    private static func map(_ entries: (String, Value)...) -> Value {
        .map(MapValue(entries.map { (key: .string($0.0), value: $0.1) }))
    }

    private static let shop = map(
        ("name", .string("Tea & Co")), ("rate", .int(10)), ("open", .bool(true)), ("none", .null),
        ("hours", map(("from", .string("9")), ("to", .string("17")))),
        ("users", .list([map(("name", .string("Ann"))), map(("name", .string("Bob")), ("role", .string("admin")))])))

    private final class Fixed: Reader {
        let value: Value
        let isFixed: Bool
        init(_ value: Value, isFixed: Bool = false) {
            self.value = value
            self.isFixed = isFixed
        }
        func read(_ context: Context) -> Value? { value }
    }

    private static let environment = Environment(
        roots: Fixture.environment.roots + [
            Root(
                "data", .map(.string, .dyn),
                fields: .closed([
                    Root.Field("shop", ValueType(ofData: shop), Fixed(shop, isFixed: true), sentByClient: false),
                    Root.Field(
                        "secrets", ValueType(ofData: map(("token", .string("hunter2")))),
                        Fixed(map(("token", .string("hunter2")))), sentByClient: false, isSecret: true),
                ]), sentByClient: false, noun: "data entry")
        ], ambient: FixedAmbient())

    private static func result(_ text: String) -> String {
        var findings = Findings()
        guard
            let program = Expression.parse(Fixture.text(text), &findings)?
                .check(environment, expecting: nil, &findings)
        else {
            return "finding: "
                + findings.ordered().map { $0.message + " → " + ($0.suggestion ?? "") }.joined(separator: "; ")
        }
        return Fixture.withContext { Fixture.shown(program.evaluate($0), sorted: true) }
    }

    @Test(arguments: [
        ("data.shop.name", "\"Tea & Co\""),
        ("data.shop.rate * 1.5", "15.0"),
        ("data.shop.rate + 1", "11"),
        ("data.shop['name']", "\"Tea & Co\""),
        ("data.shop.hours[path.name == 'Ann' ? 'from' : 'to']", "\"9\""),
        ("data.shop.users[1].role", "\"admin\""),
        ("data.shop.users[0].?role.orValue('guest')", "\"guest\""),
        ("data.shop.users.filter(u, u.name == path.name).size()", "1"),
        ("data.shop.users.map(u, u.name)", "[\"Ann\", \"Bob\"]"),
        ("data.shop.hours.map(k, k)", "[\"from\", \"to\"]"),
        ("'from' in data.shop.hours", "true"),
        ("has(data.shop.later)", "false"),
        ("data.shop.?later.orValue('x')", "\"x\""),
        ("size(data.shop.hours)", "2"),
        ("data.shop.hours == {'from': '9', 'to': '17'}", "true"),
        ("merge(data.shop.hours, {'to': '18'}).to", "\"18\""),
        ("[data.shop.hours, {'a': 'b'}].size()", "2"),
        ("data.secrets.token == 'hunter2'", "true"),
        ("data[path.name == 'Ann' ? 'shop' : 'x'].name", "\"Tea & Co\""),
        // Names that a client could choose never lead to a secret.
        ("data['sec' + (path.name == 'Ann' ? 'rets' : '')]", "error: no data entry \"secrets\""),
        ("data[?'sec' + (path.name == 'Ann' ? 'rets' : '')].hasValue()", "false"),
        ("('sec' + (path.name == 'Ann' ? 'rets' : '')) in data", "false"),
        // What fails does not say what it failed on.
        ("int(data.secrets.token)", "error: an expression that reads a secret has failed"),
        ("data.secrets.token + headers['x-none']", "error: no header 'x-none'"),
        ("path.id + data.secrets[path.name]", "error: an expression that reads a secret has failed"),
        ("{'hunter1': 1}[data.secrets.token]", "error: an expression that reads a secret has failed"),
        // What is known of data at load is looked at then.
        ("data.shop.users[7].role", "finding: this always fails: the index 7 is not in a list of 2 → "),
        ("int(data.shop.name)", "finding: this always fails: cannot convert \"Tea & Co\" to int → "),
        (
            "data.shop.rate * 9223372036854775807 + size(path.name)",
            "finding: this always fails: the result of '*' is too large for an int → "
        ),
        ("has(data.shop.later) ? int(data.shop.name) : 1", "1"),
        ("path.name == 'Ann' || int(data.shop.name) == 1", "true"),
        ("data.shop.nmae", "finding: unknown field 'nmae' → name"),
        ("data.shop['nmae']", "finding: unknown field 'nmae' → name"),
        ("data.shop.hours.form", "finding: unknown field 'form' → from"),
        ("data.shop.users[0].rol", "finding: unknown field 'rol' → role"),
        ("data.shop.users.exists(u, u.nmae == 'x')", "finding: unknown field 'nmae' → name"),
        ("data.shop.users.first().value().nmae", "finding: unknown field 'nmae' → name"),
        ("data.secrets.tokn", "finding: unknown field 'tokn' → token"),
        ("data.shpo.name", "finding: unknown data entry 'shpo' → shop"),
        ("data.shop.name + 1", "finding: '+' does not take string and int → "),
        ("!data.shop.name", "finding: '!' wants bool, found string → "),
        ("data.shop.hours.from.size", "finding: a string has no fields → "),
        ("data.shop.hours + 1", "finding: '+' does not take map(string, string) and int → "),
        ("string(data)", "finding: 'data' is not a value as a whole → "),
    ])
    func gives(_ text: String, _ wanted: String) {
        #expect(Self.result(text) == wanted)
    }

    @Test func manyKeysAreNoFieldsOfOthers() {
        func table(_ prefix: String) -> Value {
            .map(MapValue((0..<1500).map { (key: .string("\(prefix)\($0)"), value: .string("x")) }))
        }
        #expect(ValueType(ofData: .list([table("a"), table("b")])) == .list(.map(.string, .string)))
        #expect(ValueType(ofData: .list([])) == .list(.dyn))
        #expect(ValueType(ofData: Self.map(("a", .int(1)))).description == "map(string, dyn)")
    }
}
