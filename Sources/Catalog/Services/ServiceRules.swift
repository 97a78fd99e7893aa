package import Diagnostics

/// What can be wrong with the methods of gRPC services.
package enum ServiceRules {
    package static let all: [Rule] = [oneKind, noPrefix, unknownService, unknownMethod]

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
}
