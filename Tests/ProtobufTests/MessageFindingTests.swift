import Protobuf
import Testing

/// What is wrong with an expression over messages, and where.
@Suite struct MessageFindingTests {
    @Test(
        arguments: [
            ("request.idd", "shop.v1.Order has no field 'idd'", 9, "did you mean 'id'?"),
            ("request.itemCount > 1", "shop.v1.Order has no field 'itemCount'", 9, "did you mean 'item_count'?"),
            ("has(request.nope)", "shop.v1.Order has no field 'nope'", 13, "available: id, item_count"),
            ("request.?nope", "shop.v1.Order has no field 'nope'", 10, "available: id"),
            ("request.item.part.nmae", "shop.v1.Item has no field 'nmae'", 19, "did you mean 'name'?"),
            (
                "request.items.filter(i, i.prise > 3.0)", "shop.v1.Item has no field 'prise'", 27,
                "did you mean 'price'?"
            ),
            ("request.shelf.all(k, v, v.nam == '')", "shop.v1.Item has no field 'nam'", 27, "did you mean 'name'?"),
            ("has(request.item.prise)", "shop.v1.Item has no field 'prise'", 18, "did you mean 'price'?"),
            ("request['id']", "a shop.v1.Order has no index", 1, "behind a dot"),
            ("request.item[0]", "a shop.v1.Item has no index", 1, "behind a dot"),
            ("request.color == Color.REDD", "shop.v1.Color has no value 'REDD'", 24, "did you mean 'RED'?"),
            (
                "request.status == Order.Status.GONE", "shop.v1.Order.Status has no value 'GONE'", 32,
                "available: OPEN, PAID"
            ),
            (
                "request.color == 'BLUE'", "'==' does not take int and string", 15,
                "the values of an enum are ints: write Color.BLUE"
            ),
            (
                "'PAD' != request.status", "'!=' does not take string and int", 7,
                "the values of an enum are ints: write Order.Status.PAID"
            ),
            (
                "request.items.exists(i, request.color == 'RED')", "'==' does not take int and string", 39,
                "write Color.RED"
            ),
            ("request.id + request.item_count", "'+' does not take string and int", 12, "string(…)"),
            ("request.item_count + request.small", "'+' does not take int and uint", 20, "int(…)"),
            ("request.item == null", "'==' does not take shop.v1.Item and null", 14, "has(a.b)"),
            ("request.color == Color", "'Color' is an enum, not a value", 18, "write one of its values: Color.NONE"),
            ("Itm{}", "unknown message type 'Itm'", 1, "did you mean 'Item'?"),
            ("Item{name: 1}", "the field 'name' is string, found int", 12, "string(…)"),
            ("Order{rank: 'a'}", "the field 'rank' is int, found string", 13, "int(…)"),
            ("request.tags.name", "a list(string) has no fields", 14, ""),
            ("request in request.items", "'in' does not take shop.v1.Order and list(shop.v1.Item)", 9, ""),
        ] as [(String, String, Int, String)]) func told(
            _ expression: String, _ message: String, _ column: Int, _ help: String
        ) throws
    {
        let fixture = try #require(MessageExpressionTests.fixture)
        let found = fixture.findings(expression)
        #expect(found.contains(message) && found.contains("test.yaml:1:\(column)") && found.contains(help), "\(found)")
    }
}
