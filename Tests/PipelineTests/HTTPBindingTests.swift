import JSON
import Pipeline
import Testing

@Suite struct HTTPBindingTests {
    static let shop = Transcoded.shop

    /// A rule, the target, the body, and the message as JSON or the error.
    static let requests: [(String, String, String, String)] = [
        // The path.
        ("GET /v1/{name}", "/v1/a", "", #"{"name":"a"}"#),
        ("GET /v1/{name}", "/v1/a%20b%2Fc%C3%A9+", "", #"{"name":"a b/cé+"}"#),
        ("GET /v1/{name}", "/v1/%FF", "", "error: path variable `name`: expected text in UTF-8"),
        ("GET /v1/{name=shelves/*}", "/v1/shelves/a%2Fb%2fc%20d", "", #"{"name":"shelves/a%2Fb%2fc d"}"#),
        ("GET /v1/{name=shelves/*}/books/{id}", "/v1/shelves/1/books/2", "", #"{"name":"shelves/1","id":2}"#),
        ("GET /v1/{name=files/**}", "/v1/files/a/b%2Fc/", "", #"{"name":"files/a/b%2Fc/"}"#),
        ("GET /v1/{name=files/**}", "/v1/files", "", #"{"name":"files"}"#),
        ("GET /v1/{name=files/**}", "/v1/files/", "", #"{"name":"files"}"#),
        ("GET /v1/{name=**}", "/v1", "", "{}"),
        ("POST /v1/{name=**}:undelete", "/v1/a/b:c:undelete", "", #"{"name":"a/b:c"}"#),
        ("POST /v1/{name=**}:undelete", "/v1/a/b", "", "404"),
        ("POST /v1/{name=a}:undelete", "/v1/a:undelete", "", #"{"name":"a"}"#),
        ("GET /v1/{book.author.first}", "/v1/Ann", "", #"{"book":{"author":{"first":"Ann"}}}"#),
        (
            "GET /v1/{book.author.first}/{book.name}", "/v1/Ann/x", "",
            #"{"book":{"name":"x","author":{"first":"Ann"}}}"#
        ),
        ("GET /v1/{id}", "/v1/-7", "", #"{"id":-7}"#),
        (
            "GET /v1/{id}", "/v1/x", "",
            "error: path variable `id`: expected a whole number from -2147483648 to 2147483647"
        ),
        (
            "GET /v1/{id}", "/v1/2147483648", "",
            "error: path variable `id`: expected a whole number from -2147483648 to 2147483647"
        ),
        (
            "GET /v1/{big}/{wide}/{zigzag}", "/v1/18446744073709551615/1/-1", "",
            #"{"big":"18446744073709551615","zigzag":-1,"wide":"1"}"#
        ),
        ("GET /v1/{color}", "/v1/RED", "", #"{"color":"RED"}"#),
        ("GET /v1/{color}", "/v1/1", "", #"{"color":"RED"}"#),
        ("GET /v1/{color}", "/v1/7", "", #"{"color":7}"#),
        ("GET /v1/{color}", "/v1/red", "", "error: path variable `color`: `shop.Color` has no value `red`"),
        ("GET /v1/{flag}", "/v1/true", "", #"{"flag":true}"#),
        ("GET /v1/{flag}", "/v1/yes", "", "error: path variable `flag`: expected true or false"),
        ("GET /v1/{data}", "/v1/-_8", "", #"{"data":"+/8="}"#),
        ("GET /v1/{data}", "/v1/*", "", "error: path variable `data`: expected base64 in a string"),
        ("GET /v1/{ratio}/{small}", "/v1/1.5/-2e3", "", #"{"ratio":1.5,"small":-2000}"#),
        ("GET /v1/{at}", "/v1/2026-01-31T12:00:00Z", "", #"{"at":"2026-01-31T12:00:00Z"}"#),
        ("GET /v1/{span}", "/v1/1.5s", "", #"{"span":"1.500s"}"#),
        ("GET /v1/{span}", "/v1/1.5", "", "error: path variable `span`: expected a span of seconds such as `1.5s`"),
        ("GET /v1/{wrapped}/{maybe}", "/v1/0/false", "", #"{"wrapped":"0","maybe":false}"#),
        ("GET /v1/{updateMask}", "/v1/a,b.cD,e_f", "", #"{"updateMask":"a,b.cD,eF"}"#),
        // The body.
        ("POST /v1 *", "/v1", #"{"name":"a","id":1}"#, #"{"name":"a","id":1}"#),
        ("POST /v1 *", "/v1", "", "{}"),
        ("POST /v1 *", "/v1", "{", "error: the body is no JSON: expected a key in quotes, found the end at byte 1"),
        ("POST /v1 *", "/v1", "[]", "error: body: expected an object for a `shop.Request`"),
        ("POST /v1 *", "/v1", #"{"nam":1}"#, "error: body, `nam`: `shop.Request` has no field `nam`"),
        ("POST /v1 *", "/v1", #"{"book":{"tags":["a",1]}}"#, "error: body, `book.tags[1]`: expected a string"),
        ("POST /v1 book", "/v1", #"{"title":"T"}"#, #"{"book":{"title":"T"}}"#),
        ("POST /v1 book", "/v1", "{}", #"{"book":{}}"#),
        ("POST /v1 book", "/v1", "null", "{}"),
        ("POST /v1 book", "/v1", "", "{}"),
        ("POST /v1 book", "/v1", #"{"titel":"T"}"#, "error: body, `titel`: `shop.Book` has no field `titel`"),
        ("POST /v1 numbers", "/v1", "[1,2]", #"{"numbers":[1,2]}"#),
        ("POST /v1 labels", "/v1", #"{"a":"b"}"#, #"{"labels":{"a":"b"}}"#),
        ("POST /v1 name", "/v1", #""x""#, #"{"name":"x"}"#),
        ("POST /v1 name", "/v1", "1", "error: body: expected a string"),
        ("DELETE /v1", "/v1", "{}", "{}"),
        ("DELETE /v1", "/v1", #"{"id":1}"#, "error: the request has a body, and this method takes none over HTTP"),
        // The path holds whatever the body has.
        ("PUT /v1/{name} *", "/v1/a", #"{"name":"b","id":2}"#, #"{"name":"a","id":2}"#),
        ("PUT /v1/{id} *", "/v1/0", #"{"id":2,"name":"x"}"#, #"{"name":"x"}"#),
        ("PATCH /v1/{book.name} book", "/v1/a", #"{"name":"b","title":"T"}"#, #"{"book":{"name":"a","title":"T"}}"#),
        ("PATCH /v1/{wrapped} *", "/v1/0", #"{"wrapped":"5"}"#, #"{"wrapped":"0"}"#),
        (
            "PATCH /v1/{at} *", "/v1/1970-01-01T00:00:00Z", #"{"at":"2026-01-01T00:00:00.5Z"}"#,
            #"{"at":"1970-01-01T00:00:00Z"}"#
        ),
        ("PATCH /v1/{a} *", "/v1/x", #"{"b":1}"#, #"{"a":"x"}"#),
        ("PATCH /v1/{c.age} *", "/v1/0", #"{"c":{"first":"F","age":3}}"#, #"{"c":{"first":"F"}}"#),
        // The query.
        ("GET /v1", "/v1?name=a%20b+c%26d&id=3", "", #"{"name":"a b c&d","id":3}"#),
        ("GET /v1", "/v1?", "", "{}"),
        ("GET /v1", "/v1?&name=x&", "", #"{"name":"x"}"#),
        ("GET /v1", "/v1?name", "", "{}"),
        ("GET /v1", "/v1?note=", "", #"{"note":""}"#),
        ("GET /v1", "/v1?numbers=1&numbers=0&numbers=2", "", #"{"numbers":[1,0,2]}"#),
        ("GET /v1", "/v1?colors=RED&colors=0", "", #"{"colors":["RED","NONE"]}"#),
        ("GET /v1", "/v1?spans=1s&spans=0s", "", #"{"spans":["1s","0s"]}"#),
        (
            "GET /v1", "/v1?book.author.first=A&book.title=T&book.tags=x&book.tags=y", "",
            #"{"book":{"title":"T","author":{"first":"A"},"tags":["x","y"]}}"#
        ),
        ("GET /v1", "/v1?update_mask=a&words=", "", #"{"updateMask":"a","words":""}"#),
        ("GET /v1", "/v1?b=0", "", #"{"b":0}"#),
        ("GET /v1", "/v1?nam=a", "", "error: query parameter `nam`: `shop.Request` has no field `nam`"),
        ("GET /v1", "/v1?book.nam=a", "", "error: query parameter `book.nam`: `shop.Book` has no field `nam`"),
        (
            "GET /v1", "/v1?name=a&name=b", "",
            "error: query parameter `name`: it is there twice, and the field is no list"
        ),
        (
            "GET /v1", "/v1?update_mask=a&updateMask=b", "",
            "error: query parameter `updateMask`: it is there twice, and the field is no list"
        ),
        (
            "GET /v1", "/v1?book=x", "",
            "error: query parameter `book`: a value of type `shop.Book` cannot be written here"
        ),
        (
            "GET /v1", "/v1?books.name=x", "",
            "error: query parameter `books.name`: the elements of a list of messages cannot be written here"
        ),
        (
            "GET /v1", "/v1?labels=x", "",
            "error: query parameter `labels`: a value of type `map` cannot be written here"
        ),
        (
            "GET /v1", "/v1?labels.a=x", "",
            "error: query parameter `labels.a`: the entries of a map cannot be written here"
        ),
        (
            "GET /v1", "/v1?labels%5Ba%5D=x", "",
            "error: query parameter `labels[a]`: `shop.Request` has no field `labels[a]`"
        ),
        (
            "GET /v1", "/v1?tree=x", "",
            "error: query parameter `tree`: a value of type `google.protobuf.Struct` cannot be written here"
        ),
        ("GET /v1", "/v1?name.x=1", "", "error: query parameter `name.x`: a value of type `string` has no field `x`"),
        (
            "GET /v1", "/v1?id=x", "",
            "error: query parameter `id`: expected a whole number from -2147483648 to 2147483647"
        ),
        ("GET /v1", "/v1?a=x&b=1", "", "error: query parameter `b`: another field of the same oneof is there too"),
        ("GET /v1", "/v1?c.first=x&c.age=1", "", #"{"c":{"first":"x","age":1}}"#),
        (
            "GET /v1", "/v1?c.first=x&a=1", "",
            "error: query parameter `a`: another field of the same oneof is there too"
        ),
        ("GET /v1/{a}", "/v1/x?b=1", "", "error: query parameter `b`: another field of the same oneof is there too"),
        ("GET /v1/{name}", "/v1/x?name=y", "", "error: query parameter `name`: the field is part of the path"),
        ("GET /v1/{book.name}", "/v1/x?book.title=y", "", #"{"book":{"name":"x","title":"y"}}"#),
        (
            "GET /v1/{book.name}", "/v1/x?book.name=y", "",
            "error: query parameter `book.name`: the field is part of the path"
        ),
        (
            "POST /v1 *", "/v1?name=y", "{}",
            "error: query parameter `name`: this method takes none, the body is the whole message"
        ),
        ("POST /v1 book", "/v1?name=y", #"{"title":"T"}"#, #"{"name":"y","book":{"title":"T"}}"#),
        (
            "POST /v1 book", "/v1?book.name=y", "",
            "error: query parameter `book.name`: the field is the body of the request"
        ),
        ("POST /v1 a", "/v1?b=1", #""x""#, "error: query parameter `b`: another field of the same oneof is there too"),
        // HttpBody.
        (
            "POST /v1/{name} raw", "/v1/a", "\u{0}plain",
            #"{"name":"a","raw":{"contentType":"text/x","data":"AHBsYWlu"}}"#
        ),
    ]

    @Test(arguments: requests)
    func requestsAreMessages(_ rule: String, _ target: String, _ body: String, _ expected: String) throws {
        let shop = try #require(Self.shop)
        let message = shop.message(rule, target, Array(body.utf8), contentType: "text/x", method: "Call")
        #expect(message == expected)
    }

    @Test func wholeBodiesAreRaw() throws {
        let shop = try #require(Self.shop)
        let message = shop.message(
            "POST /v1 *", "/v1", [0xFF, 0], contentType: "image/png", method: "Upload")
        #expect(message == #"{"contentType":"image/png","data":"/wA="}"#)
        #expect(shop.message("POST /v1 *", "/v1", [], method: "Upload") == "{}")
        let (binding, _) = shop.binding("POST /v1 *", "Upload")
        #expect(binding?.takesRaw == true && binding?.answersRaw == true && binding?.takesBody == true)
    }

    /// Paths, queries and bodies of random pieces: nothing traps, and what comes of them is a message.
    @Test(arguments: 1...4) func staysCalm(_ seed: Int) throws {
        let shop = try #require(Self.shop)
        var random = RandomPatterns(seed: UInt64(seed))
        let rules = [
            "GET /v1/{book.author.age}/{color}/{name=**}", "POST /v1/{at}/{name=x/*/**} book",
            "PUT /v1/{data=*/*}/** *",
            "PATCH /v1/{words}/{update_mask}/{maybe}/** raw",
        ]
        let names = [
            "name", "id", "book.title", "book.author.age", "c.age", "a", "b", "numbers", "spans", "at", "book", "x",
        ]
        let words = [
            "1", "0", "", "x", "%FF", "%2F", "RED", "1s", "true", "-5", "2026-01-31T12:00:00Z", "a,b", "%", "+", "=",
        ]
        let bodies = ["", "{}", #"{"name":"a"}"#, #"{"title":1}"#, "[", #"{"a":"x","b":1}"#, "\u{0}"]
        var messages = 0
        for _ in 0..<2000 {
            var target = "/v1" + (0..<random.pick([1, 2, 3, 4])).map { _ in "/" + random.pick(words) }.joined()
            for place in 0..<random.pick([0, 0, 1, 2, 3]) {
                target +=
                    (place == 0 ? "?" : "&") + random.pick(names) + random.pick(["=", "=", ""]) + random.pick(words)
            }
            let message = shop.message(
                random.pick(rules), target, Array(random.pick(bodies).utf8), contentType: "a/b", method: "Call")
            #expect(!message.hasPrefix("no "))
            if message.hasPrefix("{") { messages += 1 }
        }
        #expect(messages > 10)
    }

    @Test func deepParametersAreRefused() throws {
        let shop = try #require(Self.shop)
        let name = "c." + String(repeating: "parent.", count: 97) + "age"
        #expect(shop.message("GET /v1", "/v1?\(name)=1", [], method: "Call").hasPrefix(#"{"c":{"parent""#))
        let deep = "c." + String(repeating: "parent.", count: 2000) + "age"
        #expect(shop.message("GET /v1", "/v1?\(deep)=1", [], method: "Call").hasSuffix("messages are nested too deep"))
    }

    /// A rule, the answer, and what is sent.
    static let replies: [(String, String, String)] = [
        ("GET /v1", #"{"text":"a"}"#, #"{"text":"a"}"#),
        ("GET /v1", "{}", "{}"),
        ("GET /v1 -> text", #"{"text":"a"}"#, #""a""#),
        ("GET /v1 -> text", "{}", #""""#),
        ("GET /v1 -> number", "{}", "0"),
        ("GET /v1 -> book", #"{"book":{"title":"T"}}"#, #"{"title":"T"}"#),
        ("GET /v1 -> book", "{}", "{}"),
        ("GET /v1 -> books", #"{"books":[{"title":"T"},{}]}"#, #"[{"title":"T"},{}]"#),
        ("GET /v1 -> books", "{}", "[]"),
        ("GET /v1 -> counts", #"{"counts":{"a":1}}"#, #"{"a":1}"#),
        ("GET /v1 -> counts", "{}", "{}"),
        ("GET /v1 -> at", "{}", "null"),
        ("GET /v1 -> raw", #"{"text":"a","raw":{"contentType":"text/plain","data":"aGk="}}"#, "text/plain: hi"),
        ("GET /v1 -> raw", "{}", ": "),
    ]

    @Test(arguments: replies) func answersAreSent(_ rule: String, _ answer: String, _ expected: String) throws {
        #expect(try #require(Self.shop).reply(rule, answer) == expected)
    }

    @Test func rawAnswersAreSent() throws {
        let shop = try #require(Self.shop)
        #expect(
            shop.reply("GET /v1", #"{"contentType":"a/b","data":"aGk=","extensions":[]}"#, "Upload") == "a/b: hi")
        #expect(shop.reply("GET /v1 -> data", #"{"data":"aGk="}"#, "Upload") == #""aGk=""#)
    }

    @Test func brokenAnswersAreErrors() throws {
        let (binding, _) = try #require(Self.shop).binding("GET /v1")
        var out = ByteWriter()
        let result = try [0x0A, 0x05].withUnsafeBufferPointer { try #require(binding).reply($0, into: &out) }
        guard case .failure(let error) = result else {
            Issue.record("it is sent")
            return
        }
        #expect(error.message == "the answer is no `shop.Reply`" && out.count == 0)
    }

    /// A rule, the method, and what is wrong: the part, the message and the suggestion.
    static let faults: [(String, String, [String])] = [
        ("GET /v1/{name}", "Listen", []),
        ("* /v1/{name}", "Call", []),
        ("GET /v1/{nam}", "Call", ["template nam: `shop.Request` has no field `nam` -> name"]),
        ("GET /v1/{book.nam}", "Call", ["template nam: `shop.Book` has no field `nam` -> name"]),
        ("GET /v1/{name.x}", "Call", ["template x: a value of type `string` has no field `x`"]),
        ("GET /v1/{numbers}", "Call", ["template numbers: `numbers` is a list, and a path has one value"]),
        ("GET /v1/{books.name}", "Call", ["template books: the elements of a list of messages cannot be written here"]),
        ("GET /v1/{labels}", "Call", ["template labels: a value of type `map` cannot be written here"]),
        ("GET /v1/{book}", "Call", ["template book: a value of type `shop.Book` cannot be written here"]),
        ("GET /v1/{name", "Call", ["template {name: the variable is not closed"]),
        ("POST /v1 bok", "Call", ["body: `shop.Request` has no field `bok` -> book"]),
        ("POST /v1 book.name", "Call", ["body: `book.name` is not a field of the message itself"]),
        ("POST /v1/{name} name", "Call", ["template name: `name` is the body too"]),
        ("GET /v1 -> txt", "Call", ["response_body: `shop.Reply` has no field `txt` -> text"]),
        (
            "POST /v1/{nam} bok -> txt", "Call",
            [
                "body: `shop.Request` has no field `bok` -> book",
                "response_body: `shop.Reply` has no field `txt` -> text",
                "template nam: `shop.Request` has no field `nam` -> name",
            ]
        ),
        (
            "POST /v1 *", "Collect",
            ["whole: a request over HTTP is one message, and `Collect` takes a stream of them"]
        ),
    ]

    @Test(arguments: faults)
    func rulesAreChecked(_ rule: String, _ method: String, _ expected: [String]) throws {
        let (binding, faults) = try #require(Self.shop).binding(rule, method)
        #expect((binding == nil) == !expected.isEmpty)
        let told = faults.map { fault in
            let part =
                switch fault.part {
                case .whole: "whole"
                case .body: "body"
                case .responseBody: "response_body"
                case .template(let range):
                    "template " + String(decoding: Array((rule.split(separator: " ")[1]).utf8)[range], as: UTF8.self)
                }
            #expect(!fault.help.isEmpty)
            return "\(part): \(fault.message)" + (fault.suggestion.map { " -> \($0)" } ?? "")
        }
        #expect(told == expected)
    }
}
