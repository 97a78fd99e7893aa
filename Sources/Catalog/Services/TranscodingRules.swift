package import Diagnostics

/// What can be wrong with how HTTP reaches the methods of gRPC services.
package enum TranscodingRules {
    package static let all: [Rule] = [badPattern, badField, clientStream, ignoredAnnotation]

    package static let badPattern = Rule(
        "bad-http-pattern", summary: "a method's HTTP pattern that cannot be read",
        explanation: """
            `http` of a method is an HTTP method and a path template as google/api/http.proto has it, `GET /v1/{name}`: `*` \
            takes one segment and `**` the rest, `{field}` one segment and `{field=shelves/*}` those of its pattern, and \
            `:verb` may end it. Fields that the path does not have are query parameters, or come in the body.
            """,
        bad: method("SayHello", http: "GET /hello/{name...}"), good: method("SayHello", http: "GET /hello/{name=**}"))

    package static let badField = Rule(
        "bad-http-field", summary: "a method's HTTP rule that does not fit its messages",
        explanation: """
            Variables of the path are fields of the request's message, by the names in the `.proto`: one value each, so no \
            lists, maps and messages but the times, masks and wrappers of google/protobuf. `body` is one of its fields, or \
            `*`; `response_body` is a field of the answer's message.
            """,
        bad: method("SayHello", http: "GET /hello/{nam}"), good: method("SayHello", http: "GET /hello/{name}"))

    package static let clientStream = Rule(
        "http-client-stream", summary: "a method whose client streams, and HTTP for it",
        explanation: """
            A request over HTTP is one message. A method that takes a stream of them is called by gRPC alone; one that \
            answers with a stream can have both.
            """,
        bad: method("SayHelloToAll", http: "POST /hello"), good: method("SayHello", http: "POST /hello"))

    package static let ignoredAnnotation = Rule(
        "http-annotation", .warning, summary: "an annotation of a `.proto` that is ignored",
        explanation: """
            A method that is annotated with `google.api.http` is reached over HTTP too. Where the annotation cannot be read or \
            does not fit the messages, where a rule in its `additional_bindings` has some of its own, or where the client \
            streams, clients reach the method by gRPC alone. `http` of the method in the manifest replaces the annotation, \
            and `http: off` says that it is meant so.
            """,
        bad: annotated(""), good: annotated(", http: off"))

    private static func method(_ name: String, http: String) -> String {
        """
        radicle: 1
        services:
          greeter:
            proto: protos/helloworld.proto
            grpc: helloworld.Greeter
            methods:
              \(name): { http: "\(http)", template: { message: { message: hello } } }

        """
    }

    private static func annotated(_ http: String) -> String {
        """
        radicle: 1
        services:
          library:
            proto: protos/library.proto
            grpc: library.Library
            methods:
              GetShelf: { template: { message: { name: hello } }\(http) }
              SetShelf: { template: { message: { name: hello } }, http: off }

        """
    }
}
