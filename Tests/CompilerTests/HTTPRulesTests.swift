import Testing

/// The rules of methods among each other, and among routes.
@Suite struct HTTPRulesTests {
    private func linted(_ first: String, _ second: String, routes: String = "{}") -> Linted {
        Linted(
            """
            radicle: 1
            services:
              greeter:
                proto: protos/helloworld.proto
                grpc: helloworld.Greeter
                methods:
                  SayHello: { http: "\(first)", echo: {} }
                  SayHelloOften: { http: "\(second)", echo: {} }
              web:
                routes: \(routes)
            """)
    }

    @Test(arguments: [
        ("GET /v1/a", "GET /v1/{name=a/**}"), ("GET /v1/{name=a/**}", "GET /v1/a"),
        ("GET /v1/*", "GET /v1/{name=*/**}"),
        ("POST /v1/a:x", "POST /v1/{name=a/**}:x"), ("GET /v1/{name=a/**}", "POST /v1/{name=a/**}"),
        ("GET /v1/{name=**}", "GET /v1/{name=a/**}"), ("GET /{name}", "GET /v1/**"),
    ])
    func templatesStandSideBySide(_ first: String, _ second: String) {
        #expect(linted(first, second).rules == [], "\(linted(first, second).human)")
    }

    @Test(arguments: [
        ("GET /v1/{name}", "GET /v1/{count}"), ("GET /v1/{name=a/**}", "GET /v1/a/**"),
        ("GET /v1/{name}/b", "GET /v1/a/*"),
        ("GET /v1/{name}", "GET /v1/{name=**}:x"),
    ])
    func othersConflict(_ first: String, _ second: String) {
        #expect(linted(first, second).rules == ["route-conflict"], "\(linted(first, second).human)")
    }

    @Test func routesAreAmongThem() {
        let routes = "{ GET /v1/a: { template: hi } }"
        #expect(linted("GET /v1/a", "GET /v2", routes: routes).rules == ["route-conflict"])
        #expect(linted("GET /v1/{name=a/**}", "GET /v2", routes: routes).rules == [])
        #expect(linted("GET /v1/{name}", "GET /v2", routes: routes).rules == [])
    }
}
