import Diagnostics
import Protobuf
import Testing

/// What the pool says of what was compiled.
@Suite struct PoolTests {
    @Test func namesLeadToElements() throws {
        let compiled = Compiled(
            """
            syntax = "proto3";
            package shop.v1;
            message Order { string id = 1; Kind kind = 2; enum Kind { NEW = 0; PAID = 1; } map<string, Line> lines = 3; message Line {} }
            service Orders { rpc Get(Order) returns (stream Order); }
            """)
        let pool = try #require(compiled.pool, "\(compiled.human)")
        let order = try #require(pool.message(named: "shop.v1.Order"))
        #expect(order.field(named: "id")?.number == 1)
        #expect(order.field(numbered: 2)?.reference == .enum(0))
        #expect(pool.message(named: "shop.v1.Order.LinesEntry")?.isMapEntry == true)
        #expect(pool.enumeration(named: "shop.v1.Order.Kind")?.value(named: "PAID")?.number == 1)
        let method = try #require(pool.method(named: "shop.v1.Orders.Get"))
        #expect(
            pool.messages[method.input].fullName == "shop.v1.Order" && method.serverStreams && !method.clientStreams)
        #expect(pool.message(named: "shop.v1.Orders") == nil)
        #expect(order.place.from.line == 3 && order.place.from.column == 9)
    }

    struct Presence: CustomTestStringConvertible {
        let syntax: String
        let field: String
        var presence = false
        var packed = false
        var required = false
        var delimited = false
        var testDescription: String { "\(syntax) \(field)" }
    }

    @Test(arguments: [
        Presence(syntax: "syntax = \"proto2\";", field: "optional int32 a = 1;", presence: true),
        Presence(syntax: "syntax = \"proto2\";", field: "required int32 a = 1;", presence: true, required: true),
        Presence(syntax: "syntax = \"proto2\";", field: "repeated int32 a = 1;"),
        Presence(syntax: "syntax = \"proto2\";", field: "repeated int32 a = 1 [packed = true];", packed: true),
        Presence(syntax: "syntax = \"proto2\";", field: "optional group A = 1 {}", presence: true, delimited: true),
        Presence(syntax: "syntax = \"proto3\";", field: "int32 a = 1;"),
        Presence(syntax: "syntax = \"proto3\";", field: "optional int32 a = 1;", presence: true),
        Presence(syntax: "syntax = \"proto3\";", field: "repeated int32 a = 1;", packed: true),
        Presence(syntax: "syntax = \"proto3\";", field: "repeated int32 a = 1 [packed = false];"),
        Presence(syntax: "syntax = \"proto3\";", field: "repeated string a = 1;"),
        Presence(syntax: "syntax = \"proto3\";", field: "M a = 1;", presence: true),
        Presence(syntax: "syntax = \"proto3\";", field: "oneof o { int32 a = 1; }", presence: true),
        Presence(syntax: "syntax = \"proto3\";", field: "map<int32, M> a = 1;"),
        Presence(syntax: "edition = \"2023\";", field: "int32 a = 1;", presence: true),
        Presence(syntax: "edition = \"2023\";", field: "int32 a = 1 [features.field_presence = IMPLICIT];"),
        Presence(
            syntax: "edition = \"2023\";", field: "int32 a = 1 [features.field_presence = LEGACY_REQUIRED];",
            presence: true,
            required: true),
        Presence(syntax: "edition = \"2023\";", field: "repeated int32 a = 1;", packed: true),
        Presence(
            syntax: "edition = \"2023\"; option features.repeated_field_encoding = EXPANDED;",
            field: "repeated int32 a = 1;"),
        Presence(
            syntax: "edition = \"2023\"; option features.message_encoding = DELIMITED;", field: "M a = 1;",
            presence: true,
            delimited: true),
        Presence(
            syntax: "edition = \"2023\"; option features.message_encoding = DELIMITED;", field: "map<int32, M> a = 1;"),
        Presence(syntax: "edition = \"2023\"; option features.field_presence = IMPLICIT;", field: "int32 a = 1;"),
    ]) func featuresAreResolved(_ expected: Presence) throws {
        let compiled = Compiled("\(expected.syntax)\nmessage M { \(expected.field) }")
        let pool = try #require(compiled.pool, "\(compiled.human)")
        let field = try #require(pool.message(named: "M")?.field(named: "a"))
        #expect(field.hasPresence == expected.presence)
        #expect(field.isPacked == expected.packed)
        #expect(field.isRequired == expected.required)
        #expect(field.isDelimited == expected.delimited)
    }

    @Test func featuresComeFromOutside() throws {
        let compiled = Compiled(
            """
            edition = "2023";
            option features.enum_type = CLOSED;
            option features.utf8_validation = NONE;
            message M {
              option features.json_format = LEGACY_BEST_EFFORT;
              enum E { option features.enum_type = OPEN; A = 0; }
              enum F { B = 1; }
              string s = 1;
              message N { string t = 1 [features.utf8_validation = VERIFY]; }
            }
            """)
        let pool = try #require(compiled.pool, "\(compiled.human)")
        #expect(pool.enumeration(named: "M.E")?.isClosed == false)
        #expect(pool.enumeration(named: "M.F")?.isClosed == true)
        #expect(pool.message(named: "M.N")?.features.jsonFormat == .legacyBestEffort)
        #expect(
            pool.message(named: "M")?.field(named: "s")?.features.utf8Validation == ResolvedFeatures.UTF8Validation.none
        )
        #expect(pool.message(named: "M.N")?.field(named: "t")?.features.utf8Validation == .verify)
    }

    @Test func optionsAreBytes() throws {
        let compiled = Compiled(
            """
            syntax = "proto3";
            import "google/api/annotations.proto";
            message M { string id = 1; }
            service S { rpc Get(M) returns (M) { option (google.api.http) = { get: "/v1/{id}" }; } }
            """)
        let pool = try #require(compiled.pool, "\(compiled.human)")
        let path: [UInt8] = [0x12, 8] + "/v1/{id}".bytes
        // Field 72295728, a message of as many bytes.
        #expect(pool.method(named: "S.Get")?.options == [0x82, 0xD3, 0xE4, 0x93, 0x02, UInt8(path.count)] + path)
    }

    @Test func extensionsAreFoundByNumber() throws {
        let compiled = Compiled(
            "syntax = \"proto2\"; package p; message M { extensions 10 to 20; } extend M { optional M more = 11; }")
        let pool = try #require(compiled.pool, "\(compiled.human)")
        let index = try #require(pool.messages.firstIndex { $0.fullName == "p.M" })
        #expect(pool.extensionField(of: index, numbered: 11)?.fullName == "p.more")
        #expect(pool.extensionField(named: "p.more")?.container == index)
    }

    @Test func builtInFilesAreSharedWithNobody() throws {
        // A file that looks like descriptor.proto under another name is not descriptor.proto.
        let compiled = Compiled(
            "syntax = \"proto3\"; package google.protobuf; message FileOptions { string mine = 1; } option go_package = \"x\";"
        )
        #expect(compiled.pool?.message(named: "google.protobuf.FileOptions")?.fields.count == 1, "\(compiled.human)")
    }
}
