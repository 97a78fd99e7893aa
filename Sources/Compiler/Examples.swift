package import Diagnostics
package import Manifests

extension Surroundings {
    /// What the examples of rules and keys are linted in: no variables, and a few small files.
    package static let examples = Surroundings(
        variable: { _ in nil },
        file: { path, _ throws(Unreadable) in
            guard let text = exampleFiles[path] else { throw Unreadable("No such file or directory", isMissing: true) }
            return Array(text.utf8)
        },
        matches: { pattern in
            // One star is all that an example needs.
            let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
            guard let start = parts.first, let end = parts.last, parts.count == 2 else { return [] }
            return exampleFiles.keys.filter { $0.hasPrefix(start) && $0.hasSuffix(end) }.sorted()
        })

    private static let exampleFiles = ExampleCertificates.files.merging(texts) { $1 }

    private static let texts = [
        "parts/pages.yaml": "services:\n  pages:\n    routes:\n      GET /about: { template: about }\n",
        "/run/secrets/otlp": "8f14e45fceea167a",
        "/run/secrets/admin": "45c48cce2e2d7fbd",
        "protos/helloworld.proto": """
        syntax = "proto3";
        package helloworld;
        service Greeter {
          rpc SayHello (HelloRequest) returns (HelloReply);
          rpc SayHelloOften (HelloRequest) returns (stream HelloReply);
          rpc SayHelloToAll (stream HelloRequest) returns (HelloReply);
          rpc Chat (stream HelloRequest) returns (stream HelloReply);
        }
        message HelloRequest {
          string name = 1;
          int32 count = 2;
          Mood mood = 3;
        }
        message HelloReply {
          string message = 1;
          Mood mood = 2;
          int32 length = 3;
        }
        enum Mood {
          MOOD_UNSPECIFIED = 0;
          CHEERFUL = 1;
        }

        """,
        "protos/library.proto": """
        syntax = "proto3";
        package library;
        import "google/api/annotations.proto";
        service Library {
          rpc GetShelf (Name) returns (Shelf) {
            option (google.api.http).get = "/v1/{nam=shelves/*}";
          }
          rpc SetShelf (Shelf) returns (Shelf) {
            option (google.api.http) = {
              patch: "/v1/{name=shelves/*}"
              body: "*"
              additional_bindings { post: "/v1/{name=**}:set" body: "them" }
            };
          }
        }
        service Archive {
          rpc Nest (Name) returns (Shelf) {
            option (google.api.http) = {
              get: "/v1/a"
              additional_bindings { get: "/v1/b" additional_bindings { get: "/v1/c" } }
            };
          }
          rpc Nowhere (Name) returns (Shelf) {
            option (google.api.http) = {};
          }
          rpc Collect (stream Name) returns (Shelf) {
            option (google.api.http) = { post: "/v1/collect" body: "*" };
          }
          rpc Close (Name) returns (Shelf) {
            option (google.api.http).get = "/v1/{name";
          }
        }
        message Name {
          string name = 1;
        }
        message Shelf {
          string name = 1;
          repeated string tags = 2;
          Name owner = 3;
          map<string, int32> counts = 4;
        }

        """,
        // proto2, since that alone has required fields.
        "protos/orders.proto": """
        syntax = "proto2";
        package shop;
        service Orders {
          rpc PlaceOrder (Item) returns (Order);
          rpc Price (Item) returns (Money);
          rpc Ping (Item) returns (Empty);
        }
        message Item {
          optional string name = 1;
          optional int32 quantity = 2;
        }
        message Order {
          optional int32 number = 1;
          optional Status status = 2;
          optional string placed_by = 3;
          oneof payment {
            string card = 4;
            int64 invoice = 5;
          }
          repeated Item items = 6;
          map<string, int32> counts = 7;
          optional bytes receipt = 8;
        }
        message Money {
          required int64 cents = 1;
        }
        message Empty {}
        enum Status {
          STATUS_UNKNOWN = 0;
          STATUS_PAID = 1;
          STATUS_SHIPPED = 2;
        }

        """,
        "protos/broken.proto": """
        syntax = "proto3";
        package broken;
        import "common/money.proto";
        service Greeter {
          rpc SayHello (HelloRequest) returns (HelloReply);
        }
        message HelloRequest {
          string name 1;
        }
        message HelloReply {
          strng message = 1;
        }

        """,
        "data/prices.json": "{ \"tea\": 2.5, \"coffee\": 3 }\n",
        "data/broken.json": "{\n  \"tea\": 2.5,\n  \"coffee\": 3,\n}\n",
        "data/users.csv": "name,role\nAnn,admin\n\"Bob, Jr.\",guest\n",
        "data/broken.csv": "name,role,\nAnn\nBob,\"guest\"s,x\nCid,a,b,c\nDan,\"open\n",
        "data/limits.yaml": "daily: 100\nnames: [Ann, Bob]\n",
        "data/broken.yaml": "daily: 100\n  weekly: 500\n",
        "circle.yaml": "include: circle.yaml\n",
    ]
}

/// Flags that the first lines of an example stand for: `# --set limits.idle=75s`, `# --profile production`.
struct ExampleFlags {
    private let lines: [String]

    init(_ source: Source) {
        let lines = source.bytes.prefix(4096).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        self.lines = Array(lines.prefix { $0.hasPrefix("# --") })
    }

    var overrides: [String] { values(of: "set") }
    var profile: Profile { values(of: "profile").last.flatMap(Profile.init) ?? .standard }

    private func values(of flag: String) -> [String] {
        let start = "# --\(flag) "
        return lines.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }
}

extension Loading {
    /// One manifest alone, as examples are.
    package init(example source: Source, in surroundings: Surroundings = .examples, _ findings: inout Findings) {
        self.init([source], overrides: ExampleFlags(source).overrides, in: surroundings, &findings)
    }
}

extension Compilation {
    /// One manifest alone, as examples are.
    package init(_ source: Source, in surroundings: Surroundings = .examples, _ findings: inout Findings) {
        let loading = Loading(example: source, in: surroundings, &findings)
        self.init(loading, profile: ExampleFlags(source).profile, &findings)
    }
}
