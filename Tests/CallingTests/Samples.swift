import Diagnostics
import JSON
import Manifests
import Pipeline
import Protobuf
import Testing

@testable import Calling

/// A schema of a text, and what tests make of it.
enum Samples {
    static let greeter = """
        syntax = "proto3";
        package shop;
        import "google/api/annotations.proto";
        import "google/protobuf/any.proto";
        service Orders {
          rpc Get(GetRequest) returns (Order) { option (google.api.http) = { get: "/v1/{name=shops/*}/orders/{order.id}" }; }
          rpc Put(GetRequest) returns (Order) { option (google.api.http) = { put: "/v1/orders/{order.id}" body: "order" }; }
          rpc Create(GetRequest) returns (Order) { option (google.api.http) = { post: "/v1/{name}:create" body: "*" }; }
          rpc Plain(GetRequest) returns (Order);
          rpc Down(GetRequest) returns (stream Order) { option (google.api.http) = { get: "/v1/{name}" }; }
          rpc Up(stream GetRequest) returns (Order);
        }
        message GetRequest { string name = 1; Order order = 2; repeated string tags = 3; int64 page_size = 4; }
        message Order {
          string id = 1;
          int32 count = 2;
          Kind kind = 3;
          map<string, int32> parts = 4;
          google.protobuf.Any extra = 5;
          oneof way { string post = 6; bool pickup = 7; }
          optional int32 note = 8;
        }
        enum Kind { NONE = 0; LARGE = 1; }
        """

    static func schema(_ text: String = greeter) throws -> CallSchema {
        var findings = Findings()
        let surroundings = Surroundings(
            variable: { _ in nil },
            file: { path, _ throws(Surroundings.Unreadable) in
                guard path == "shop.proto" else { throw Surroundings.Unreadable("not there", isMissing: true) }
                return Array(text.utf8)
            }, matches: { _ in [] })
        return try #require(CallSchema.files(["shop.proto"], roots: [], in: surroundings, &findings))
    }

    static func method(_ name: String) throws -> CalledMethod {
        guard case .method(let method) = try schema().meaning(of: "shop.Orders/\(name)") else {
            throw CallMistake("no method")
        }
        return method
    }

    static func message(_ json: String, _ method: CalledMethod) throws -> Message {
        try InputMessage(method: method).read(Array(json.utf8), number: nil)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// What comes of replies, in words.
    static func words(_ replies: [CallReply]) -> [String] {
        replies.map { reply in
            switch reply {
            case .metadata(let status, _): "head \(status)"
            case .message(.binary(let bytes)): "binary \(bytes)"
            case .message(.json(let bytes)): "json \(text(bytes))"
            case .trailers(let fields): "trailers " + fields.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            case .end(let end):
                "end \(end.code.name) \(end.message)" + end.details.map { " \($0.type)" }.joined()
            }
        }
    }
}
