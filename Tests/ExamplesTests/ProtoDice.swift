/// `.proto` files by chance, the same for the same seed: all types, and names that YAML and CEL have a use for.
struct ProtoDice: RandomNumberGenerator {
    private var state: UInt64
    private var syntax = "proto3"
    private var messages: [String] = []

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    private mutating func chance(_ share: UInt64) -> Bool { next() % 100 < share }

    private static let scalars = [
        "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32",
        "sfixed64", "bool", "string", "string", "string", "bytes",
    ]
    private static let known = [
        "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue", "Any", "Empty", "StringValue",
        "Int64Value",
        "DoubleValue", "BytesValue", "BoolValue", "NullValue",
    ]
    private static let names = [
        "on", "off", "y", "n", "null", "true", "false", "in", "for", "if", "let", "var", "request", "requests", "size",
        "has", "all", "map", "type", "string", "message", "messages", "delay", "interval", "error", "code", "name",
        "id",
        "index", "e1", "NaN", "Infinity", "inf", "count", "total_count", "next_page_token", "created_at", "url", "data",
        "value", "key", "package", "service", "x_", "_y", "userName", "HTTPCode", "timestamp", "dyn", "int", "call",
    ]

    // MARK: A file

    mutating func file() -> String {
        syntax = pick(["proto2", "proto3", "edition"])
        messages = ["Yes", "No", "Null", "M3", "M4", "M5"]
        var lines = [syntax == "edition" ? "edition = \"2023\";" : "syntax = \"\(syntax)\";", "package p.null;"]
        for name in ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"] {
            lines.append("import \"google/protobuf/\(name).proto\";")
        }
        for name in messages { lines += message(name) }
        for service in ["true", "S2"] {
            lines.append("service \(service) {")
            for method in ["null", "Get", "y", "List", "on"].shuffled(using: &self).prefix(4) {
                let (up, down) = (pick(["", "", "stream "]), pick(["", "", "stream "]))
                lines.append("  rpc \(method) (\(up)\(messageType())) returns (\(down)\(messageType()));")
            }
            lines.append("}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func messageType() -> String {
        chance(15) ? "google.protobuf." + pick(Self.known.filter { $0 != "NullValue" }) : pick(messages)
    }

    // MARK: A message

    private mutating func message(_ name: String) -> [String] {
        var lines = ["message \(name) {", "  enum Level {"]
        if chance(30) { lines.append("    option allow_alias = true; ALSO = 0;") }
        if !lines[lines.count - 1].contains("ALSO"), chance(20) {
            lines.append("    ZERO = 0;")
        } else if lines[lines.count - 1].contains("ALSO") {
            lines.append("    ZERO = 0; NULL = 1; True = 1; NO = -3;")
        } else {
            lines.append("    OFF = 0; NULL = 1; TRUE = 2;")
        }
        lines.append("  }")
        var names = Array(Self.names.shuffled(using: &self).prefix(Int(next() % 9)))
        var number = 1
        while let field = names.popLast() {
            if chance(15), names.count >= 2 {
                lines.append("  oneof \(field)_of {")
                for member in [field, names.removeLast()] {
                    lines.append("    \(single()) \(member) = \(number);")
                    number += 1
                }
                lines.append("  }")
                continue
            }
            lines.append("  " + self.field(field, number))
            number += 1
        }
        return lines + ["}"]
    }

    private mutating func single() -> String {
        switch next() % 10 {
        case 0: pick(messages)
        case 1: "google.protobuf." + pick(Self.known.filter { syntax != "proto3" || $0 != "NullValue" })
        case 2: "Level"
        default: pick(Self.scalars)
        }
    }

    private mutating func field(_ name: String, _ number: Int) -> String {
        let label = syntax == "proto3" ? pick(["", "", "optional "]) : syntax == "proto2" ? "optional " : ""
        switch next() % 8 {
        case 0: return "repeated \(single()) \(name) = \(number);"
        case 1:
            let key = pick(["string", "int32", "bool", "fixed64", "sint64"])
            return "map<\(key), \(single())> \(name) = \(number);"
        case 2 where syntax == "proto2":
            return "required \(pick(Self.scalars + messages.suffix(2))) \(name) = \(number);"
        case 2 where syntax == "edition":
            return "string \(name) = \(number) [features.field_presence = \(pick(["IMPLICIT", "LEGACY_REQUIRED"]))];"
        case 3 where syntax == "proto2":
            return "optional group G\(number) = \(number) { optional \(pick(Self.scalars)) \(name) = 1; }"
        case 3 where syntax == "edition":
            return "\(pick(messages)) \(name) = \(number) [features.message_encoding = DELIMITED];"
        default: return "\(label)\(single()) \(name) = \(number);"
        }
    }
}
