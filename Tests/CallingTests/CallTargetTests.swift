import Testing

@testable import Calling

@Suite struct CallTargetTests {
    @Test(arguments: [
        ("localhost:8080", false, "localhost", 8080, false, ""), (":8080", false, "localhost", 8080, false, ""),
        ("http://a", false, "a", 80, false, ""), ("http://a:9/b/", false, "a", 9, false, "/b"),
        ("https://a", false, "a", 443, true, ""), ("HTTPS://a:8443/x", false, "a", 8443, true, "/x"),
        ("a:1", true, "a", 1, true, ""), ("a:443", false, "a", 443, true, ""),
        ("http://a:443", false, "a", 443, false, ""), ("[::1]:80", false, "::1", 80, false, ""),
    ])
    func itReadsAServer(text: String, tls: Bool, host: String, port: Int, isTLS: Bool, prefix: String) throws {
        #expect(
            try CallTarget(text, isTLS: tls)
                == .server(CallPeer(address: .tcp(host: host, port: port), isTLS: isTLS, prefix: prefix)))
    }

    @Test(arguments: [("unix:/run/a.sock", "/run/a.sock"), ("unix:///run/a.sock", "/run/a.sock")])
    func itReadsASocket(text: String, path: String) throws {
        #expect(try CallTarget(text) == .server(CallPeer(address: .unix(path), isTLS: false)))
    }

    @Test(arguments: ["greeter.yaml", "/etc/x.yml", "-"])
    func itReadsAManifest(text: String) throws {
        #expect(try CallTarget(text) == .manifest(text))
    }

    @Test(arguments: [
        ("localhost", "`localhost` is neither an address nor a manifest"), ("unix:", "`unix:` names no socket"),
        ("ftp://a", "`ftp://a` begins with `ftp://`, but only `http://` is spoken"),
        ("a:b", "`a:b` has a port that is not a number"),
    ])
    func itSaysWhyATextIsNone(text: String, message: String) {
        let mistake = #expect(throws: CallMistake.self) { try CallTarget(text) }
        #expect(mistake?.message == message)
    }
}
