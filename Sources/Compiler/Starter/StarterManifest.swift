import Diagnostics
import Protobuf

/// The text of a manifest to start from: what `radicled init` writes.
package enum StarterManifest {
    /// One HTTP service, with examples.
    ///
    /// - Parameter file: what it will be called, as a shell takes it.
    package static func plain(file: String) -> String {
        var out = StarterText()
        out.comment(
            "A manifest to start from, made by `radicled init`: two routes, and what can stand around them.", level: 0)
        commands(file, "curl http://127.0.0.1:8080/hello/Ann", &out)
        out.comment(
            "`radicled explain KEY` tells of any key; `radicled init --proto FILE` starts from a .proto.", level: 0)
        out.line()
        top(name: "hello", &out)
        middleware(Self.ofRoutes, &out)
        out.line("services:")
        out.line(routes)
        return String(out.text.dropLast())
    }

    /// Every method of services, with made-up answers.
    ///
    /// - Parameters:
    ///   - proto: the file, from where the manifest will be.
    ///   - roots: the folders that imports start from, likewise; none where that is the file's own.
    ///   - file: what the manifest will be called, as a shell takes it.
    static func methods(
        of services: [ServiceDescriptor], in pool: DescriptorPool, proto: String, roots: [String], file: String
    ) -> String {
        let methods = services.map { $0.methods.map { StarterMethod($0, pool) } }
        var out = StarterText()
        out.comment("Serves what \(HumanRenderer.safe(name(of: proto))) describes, made by `radicled init`.", level: 0)
        out.comment("Answers are made up from the names and the types of their fields: change what you need.", level: 0)
        commands(file, call(services, methods), &out)
        out.line()
        top(name: stem(of: proto), &out)
        middleware(Self.ofMethods, &out)
        out.line("services:")
        let names = names(of: services)
        for (at, service) in services.enumerated() {
            if at > 0 { out.line() }
            out.line(YAMLWord.of(names[at]) + ":", level: 1)
            out.entry("proto", source(proto, roots), level: 2)
            out.entry("grpc", .text(service.fullName), level: 2)
            guard !service.methods.isEmpty else {
                out.line("methods: {}", level: 2)
                continue
            }
            out.line("methods:", level: 2)
            for (number, method) in methods[at].enumerated() {
                if number > 0 { out.line() }
                out.members(method.lines, level: 3)
            }
        }
        return out.text
    }

    // MARK: Parts

    private static func commands(_ file: String, _ call: String?, _ out: inout StarterText) {
        let lines = [
            ("radicled lint \(file)", "finds every mistake, with its place and its fix"),
            ("radicled test \(file)", "runs the examples below, without a socket"),
            ("radicled --config \(file)", "serves it; a change of the file is in force at once"),
        ]
        let column = (lines.map(\.0.count).max() ?? 0) + 3
        out.comment("", level: 0)
        for (command, what) in lines {
            out.comment("  " + command + String(repeating: " ", count: column - command.count) + what, level: 0)
        }
        for line in call?.split(separator: "\n") ?? [] { out.comment("  " + line, level: 0) }
        if call?.hasPrefix("curl") == true { out.comment("", level: 0) }
    }

    private static func top(name: String, _ out: inout StarterText) {
        out.line("radicle: 1")
        out.entry("name", .text(name), level: 0)
        out.line()
        out.line("listen: 127.0.0.1:8080              # 0.0.0.0:8080 lets others in")
        out.line()
    }

    /// Lines that do what happens without them, and some that do more.
    private static func middleware(_ lines: [(text: String, comment: String)], _ out: inout StarterText) {
        out.comment(
            "What stands around every call. The first lines say what holds without them, the others are off.", level: 0)
        out.comment("", level: 0)
        out.comment("middleware:", level: 0)
        let column = (lines.filter { !$0.comment.isEmpty }.map(\.text.count).max() ?? 0) + 3
        for (text, comment) in lines {
            let gap = comment.isEmpty ? "" : String(repeating: " ", count: column - text.count) + "# "
            out.comment("  " + text + gap + comment, level: 0)
        }
        out.line()
    }

    private static let always = [
        ("timeout: 30s", "of calls that are no streams"),
        ("body_limit: 1MiB", "and 4 MiB for a message of gRPC"),
        ("access_log: {}", "text on a terminal, elsewhere JSON"),
    ]
    private static let limits = [
        ("rate_limit: { rate: 100/s, burst: 200, key: client.address }", ""),
        ("concurrency: 100", "calls at once"),
    ]
    private static let ofMethods = always + limits
    private static let ofRoutes =
        always + limits + [
            ("compression: {}", "gzip and deflate"),
            ("cors: { origins: [\"https://app.example.com\"] }", "for pages of another origin"),
        ]

    private static func source(_ proto: String, _ roots: [String]) -> StarterNode {
        if roots.isEmpty { return .text(escaped(proto)) }
        return .entries(["roots": .list(roots.map { .text(escaped($0)) }), "files": .text(escaped(proto))])
    }

    /// `${` would be a variable.
    private static func escaped(_ path: String) -> String { path.replacing("${", with: "$${") }

    private static func name(of path: String) -> String { path.split(separator: "/").last.map { String($0) } ?? path }

    /// The file's name without folder and ending.
    private static func stem(of path: String) -> String {
        let stem = name(of: path).split(separator: ".", omittingEmptySubsequences: false).first ?? ""
        return stem.isEmpty ? "service" : escaped(String(stem))
    }

    /// What the services are called in the manifest: their own names, with their packages where two have the same.
    private static func names(of services: [ServiceDescriptor]) -> [String] {
        let short = services.map { SampleText.words(of: $0.name).joined(separator: "_") }
        return zip(services, short).map { service, name in
            short.count { $0 == name } == 1 ? name : service.fullName
        }
    }

    /// How a shell calls the first method that is no stream.
    private static func call(_ services: [ServiceDescriptor], _ methods: [[StarterMethod]]) -> String? {
        for (service, methods) in zip(services, methods) {
            for (method, starter) in zip(service.methods, methods) {
                guard let json = starter.call else { continue }
                let head = "buf curl --protocol grpc --http2-prior-knowledge -d '\(json)'"
                let url = "http://127.0.0.1:8080/\(service.fullName)/\(method.name)"
                return head.count + url.count < 112 ? head + " " + url : head + " \\\n  " + url
            }
        }
        return nil
    }

    private static let routes = """
          web:
            routes:
              GET /hello/{name}:
                template: { json: { message: "Hello {{ path.name }}" } }
                examples:
                  - request: { path: /hello/Ann }
                    response: { status: 200, json: { message: Hello Ann } }

              # curl -H 'content-type: application/json' -d '{"item": "tea", "quantity": 2}' http://127.0.0.1:8080/orders
              POST /orders:
                template:
                  status: 201
                  headers: { location: "/orders/{{ uuid() }}" }
                  json:
                    item: "{{ body.item }}"
                    quantity: "{{ body.quantity }}"     # one hole alone keeps its type: a number
                    note: "{{ body.?note }}"            # left out where the client sent none
                cases:                                # the first that is true answers instead
                  - when: body.quantity > 100
                    template: { error: { code: INVALID_ARGUMENT, message: we have a hundred at most } }
                examples:
                  - request: { json: { item: tea, quantity: 2 } }
                    response: { status: 201, json: { item: tea, quantity: 2 } }
                  - name: too many
                    request: { json: { item: tea, quantity: 101 } }
                    response: { status: 400 }

        """
}
