import Testing

@testable import Calling

@Suite struct CallSchemaTests {
    @Test(arguments: ["shop.Orders/Get", "/shop.Orders/Get", "shop.Orders.Get"])
    func aMethodIsFound(name: String) throws {
        guard case .method(let method) = try Samples.schema().meaning(of: name) else { throw CallMistake("none") }
        #expect(method.fullName == "shop.Orders/Get")
    }

    @Test(arguments: ["shop.Orders", "shop.Order", "shop.Kind"])
    func somethingElseIsDescribed(name: String) throws {
        guard case .described(name) = try Samples.schema().meaning(of: name) else { throw CallMistake("none") }
    }

    @Test(arguments: [
        ("shop.Orders/Gte", "`shop.Orders` has no method `Gte`", "did you mean `shop.Orders/Get`?"),
        (
            "shop.Orders/Zzzzzz", "`shop.Orders` has no method `Zzzzzz`",
            "it has `Get`, `Put`, `Create`, `Plain`, `Down`, `Up`"
        ),
        ("Orders/Get", "there is no service `Orders`", "did you mean `shop.Orders/Get`?"),
        ("shop.Order/Get", "there is no service `shop.Order`", "did you mean `shop.Orders/Get`?"),
        ("Create", "there is no `Create`", "did you mean `shop.Orders/Create`?"),
        ("a/b/c", "there is no service `a`", "there is `shop.Orders`"),
    ])
    func theNearestNameIsTold(name: String, message: String, help: String) throws {
        let schema = try Samples.schema()
        let mistake = #expect(throws: CallMistake.self) { try schema.meaning(of: name) }
        #expect(mistake?.message == message)
        #expect(mistake?.help == help)
    }

    @Test func aServiceIsDescribedWithItsMessages() throws {
        let text = ProtoText.text(of: "shop.Order", try Samples.schema().pool)
        #expect(
            text == """
                message shop.Order {
                  string id = 1;
                  int32 count = 2;
                  shop.Kind kind = 3;
                  map<string, int32> parts = 4;
                  google.protobuf.Any extra = 5;
                  oneof way {
                    string post = 6;
                    bool pickup = 7;
                  }
                  optional int32 note = 8;
                }

                enum shop.Kind {
                  NONE = 0;
                  LARGE = 1;
                }

                """)
    }

    @Test func methodsAreListedForCalling() throws {
        let lines = MethodList.table(try Samples.schema()).split(separator: "\n")
        #expect(lines.first == "shop.Orders/Get     (GetRequest) returns (Order)")
        #expect(lines.last == "shop.Orders/Up      (stream GetRequest) returns (Order)")
    }
}
