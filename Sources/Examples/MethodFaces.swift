import Calling
import Catalog
package import Compiler
import Diagnostics
package import JSON
import Manifests
import Pipeline

/// The ways in which a method is called, each with the line of a shell that does it.
package struct MethodFaces: Sendable {
    package struct Face: Sendable {
        /// `gRPC`, `gRPC-Web`, `Connect`, `HTTP/JSON`.
        package let name: String
        /// What asks for it: `POST /helloworld.Greeter/SayHello`.
        package let request: String
        package let command: String
    }

    package let method: String
    package let faces: [Face]

    /// Those of the methods that the manifest answers, in its order.
    package static func all(of compilation: Compilation) -> [MethodFaces] {
        compilation.routes.compactMap { MethodFaces($0, compilation) }
    }

    /// Nil for an HTTP route, and for a method that nothing answers.
    package init?(_ route: RouteSummary, _ compilation: Compilation) {
        guard let method = route.method, route.isAnswered else { return nil }
        self.method = method.fullName
        let found = Self.example(of: route, compilation)
        let call = found?.call
        let command = FaceCommand(
            method, call, from: found?.example.client ?? ExampleClient(), to: compilation.manifest?.listen.values ?? [],
            compilation.redaction)
        // Messages that are too long for a terminal are left out.
        let bare = FaceCommand(
            method, nil, from: command.client, to: command.listeners, compilation.redaction)
        func line(_ make: (FaceCommand) -> String?) -> String { make(command) ?? make(bare) ?? "" }
        let post = "POST /\(method.fullName)"
        var faces = [
            Face(name: "gRPC", request: post, command: line { $0.text(.grpc) }),
            Face(name: "gRPC-Web", request: post, command: line { $0.text(.grpcWeb) }),
            Face(name: "Connect", request: post, command: line { $0.text(.connect) }),
        ]
        if method.hasNoSideEffects, !method.isStreaming {
            faces.append(
                Face(name: "Connect", request: "GET /\(method.fullName)", command: line { $0.connectGET }))
        }
        for binding in route.bindings {
            let http = Self.request(binding, call, method)
            faces.append(
                Face(
                    name: "HTTP/JSON", request: "\(binding.rule.method ?? "*") \(binding.rule.template)",
                    command: line { $0.text(.json, http) }))
        }
        self.faces = faces
    }

    /// The first that a call can be repeated from.
    private static func example(
        of route: RouteSummary, _ compilation: Compilation
    ) -> (example: RouteExample, call: MethodCall)? {
        for example in compilation.examples where example.service == route.service && example.client.identity == nil {
            if case .call(let call) = example.content, call.method === route.method { return (example, call) }
        }
        return nil
    }

    /// The request of the example if it has one by this rule, else the template as it is.
    private static func request(
        _ binding: HTTPBinding, _ call: MethodCall?, _ method: RPCMethod
    ) -> FaceCommand.HTTP {
        let rule = binding.rule
        if !binding.takesRaw,
            let call = try? MemoryCall(.json, method, call?.messages ?? [], rule: rule)
        {
            return FaceCommand.HTTP(method: call.line.method, target: call.line.target, body: call.text)
        }
        let body = binding.takesRaw ? "@FILE" : binding.takesBody ? "{}" : nil
        return FaceCommand.HTTP(method: rule.method ?? "POST", target: rule.template, body: body)
    }

    // MARK: For people and programs

    /// A block for each method.
    package static func text(_ all: [MethodFaces], into out: inout ByteWriter) {
        for method in all {
            out.append("\n\(method.method)\n")
            out.append(TextTable.text(method.faces.map { [$0.name, HumanRenderer.safe($0.command)] }, indent: "  "))
        }
    }

    package var json: JSONValue {
        .array(
            faces.map {
                .object([
                    ("name", .string($0.name)), ("request", .string($0.request)), ("command", .string($0.command)),
                ])
            })
    }
}
