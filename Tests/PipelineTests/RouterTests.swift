import JSON
import Pipeline
import Testing

extension Router {
    /// What the router answers, as the tables write it.
    func answer(_ method: String, _ host: String, _ path: [UInt8], _ patterns: [RoutePattern]) -> String {
        var captures = Captures()
        let match = Array(method.utf8).withUnsafeBufferPointer { method in
            Array(host.utf8).withUnsafeBufferPointer { host in
                path.withUnsafeBufferPointer { self.match(method: method, host: host, path: $0, &captures) }
            }
        }
        var out = ByteWriter()
        switch match {
        case .route(let number):
            out.append(patterns[number].description)
            for (index, name) in patterns[number].wildcardNames.enumerated() {
                out.append(index == 0 ? " ; \(name)=" : " \(name)=")
                path.withUnsafeBufferPointer { bytes in
                    let slice = UnsafeBufferPointer(rebasing: bytes[captures[index].range])
                    if captures.isEscaped(index) {
                        PathEscapes.append(decoded: slice, to: &out)
                    } else {
                        out.append(slice)
                    }
                }
            }
        case .methodNotAllowed(let methods):
            out.append("405 ")
            append(allow: methods, addingOptions: method == "OPTIONS", to: &out)
        case .redirect(let addingSlash):
            out.append("308 ")
            path.withUnsafeBufferPointer {
                PathCleaning.append(redirectFrom: $0, addingSlash: addingSlash, to: &out)
            }
        case .notFound: out.append("404")
        case .badPath: out.append("400")
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

@Suite struct RouterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let patterns: [String]
        let request: String
        let expected: String

        var testDescription: String { request }
    }

    /// Lines `METHOD HOST PATH => answer`, against one set of patterns; `-` is no host.
    static func cases(_ patterns: [String], _ table: String) -> [Case] {
        table.split(separator: "\n").map { line in
            let halves = line.split(separator: " => ", maxSplits: 1)
            return Case(patterns: patterns, request: String(halves[0]), expected: String(halves[1]))
        }
    }

    static let all = [plain, wildcards, ends, methods, hosts, cleaning, escapes, verbs, restVerbs, backtracking]

    @Test(arguments: all.flatMap(\.self))
    func answers(_ test: Case) throws {
        let patterns = try test.patterns.map(route)
        let words = test.request.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let host = words[1] == "-" ? "" : words[1]
        #expect(Router(patterns).answer(words[0], host, Array(words[2].utf8), patterns) == test.expected)
    }

    @Test func tablesAreFreeOfConflicts() throws {
        #expect(Self.all.map(\.count).reduce(0, +) >= 200)
        for patterns in Set(Self.all.flatMap(\.self).map(\.patterns)) {
            #expect(RoutePattern.conflicts(among: try patterns.map(route)) == [])
        }
    }

    static let plain = cases(
        [
            "/", "/a", "/a/b", "GET /items", "/items/new", "/é", "/tilde~/x-y_z.0", "/sixteen-bytes-ab/c",
            "/seventeen-bytes-a/c",
        ]
            + [
                "/a-segment-that-is-far-longer-than-any-inline-text/x",
                "/a-segment-that-is-far-longer-than-any-inline-test/x",
            ],
        """
        GET - / => /
        GET -  => /
        POST - / => /
        GET - /a => /a
        GET - /a/ => /
        GET - /a/b => /a/b
        GET - /a/c => /
        GET - /a/b/c => /
        GET - /A => /
        GET - /items => GET /items
        HEAD - /items => GET /items
        POST - /items => /
        GET - /items/ => /
        GET - /items/new => /items/new
        GET - /items/new/ => /
        GET - /ite => /
        GET - /itemss => /
        GET - /é => /é
        GET - /%C3%A9 => /é
        GET - /%c3%a9 => /é
        GET - /%C3 => /
        GET - /tilde~/x-y_z.0 => /tilde~/x-y_z.0
        GET - /tilde%7E/x-y%5Fz.0 => /tilde~/x-y_z.0
        GET - /sixteen-bytes-ab/c => /sixteen-bytes-ab/c
        GET - /sixteen-bytes-aB/c => /
        GET - /seventeen-bytes-a/c => /seventeen-bytes-a/c
        GET - /seventeen-bytes_a/c => /
        GET - /seventeen-bytes-b/c => /
        GET - /a-segment-that-is-far-longer-than-any-inline-text/x => /a-segment-that-is-far-longer-than-any-inline-text/x
        GET - /a-segment-that-is-far-longer-than-any-inline-test/x => /a-segment-that-is-far-longer-than-any-inline-test/x
        GET - /a-segment-that-is-far-longer_than-any-inline-test/x => /
        GET - /a-segment%2Dthat-is-far-longer-than-any-inline-test/x => /a-segment-that-is-far-longer-than-any-inline-test/x
        BREW - /a => /a
        OPTIONS - /a => /a
        TRACE - /a => /a
        """)

    static let wildcards = cases(
        [
            "/users/{id}", "/users/me", "/users/{id}/posts/{post}", "/files/{path...}", "/files/index.html",
            "GET /users/{a}/c/{d}",
        ],
        """
        GET - /users/7 => /users/{id} ; id=7
        GET - /users/me => /users/me
        GET - /users/m => /users/{id} ; id=m
        GET - /users/mee => /users/{id} ; id=mee
        GET - /users/ => 404
        GET - /users => 404
        GET - /users/7/ => 404
        GET - /users/7/posts => 404
        GET - /users/7/posts/9 => /users/{id}/posts/{post} ; id=7 post=9
        GET - /users/me/posts/9 => /users/{id}/posts/{post} ; id=me post=9
        GET - /users/7/posts/9/x => 404
        GET - /files/ => /files/{path...} ; path=
        GET - /files => 308 /files/
        GET - /files/a => /files/{path...} ; path=a
        GET - /files/a/b/c.txt => /files/{path...} ; path=a/b/c.txt
        GET - /files/a/ => /files/{path...} ; path=a/
        GET - /files/index.html => /files/index.html
        GET - /files/index.html/x => /files/{path...} ; path=index.html/x
        GET - /users/2/c/3 => GET /users/{a}/c/{d} ; a=2 d=3
        HEAD - /users/2/c/3 => GET /users/{a}/c/{d} ; a=2 d=3
        POST - /users/2/c/3 => 405 GET, HEAD
        POST - /files/2/c/3 => /files/{path...} ; path=2/c/3
        GET - /users/a%20b => /users/{id} ; id=a b
        GET - /users/{id} => /users/{id} ; id={id}
        GET - /users/:id => /users/{id} ; id=:id
        GET - /users/. => 308 /users
        GET - /users/.x => /users/{id} ; id=.x
        GET - /users/..x => /users/{id} ; id=..x
        GET - /users/... => /users/{id} ; id=...
        """)

    static let ends =
        cases(
            ["/exact/{$}", "/tree/", "/tree/leaf", "/both", "/both/", "GET /get/", "POST /post/{$}"],
            """
            GET - /exact/ => /exact/{$}
            GET - /exact => 308 /exact/
            GET - /exact/x => 404
            GET - /tree => 308 /tree/
            GET - /tree/ => /tree/
            GET - /tree/x => /tree/
            GET - /tree/x/y/ => /tree/
            GET - /tree/leaf => /tree/leaf
            GET - /tree/leaf/ => /tree/
            GET - /both => /both
            GET - /both/ => /both/
            GET - /both/x => /both/
            GET - /else => 404
            GET - / => 404
            GET - /get/x => GET /get/
            POST - /get/x => 405 GET, HEAD
            POST - /post => 308 /post/
            HEAD - /tree => 308 /tree/
            POST - /tree => 308 /tree/
            OPTIONS - /get/x => 405 GET, HEAD, OPTIONS
            CONNECT - /tree => 308 /tree/
            """)
        + cases(
            ["/{any}/{$}", "/{any}", "/{a}/{b}/{$}", "GET /{a}/{b}/{c}/", "/"],
            """
            GET - /x => /{any} ; any=x
            GET - /x/ => /{any}/{$} ; any=x
            GET - /x/y => 308 /x/y/
            GET - /x/y/ => /{a}/{b}/{$} ; a=x b=y
            GET - /x/y/z => 308 /x/y/z/
            POST - /x/y/z => /
            GET - /x/y/z/w => GET /{a}/{b}/{c}/ ; a=x b=y c=z
            GET - /\\evil.net => /{any} ; any=\\evil.net
            GET - /\\evil.net/x => 308 /%5Cevil.net/x/
            GET - /\\/x => 308 /%5C/x/
            GET - / => /
            """)

    static let methods = cases(
        [
            "GET /r", "POST /r", "DELETE /r", "HEAD /h", "GET /h", "/any", "PUT /any", "GET /s/", "POST /s",
            "PURGE /cache/{key}",
        ]
            + ["OPTIONS /own", "GET /own", "M-SEARCH-EXTENDED /upnp", "M-SEARCH-EXTENDER /upnp"],
        """
        GET - /r => GET /r
        HEAD - /r => GET /r
        POST - /r => POST /r
        DELETE - /r => DELETE /r
        PUT - /r => 405 DELETE, GET, HEAD, POST
        PATCH - /r => 405 DELETE, GET, HEAD, POST
        get - /r => 405 DELETE, GET, HEAD, POST
        GETT - /r => 405 DELETE, GET, HEAD, POST
        GE - /r => 405 DELETE, GET, HEAD, POST
        TRACE - /r => 405 DELETE, GET, HEAD, POST
        OPTIONS - /r => 405 DELETE, GET, HEAD, OPTIONS, POST
        HEAD - /h => HEAD /h
        GET - /h => GET /h
        POST - /h => 405 GET, HEAD
        PUT - /any => PUT /any
        GET - /any => /any
        HEAD - /any => /any
        OPTIONS - /any => /any
        FROBNICATE - /any => /any
        GET - /s => 308 /s/
        POST - /s => POST /s
        POST - /s/ => 405 GET, HEAD
        PUT - /s => 405 GET, HEAD, POST
        PURGE - /cache/k => PURGE /cache/{key} ; key=k
        GET - /cache/k => 405 PURGE
        OPTIONS - /cache/k => 405 OPTIONS, PURGE
        OPTIONS - /own => OPTIONS /own
        POST - /own => 405 GET, HEAD, OPTIONS
        OPTIONS - /missing => 404
        OPTIONS - * => 405 DELETE, GET, HEAD, M-SEARCH-EXTENDED, M-SEARCH-EXTENDER, OPTIONS, PATCH, POST, PURGE, PUT
        GET - * => 400
        OPTIONS - ** => 400
        M-SEARCH-EXTENDED - /upnp => M-SEARCH-EXTENDED /upnp
        M-SEARCH-EXTENDER - /upnp => M-SEARCH-EXTENDER /upnp
        M-SEARCH-EXTENDEE - /upnp => 405 M-SEARCH-EXTENDED, M-SEARCH-EXTENDER
        M-SEARCH - /upnp => 405 M-SEARCH-EXTENDED, M-SEARCH-EXTENDER
        """)

    static let hosts = cases(
        [
            "/", "example.com/", "example.com/a/{x}", "*.example.com/", "*.eu.example.com/deep",
            "GET api.example.com/v/{x}",
        ]
            + ["[::1]/local", "127.0.0.1/local", "POST *.example.com/only", "other.org/tree/", "other.org/tree/leaf"],
        """
        GET - / => /
        GET nowhere.net /a/1 => /
        GET example.com / => example.com/
        GET EXAMPLE.com / => example.com/
        GET example.com:8080 / => example.com/
        GET example.com. / => example.com/
        GET example.com.:80 / => example.com/
        GET example.com /a/1 => example.com/a/{x} ; x=1
        GET Example.Com:1 /a/1/2 => example.com/
        GET www.example.com /a/1 => *.example.com/
        GET a.b.c.example.com /a/1 => *.example.com/
        GET fr.eu.example.com /deep => *.eu.example.com/deep
        GET fr.eu.example.com /shallow => *.example.com/
        GET eu.example.com /deep => *.example.com/
        GET api.example.com /v/1 => GET api.example.com/v/{x} ; x=1
        POST api.example.com /v/1 => *.example.com/
        GET api.example.com /w => *.example.com/
        POST api.example.com /only => POST *.example.com/only
        GET api.example.com /only => *.example.com/
        GET .example.com / => /
        GET badexample.com / => /
        GET example.com.evil.net / => /
        GET [::1]:8080 /local => [::1]/local
        GET [::1] /local => [::1]/local
        GET ::1 /local => /
        GET 127.0.0.1:80 /local => 127.0.0.1/local
        GET other.org /tree => 308 /tree/
        GET other.org /tree/leaf => other.org/tree/leaf
        GET other.org /else => /
        GET : / => /
        GET . / => /
        GET [ / => /
        GET .. / => /
        """)

    static let cleaning = cases(
        ["/", "/a/b", "/tree/", "GET /g/{x}", "/.well-known/{x}", "h.org/a/b/"],
        """
        GET - // => 308 /
        GET - /// => 308 /
        GET - /a//b => 308 /a/b
        GET - //a/b => 308 /a/b
        GET - /a/b// => 308 /a/b/
        GET - /a/./b => 308 /a/b
        GET - /./a/b => 308 /a/b
        GET - /a/x/../b => 308 /a/b
        GET - /../a/b => 308 /a/b
        GET - /../../.. => 308 /
        GET - /. => 308 /
        GET - /.. => 308 /
        GET - /a/.. => 308 /
        GET - /a/b/.. => 308 /a
        GET - /a/b/../ => 308 /a/
        GET - /a/b/. => 308 /a/b
        GET - /a/b/./ => 308 /a/b/
        GET - /%2e%2e/a => 308 /a
        GET - /x/%2E%2e/a => 308 /a
        GET - /x/.%2e/a => 308 /a
        GET - /x/%2e./a => 308 /a
        GET - /x/%2e/a => 308 /x/a
        GET - /x/%2e%2e%2e/a => /
        GET - /x/..%2fa => /
        GET - /x/..%2f..%2fa => /
        GET - //evil.net => 308 /evil.net
        GET - //evil.net/.. => 308 /
        GET h.org //\\a/../a/b => 308 /a/b
        GET - //\\a => 308 /%5Ca
        GET - /a//tree/../../tree => 308 /tree/
        GET - //tree => 308 /tree/
        GET - //tree/ => 308 /tree/
        POST - //g/1 => 308 /g/1
        GET - /a%2Fb//c => 308 /a%2Fb/c
        GET - //é => 308 /%C3%A9
        GET - //a<b => 308 /a%3Cb
        GET - /.well-known/acme => /.well-known/{x} ; x=acme
        GET - /.well-known/.x => /.well-known/{x} ; x=.x
        GET - /..a/b => /
        GET - /a/b. => /
        GET - /a./b => /
        CONNECT - /a/../b => /
        GET - a/b => 400
        GET - ../a => 400
        GET - http://x/ => 400
        GET h.org /a/b => /a/b
        GET h.org /a/b/ => h.org/a/b/
        GET h.org //a/b => 308 /a/b
        GET - /tree/../tree/x => 308 /tree/x
        GET - /0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789//x => 308 /0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/x
        """)

    static let escapes = cases(
        [
            "/f/{name}", "/f/{name}/meta", "/a%2Fb", "/a/b", "/sp%20ace", "/per%25cent", "/rest/{r...}", "/q%3F/{x}",
            "/a\\b",
        ],
        """
        GET - /f/a%2Fb => /f/{name} ; name=a/b
        GET - /f/a%2fb/meta => /f/{name}/meta ; name=a/b
        GET - /f/a%2Fmeta => /f/{name} ; name=a/meta
        GET - /f%2Fx => 404
        GET - /a%2Fb => /a%2Fb
        GET - /a%2fb => /a%2Fb
        GET - /a/b => /a/b
        GET - /%61/b => /a/b
        GET - /%61/%62 => /a/b
        GET - /sp%20ace => /sp%20ace
        GET - /sp+ace => 404
        GET - /per%25cent => /per%25cent
        GET - /per%2525cent => 404
        GET - /f/%2525 => /f/{name} ; name=%25
        GET - /f/%25zz => /f/{name} ; name=%zz
        GET - /f/%zz => 400
        GET - /f/%4 => 400
        GET - /f/% => 400
        GET - /f/%% => 400
        GET - /f/%g0 => 400
        GET - /f/%00 => 400
        GET - /f/a%00b => 400
        GET - /nowhere/%00 => 400
        GET - /nowhere/%zz => 400
        GET - //%zz => 400
        GET - /rest/a%2Fb/c => /rest/{r...} ; r=a/b/c
        GET - /rest/%2e%2e/c => 308 /c
        GET - /rest/x%2f..%2fy => /rest/{r...} ; r=x/../y
        GET - /rest/a%20b/ => /rest/{r...} ; r=a b/
        GET - /rest/ => /rest/{r...} ; r=
        GET - /%72est => 308 /%72est/
        GET - /q%3F/1 => /q%3F/{x} ; x=1
        GET - /q%3f/%3F => /q%3F/{x} ; x=?
        GET - /a\\b => /a\\b
        GET - /a%5Cb => /a\\b
        GET - /f/..%5C..%5Cx => /f/{name} ; name=..\\..\\x
        GET - /f/é => /f/{name} ; name=é
        GET - /f/%C3%A9 => /f/{name} ; name=é
        """)

    static let verbs = cases(
        [
            "POST /o/{id}:cancel", "/o/{id}", "POST /o/{id}:re-open", "POST /o/special:cancel", "POST /o:batch",
            "GET /o/{id}:watch",
        ]
            + ["/p/{id}:v", "/p/", "/q/{a}/{b}:v", "/q/{a}/{b}"],
        """
        POST - /o/1:cancel => POST /o/{id}:cancel ; id=1
        GET - /o/1:cancel => /o/{id} ; id=1:cancel
        POST - /o/1 => /o/{id} ; id=1
        POST - /o/1:re-open => POST /o/{id}:re-open ; id=1
        POST - /o/1:other => /o/{id} ; id=1:other
        POST - /o/a:b:cancel => POST /o/{id}:cancel ; id=a:b
        POST - /o/:cancel => /o/{id} ; id=:cancel
        POST - /o/1%3Acancel => /o/{id} ; id=1:cancel
        POST - /o/1:c%61ncel => POST /o/{id}:cancel ; id=1
        POST - /o/1%2F2:cancel => POST /o/{id}:cancel ; id=1/2
        POST - /o/1:cancel/ => 404
        POST - /o/1:cancel/x => 404
        POST - /o/1:Cancel => /o/{id} ; id=1:Cancel
        POST - /o/1: => /o/{id} ; id=1:
        POST - /o/special:cancel => POST /o/special:cancel
        POST - /o/special%3Acancel => POST /o/special:cancel
        POST - /o:batch => POST /o:batch
        GET - /o:batch => 405 POST
        GET - /o/1:watch => GET /o/{id}:watch ; id=1
        HEAD - /o/1:watch => GET /o/{id}:watch ; id=1
        GET - /p/1:v => /p/{id}:v ; id=1
        GET - /p/1:w => /p/
        GET - /p/1:v/x => /p/
        GET - /p/:v => /p/
        GET - /q/1/2:v => /q/{a}/{b}:v ; a=1 b=2
        GET - /q/1:v/2 => /q/{a}/{b} ; a=1:v b=2
        """)

    static let restVerbs = cases(
        [
            "POST /v/{r...}:set", "POST /v/{r...}:get", "POST /v/{a}/{b}:set", "/v/{r...}", "POST /v/a/{x}/c:set",
            "POST /w/{x}/{r...}:set", "GET /w/{x}/y/",
        ],
        """
        POST - /v/1:set => POST /v/{r...}:set ; r=1
        POST - /v/1:get => POST /v/{r...}:get ; r=1
        POST - /v/1/2:set => POST /v/{a}/{b}:set ; a=1 b=2
        POST - /v/1/2:get => POST /v/{r...}:get ; r=1/2
        POST - /v/1/2/3:set => POST /v/{r...}:set ; r=1/2/3
        POST - /v/a/2/c:set => POST /v/a/{x}/c:set ; x=2
        POST - /v/a/2/d:set => POST /v/{r...}:set ; r=a/2/d
        POST - /v/1/a:b:set => POST /v/{a}/{b}:set ; a=1 b=a:b
        POST - /v/1/2/a%2Fb:s%65t => POST /v/{r...}:set ; r=1/2/a/b
        POST - /v/1/2/3%3Aset => /v/{r...} ; r=1/2/3:set
        POST - /v/1:set/2 => /v/{r...} ; r=1:set/2
        POST - /v/1/2/:set => /v/{r...} ; r=1/2/:set
        POST - /v/1/2:set/ => /v/{r...} ; r=1/2:set/
        POST - /v/:set => /v/{r...} ; r=:set
        POST - /v:set => 404
        GET - /v/1/2:set => /v/{r...} ; r=1/2:set
        POST - /w/1/2/3:set => POST /w/{x}/{r...}:set ; x=1 r=2/3
        POST - /w/1/y/3:set => POST /w/{x}/{r...}:set ; x=1 r=y/3
        PUT - /w/1/y/3:set => 405 GET, HEAD, POST
        PUT - /w/1/2/3:set => 405 POST
        POST - /w/1:set => 404
        """)

    static let backtracking = cases(
        ["/a/b/c/d", "/a/b/{x}/e", "/a/{x}/{y}/f", "/{w}/{x}/{y}/g", "/{w...}"],
        """
        GET - /a/b/c/d => /a/b/c/d
        GET - /a/b/c/e => /a/b/{x}/e ; x=c
        GET - /a/b/c/f => /a/{x}/{y}/f ; x=b y=c
        GET - /a/b/c/g => /{w}/{x}/{y}/g ; w=a x=b y=c
        GET - /a/b/c/h => /{w...} ; w=a/b/c/h
        GET - /a/b/c => /{w...} ; w=a/b/c
        GET - /a/b/c/d/ => /{w...} ; w=a/b/c/d/
        GET - /a/b/c/d/e => /{w...} ; w=a/b/c/d/e
        GET - /a/z/c/f => /a/{x}/{y}/f ; x=z y=c
        GET - /z/z/c/g => /{w}/{x}/{y}/g ; w=z x=z y=c
        GET - /a/b/%63/%65 => /a/b/{x}/e ; x=c
        """)
}
