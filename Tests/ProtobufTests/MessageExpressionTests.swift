import CEL
import JSON
import Protobuf
import Testing

/// Expressions that read messages, and make them.
@Suite struct MessageExpressionTests {
    struct Row: Sendable {
        let expression: String
        let expected: String

        init(_ expression: String, _ expected: String) {
            self.expression = expression
            self.expected = expected
        }
    }

    static let fixture = try? ExpressionFixture()
    static let full = try? fixture?.encoded(ExpressionFixture.json)

    @Test(arguments: [
        Row("request.id", "'o-1'"), Row("request.item_count + 1", "4"), Row("request.big", "-9"),
        Row("request.small", "7u"), Row("request.huge", "18446744073709551615u"), Row("request.delta", "-4"),
        Row("request.far", "-5"), Row("request.f32", "8u"), Row("request.f64", "9u"), Row("request.s32", "-10"),
        Row("request.s64", "-11"), Row("request.ratio", "0.5"), Row("request.weight", "2.25"),
        Row("request.gift", "true"), Row("request.token", "b[1, 2]"), Row("request.color", "5"),
        Row("request.color == Color.BLUE", "true"), Row("request.status == Order.Status.PAID", "true"),
        Row("request.status == shop.v1.Order.Status.PAID && request.color == .shop.v1.Color.BLUE", "true"),
        Row("v1.Color.RED", "1"), Row("Color.RED", "1"),
        Row("request.item.name", "'pen'"), Row("request.item.part.name", "'cap'"),
        Row("request.item.part.part.part.name", "''"), Row("request.item.part.part", "shop.v1.Item{}"),
        Row("request.items.map(i, i.price)", "[2.0, 4.0]"),
        Row("request.items.filter(i, i.price > 3.0).map(i, i.name)", "['b']"),
        Row("request.items[1].name + request.items[0].name", "'ba'"), Row("request.items.size()", "2"),
        Row("request.numbers", "[1, -2, 300]"), Row("'y' in request.tags", "true"),
        Row("request.stock", "{'pen': 4}"), Row("request.stock.pen", "4"), Row("request.stock['pen']", "4"),
        Row("request.shelf[1].name", "'low'"), Row("request.shelf[2]", "shop.v1.Item{}"),
        Row("request.shelf.transformList(k, v, v.name == '' ? string(k) : v.name)", "['low', '2']"),
        Row("request.shelf.exists(k, v, v.name == 'low' && k == 1)", "true"),
        Row("request.at", "@2026-01-31T12:00:00.5Z"), Row("request.at.getFullYear()", "2026"),
        Row("request.took + duration('1s')", "@2.5s"), Row("request.alias", "'al'"), Row("request.rank", "null"),
        Row("request.rank == null", "true"), Row("request.alias == 'al'", "true"),
        Row("request.meta.n", "2.5"), Row("request.meta.k", "[1.0, null, 't']"), Row("request.free.a", "true"),
        Row("request.list", "[1.0, 'b']"), Row("request.extra.name", "'inside'"),
        Row("request.extra", #"shop.v1.Item{"name":"inside"}"#),
        Row("request.colors.map(c, c == Color.RED)", "[true, false]"),
        // Which field of the oneof it is.
        Row("[has(request.card), has(request.goods), has(request.cash)]", "[false, false, true]"),
        Row("request.card", "''"), Row("request.goods", "shop.v1.Item{}"), Row("request.cash", "5"),
        Row("has(request.note)", "false"), Row("request.?note", "none"), Row("request.note", "''"),
        Row("request.?id", "some('o-1')"), Row("request.?item.?part.?name", "some('cap')"),
        Row("request.?item.?part.?part.?name", "none"), Row("request.?note.orValue('none')", "'none'"),
        Row("has(request.item.part)", "true"), Row("has(request.item.part.part)", "false"),
        Row("has(request.items)", "true"), Row("has(request.items[0].part)", "false"),
        Row("type(request) == Order", "true"), Row("type(request.item)", "type shop.v1.Item"),
        Row("type(request.color) == int", "true"),
        Row("dyn(request).id", "'o-1'"), Row("dyn(request).nope", "error: shop.v1.Order has no field 'nope'"),
        Row("has(dyn(request).nope)", "error: shop.v1.Order has no field 'nope'"),
        Row("request == request", "true"), Row("request.item == request.item.part", "false"),
        Row("request.item in [request.item]", "true"), Row("request.items[?7].?name", "none"),
        Row("dyn(request) == 1", "false"),
        Row("cel.bind(r, request, r.id + r.item.name)", "'o-1pen'"),
        Row("optional.of(request.item).name", "some('pen')"),
    ]) func read(_ row: Row) throws {
        let fixture = try #require(Self.fixture)
        #expect(fixture.result(row.expression, Self.full) == row.expected)
    }

    @Test(arguments: [
        Row("request.id", "''"), Row("request.small", "0u"), Row("request.weight", "0.0"), Row("request.gift", "false"),
        Row("request.token", "b[]"), Row("request.color", "0"), Row("request.item", "shop.v1.Item{}"),
        Row("request.items", "[]"), Row("request.stock", "{}"), Row("request.at", "@1970-01-01T00:00:00Z"),
        Row("request.took", "@0s"), Row("request.alias", "null"), Row("request.meta", "{}"),
        Row("request.free", "null"),
        Row("request.list", "[]"), Row("request.extra", "null"), Row("has(request.id)", "false"),
        Row("has(request.item)", "false"), Row("has(request.items)", "false"), Row("has(request.at)", "false"),
        Row("has(request.alias)", "false"), Row("request.?color", "none"), Row("request", "shop.v1.Order{}"),
        Row("request == Order{}", "true"), Row("request == Order{id: ''}", "true"),
        Row("request == Order{note: ''}", "false"), Row("optional.ofNonZeroValue(request)", "none"),
    ]) func empty(_ row: Row) throws {
        #expect(try #require(Self.fixture).result(row.expression, []) == row.expected)
    }

    @Test func nothingIsThereWithoutAMessage() throws {
        let fixture = try #require(Self.fixture)
        #expect(fixture.result("request.id", nil) == "error: no field 'id'")
        #expect(fixture.result("request", nil) == "error: 'request' is not there")
        #expect(fixture.result("has(request.id) || has(request.items)", nil) == "false")
        #expect(fixture.result("request.?id", nil) == "none")
        #expect(fixture.written("a{{ request.?id }}b", nil) == "ab")
    }

    @Test(arguments: [
        Row("Item{name: 'a'}.name", "'a'"), Row("shop.v1.Item{name: 'a'} == .shop.v1.Item{name: 'a'}", "true"),
        Row("Item{name: 'a'}", #"shop.v1.Item{"name":"a"}"#),
        Row("Item{name: 'a'} == Item{name: 'a', price: 0.0}", "true"), Row("Item{} == Item{part: Item{}}", "false"),
        Row("Item{price: 0.0 / 0.0} == Item{price: 0.0 / 0.0}", "false"),
        Row("Order{item: request.item}.item.part.name", "'cap'"), Row("Order{item: null} == Order{}", "true"),
        Row("Order{items: [Item{name: 'q'}]}.items[0].name", "'q'"),
        Row("Order{stock: {'a': 1}, shelf: {3: Item{}}}.shelf", "{3: shop.v1.Item{}}"),
        Row("Order{at: timestamp('2026-01-01T00:00:00Z'), took: duration('-1.5s')}.took", "@-1.5s"),
        Row("Order{alias: 'x', rank: 3}", #"shop.v1.Order{"alias":"x","rank":3}"#),
        Row("Order{rank: 3}.rank + 1", "4"), Row("Order{alias: null}.alias", "null"),
        Row("Order{meta: {'a': [1, true, null]}}.meta.a", "[1.0, true, null]"),
        Row("Order{free: null}", #"shop.v1.Order{"free":null}"#), Row("has(Order{free: null}.free)", "true"),
        Row("Order{free: 9007199254740993}.free", "'9007199254740993'"),
        Row("Order{extra: Item{name: 'z'}}.extra.name", "'z'"), Row("Order{extra: 5}.extra", "5"),
        Row("Order{extra: Item{name: 'z'}} == Order{extra: Item{name: 'z'}}", "true"),
        Row("Order{color: Color.RED, colors: [5]}", #"shop.v1.Order{"color":"RED","colors":["BLUE"]}"#),
        Row("Order{note: 'n', ?card: request.?card}.card", "''"),
        Row("Order{item_count: request.big * 1000000000}", "error: -9000000000 is no int32"),
        Row("Order{small: 4294967296u}", "finding: this always fails: 4294967296 is no uint32"),
        Row(
            "Order{card: 'a', cash: 1}",
            "finding: this always fails: 'card' and 'cash' are of one oneof: only one of them can be set"),
        Row("Order{tags: dyn(request.items)}", "error: the field 'tags' is string, not shop.v1.Item"),
        Row("Order{item: Order{}}", "finding: the field 'item' is shop.v1.Item, found shop.v1.Order"),
        Row("Order{idd: ''}", "finding: shop.v1.Order has no field 'idd'"),
        Row("google.protobuf.Any{}", "google.protobuf.Any{}"),
        Row("google.protobuf.Duration{seconds: 2}", "@2s"), Row("google.protobuf.Int32Value{value: 2}", "2"),
    ]) func made(_ row: Row) throws {
        let fixture = try #require(Self.fixture)
        #expect(fixture.result(row.expression, Self.full) == row.expected)
    }

    @Test(arguments: [
        Row("{{ request.id }}: {{ request.item_count }} {{ request.token.size() }}", "o-1: 3 2"),
        Row("{{ request.item }}", #"{"name":"pen","price":1.5,"part":{"name":"cap"}}"#),
        Row("{{ request.items[0] }}!", #"{"name":"a","price":2}!"#),
        Row("{{ request.?note }}", "absent"),
    ]) func written(_ row: Row) throws {
        let fixture = try #require(Self.fixture)
        #expect(fixture.written(row.expression, Self.full) == row.expected)
    }

    @Test func aMessageIsProtoJSONInAJSONTree() throws {
        let fixture = try #require(Self.fixture)
        let bytes = try fixture.encoded(#"{"id": "a\"b", "big": "9", "items": [{"name": "n"}]}"#)
        #expect(
            fixture.written("{{ request }}", bytes, json: true) == #"{"id":"a\"b","big":"9","items":[{"name":"n"}]}"#)
        #expect(fixture.written("{{ request.id }}", bytes, json: true) == #""a\"b""#)
        #expect(fixture.written("{{ {'all': request.items} }}", bytes, json: true) == #"{"all":[{"name":"n"}]}"#)
        #expect(fixture.written("{{ request.?note }}", bytes, json: true) == "absent")
        #expect(
            fixture.written("<{{ request }}>", bytes, json: true)
                == #""<{\"id\":\"a\\\"b\",\"big\":\"9\",\"items\":[{\"name\":\"n\"}]}>""#)
    }
}
