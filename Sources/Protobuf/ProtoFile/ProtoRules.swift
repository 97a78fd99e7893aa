package import Diagnostics

/// What can be wrong with `.proto` files and descriptor sets. The samples are `.proto` files.
package enum ProtoRules {
    package static let all: [Rule] = [
        unreadable, limit, syntax, missingSyntax, edition, imports, unusedImport, name, number, type, label, map, oneof,
        enums, extensions, defaultValue, jsonName, jsonNameWarning, reservedName, option, value, deprecatedOption,
        feature,
        descriptorSet,
    ]

    private static func proto3(_ body: String) -> String { "syntax = \"proto3\";\n\(body)\n" }
    private static func proto2(_ body: String) -> String { "syntax = \"proto2\";\n\(body)\n" }
    private static func edition(_ body: String) -> String { "edition = \"2023\";\n\(body)\n" }

    package static let unreadable = Rule(
        "unreadable-proto", summary: "a .proto file cannot be read",
        explanation: """
            A `.proto` file is UTF-8 text below one of the roots: others import it by its path from there. A file is looked for as
            it is written, then in each root. A descriptor set needs no root.
            """,
        bad: proto3("message \u{0}M {}"), good: proto3("message M {}"))

    package static let limit = Rule(
        "proto-limit", summary: "a .proto file is larger or deeper than allowed",
        explanation: """
            A file has at most 8 MiB and 2000 imports, all files together 256 MiB, and messages, groups and values of options are
            at most 64 levels deep. Schemas of people are far below that; what is above it would fill the memory.
            """,
        bad: proto3(
            (0..<70).map { "message M\($0) {" }.joined(separator: " ") + String(repeating: "}", count: 70)),
        good: proto3("message A { message B {} }"))

    package static let syntax = Rule(
        "proto-syntax", summary: "a .proto file is not as the language has it",
        explanation: """
            Each statement ends with `;` or is a block in braces. A field is a type, a name, `=`, a number, and options in brackets.
            After a mistake reading goes on behind the next `;` or block, so that one run tells all of them.
            """,
        bad: proto3("message M { string name 1; }"), good: proto3("message M { string name = 1; }"))

    package static let missingSyntax = Rule(
        "proto-no-syntax", .warning, summary: "a .proto file does not say which syntax it has",
        explanation: """
            A file without `syntax` or `edition` is read as proto2, which is seldom meant. Start it with `syntax = "proto3";`.
            """,
        bad: "message M { optional string name = 1; }\n", good: proto2("message M { optional string name = 1; }"))

    package static let edition = Rule(
        "proto-edition", summary: "the syntax or edition of a file does not have this",
        explanation: """
            proto2, proto3 and the editions differ: proto3 has no required fields, no defaults, no groups and no extension
            ranges, and extends only options. Editions have features in the place of the labels `optional` and `required`, of
            groups and of `packed`.
            """,
        bad: proto3("message M { required string name = 1; }"), good: proto2("message M { required string name = 1; }"))

    package static let imports = Rule(
        "proto-import", summary: "an import leads nowhere",
        explanation: """
            An import is the path of a file from one of the roots, which are searched in their order; then come the files that are
            built in: google/protobuf, and of google/api and google/rpc those that services need. It is imported once, and no
            file imports itself, also not through others.
            """,
        bad: proto3("import \"gone.proto\";"), good: proto3("message M {}"))

    package static let unusedImport = Rule(
        "proto-unused-import", .warning, summary: "an import is not used",
        explanation: "Nothing of the file, nor of what it imports publicly, is used here. Take the import out.",
        bad: proto3("import \"google/protobuf/any.proto\";\nmessage M {}"),
        good: proto3("import \"google/protobuf/any.proto\";\nmessage M { google.protobuf.Any a = 1; }"))

    package static let name = Rule(
        "proto-name", summary: "a name is taken or reserved",
        explanation: """
            Everything in a scope has a name of its own. The values of an enum are in the scope around the enum, as in C++, so
            two enums beside each other cannot share one. A reserved name belongs to a field that was taken out.
            """,
        bad: proto3("message M { string name = 1; int32 name = 2; }"),
        good: proto3("message M { string name = 1; int32 age = 2; }"))

    package static let number = Rule(
        "proto-number", summary: "a number is taken, reserved or out of range",
        explanation: """
            A field is known by its number on the wire: each has its own, from 1 to 536870911, without 19000 to 19999, which are
            for protobuf itself. A reserved number belongs to a field that was taken out, and old clients may still send it.
            """,
        bad: proto3("message M { string name = 1; int32 age = 1; }"),
        good: proto3("message M { string name = 1; int32 age = 2; }"))

    package static let type = Rule(
        "proto-type", summary: "there is no such type",
        explanation: """
            A name is looked up from the innermost scope outwards, and the first scope that has its first part decides. It must be
            in this file, in one that it imports, or in one that such a file imports publicly.
            """,
        bad: proto3("message M { strin name = 1; }"), good: proto3("message M { string name = 1; }"))

    package static let label = Rule(
        "proto-label", summary: "a field has the wrong label",
        explanation: """
            In proto2 each field of a message is `optional`, `repeated` or `required`. A field of a oneof never has a label.
            """,
        bad: proto2("message M { string name = 1; }"), good: proto2("message M { optional string name = 1; }"))

    package static let map = Rule(
        "proto-map", summary: "a map is not as maps are",
        explanation: """
            The keys of a map are integers, bool or string; its values are anything but maps. It has no label, and is neither in a
            oneof nor an extension. Its entry is a message that only the compiler makes.
            """,
        bad: proto3("message M { map<double, string> names = 1; }"),
        good: proto3("message M { map<int32, string> names = 1; }"))

    package static let oneof = Rule(
        "proto-oneof", summary: "a oneof is empty", explanation: "A oneof has at least one field.",
        bad: proto3("message M { oneof kind {} }"), good: proto3("message M { oneof kind { string name = 1; } }"))

    package static let enums = Rule(
        "proto-enum", summary: "an enum is not as enums are",
        explanation: """
            An enum has values, and in proto3 the first of them is zero, since that is what a field has that is not set. Two
            values share a number only where `option allow_alias = true;` says so.
            """,
        bad: proto3("enum E { ONE = 1; }"), good: proto3("enum E { NONE = 0; ONE = 1; }"))

    package static let extensions = Rule(
        "proto-extension", summary: "an extension does not fit",
        explanation: """
            A message is extended by numbers that its `extensions` keep for that. Where such a range declares its extensions, each
            has the declared number, name and type.
            """,
        bad: proto2("message M { extensions 10 to 20; }\nextend M { optional string name = 30; }"),
        good: proto2("message M { extensions 10 to 20; }\nextend M { optional string name = 10; }"))

    package static let defaultValue = Rule(
        "proto-default", summary: "a default does not fit",
        explanation: "A default is a value of the field's type. Repeated fields and messages have none.",
        bad: proto2("message M { repeated string name = 1 [default = \"x\"]; }"),
        good: proto2("message M { optional string name = 1 [default = \"x\"]; }"))

    package static let jsonName = Rule(
        "proto-json-name", summary: "two fields have one name in JSON",
        explanation: """
            In JSON `my_field` is `myField`, or what `json_name` says. Two fields of a message cannot share that name, for one
            would hide the other.
            """,
        bad: proto3("message M { string my_name = 1; string myName = 2; }"),
        good: proto3("message M { string my_name = 1; string other_name = 2; }"))

    package static let jsonNameWarning = Rule(
        "proto-json-name-proto2", .warning, summary: "two names of proto2 are the same in JSON",
        explanation:
            "In proto2 such names were always allowed, so this is a warning; in JSON one of them hides the other.",
        bad: proto2("message M { optional string my_name = 1; optional string myName = 2; }"),
        good: proto2("message M { optional string my_name = 1; }"))

    package static let reservedName = Rule(
        "proto-reserved-name", .warning, summary: "a reserved name is no name",
        explanation: "What is reserved is the name of a field or a value: letters, digits and underscores.",
        bad: proto3("message M { reserved \"old name\"; }"), good: proto3("message M { reserved \"old_name\"; }"))

    package static let option = Rule(
        "proto-option", summary: "there is no such option",
        explanation: """
            Options are the fields of the messages in google/protobuf/descriptor.proto, or extensions of them, whose names stand in
            parentheses and are looked up as types are. An option that is not repeated is set once.
            """,
        bad: proto3("message M { option deprecate = true; }"), good: proto3("message M { option deprecated = true; }"))

    package static let value = Rule(
        "proto-value", summary: "the value of an option does not fit",
        explanation: "The value of an option is one of its type; a message is written `{ field: value }`.",
        bad: proto3("message M { option deprecated = 1; }"), good: proto3("message M { option deprecated = true; }"))

    package static let deprecatedOption = Rule(
        "proto-deprecated-option", .warning, summary: "an option is deprecated",
        explanation: "The option still holds in the edition of this file, and will not in a later one.",
        bad: proto3(
            "import \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FileOptions {"
                + " bool old = 50000 [feature_support = { edition_deprecated: EDITION_PROTO3 }]; }\noption (old) = true;"
        ),
        good: proto3("option deprecated = true;"))

    package static let feature = Rule(
        "proto-feature", summary: "a feature does not fit",
        explanation: """
            Features settle in editions what labels and syntaxes settled before, for an element and what is in it. Each has
            elements that it makes sense for: presence is for single fields, packing for lists of numbers.
            """,
        bad: edition("message M { repeated string a = 1 [features.repeated_field_encoding = PACKED]; }"),
        good: edition("message M { repeated int32 a = 1 [features.repeated_field_encoding = EXPANDED]; }"))

    package static let descriptorSet = Rule(
        "bad-descriptor-set", summary: "a descriptor set is broken",
        explanation: """
            A descriptor set is what `protoc --include_imports --descriptor_set_out=FILE` or `buf build -o FILE` writes. What it
            refers to is in it, in the roots, or built in.
            """,
        bad: "\u{A}\u{5}\u{0}\u{A}", good: proto3("message M {}"))
}
