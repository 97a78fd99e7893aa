package import Diagnostics

/// What can be wrong with the methods of gRPC services.
package enum ServiceRules {
    package static let all: [Rule] = [oneKind, noPrefix, unknownService, unknownMethod, withoutHTTP2]

    private static func manifest(_ service: String) -> String { "radicle: 1\nservices:\n  greeter:\n\(service)" }

    private static let greeter = """
            proto: protos/helloworld.proto
            grpc: helloworld.Greeter
            methods:
              SayHello: { template: { message: { message: hello } } }

        """

    package static let oneKind = Rule(
        "service-kind", summary: "a service has routes and methods",
        explanation: """
            A service holds either `routes` or the methods of one gRPC service (`proto`, `grpc`, `methods`). Two services can
            share a host and middleware, and every service is on every listener.
            """,
        bad: manifest(greeter + "    routes: { GET /hello: { template: hi } }\n"),
        good: manifest(greeter + "  web:\n    routes: { GET /hello: { template: hi } }\n"))

    package static let noPrefix = Rule(
        "grpc-prefix", summary: "a gRPC service has a prefix",
        explanation: """
            Clients make the path of a call of the names in the `.proto`: `/helloworld.Greeter/SayHello`. A prefix would be a
            path that no client calls.
            """,
        bad: manifest("    prefix: /v1\n" + greeter), good: manifest(greeter))

    package static let unknownService = Rule(
        "unknown-service", summary: "no file describes the service",
        explanation: """
            `grpc` is the full name of a service in the files under `proto`: its package, a dot, and the name behind `service`.
            """,
        bad: manifest(greeter.replacing("helloworld.Greeter", with: "helloworld.Greter")), good: manifest(greeter))

    package static let unknownMethod = Rule(
        "unknown-method", summary: "the service has no such method",
        explanation: "The keys of `methods` are the names behind `rpc` in the `.proto`, in the same case.",
        bad: manifest(greeter.replacing("SayHello", with: "SayHallo")), good: manifest(greeter))

    package static let withoutHTTP2 = Rule(
        "grpc-without-http2", .warning, summary: "a gRPC service, and no listener that speaks HTTP/2",
        explanation: """
            gRPC goes over HTTP/2 alone. Where `protocols` of every listener leaves it out, no client can call the service: take
            `protocols` out, or add a listener with `protocols: [http2]`.
            """,
        bad: listening("[http1]"), good: listening("[http1, http2]"))

    private static func listening(_ protocols: String) -> String {
        manifest(greeter).replacing(
            "services:\n", with: "listen: { address: \"127.0.0.1:8080\", protocols: \(protocols) }\nservices:\n")
    }
}
