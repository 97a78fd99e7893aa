import CEL
import Cryptography
import Diagnostics
import JSON

/// What the tests' expressions read: a call with fixed values, a clock and dice that are fixed too.
struct Call {
    var path: [String: String] = ["name": "Ann", "id": "42"]
    var query: [String: String] = ["q": "a b&c", "n": "7", "empty": "", "quote": "say \"hi\"", "lines": "a\r\nb"]
    var headers: [String: String] = ["x-a": "alpha", "x-b": "<b>&'"]
    var body: Value = .map(
        MapValue([
            (.string("name"), .string("Bob")), (.string("age"), .int(30)), (.string("rate"), .double(2.5)),
            (.string("tags"), .list([.string("x"), .string("y")])), (.string("note"), .null),
            (.string("nested"), .map(MapValue([(.string("deep"), .bool(true))]))),
        ]))
    var reads = 0
}

final class FieldReader: Reader {
    private let get: @Sendable (Call) -> Value?

    init(_ get: @escaping @Sendable (Call) -> Value?) { self.get = get }

    func read(_ context: Context) -> Value? {
        let call = context.pointer.assumingMemoryBound(to: Call.self)
        call.pointee.reads += 1
        return get(call.pointee)
    }
}

final class FixedAmbient: Ambient {
    func now(_ context: Context) -> Int64 { 1_700_000_000_500_000_000 }
    func random(_ context: Context) -> UInt64 { 0x8000_0000_0000_0000 }
    var zones: TimeZones { ZoneDirectory.zones }
    var crypto: (any CryptoProvider)? { SwiftCrypto.shared }
}

enum Fixture {
    static let environment = Environment(
        roots: [
            Root(
                "path", .map(.string, .string),
                fields: .closed([
                    Root.Field(
                        "name", .string, FieldReader { $0.path["name"].map { .string($0) } }, sentByClient: true),
                    Root.Field("id", .string, FieldReader { $0.path["id"].map { .string($0) } }, sentByClient: true),
                ]), sentByClient: true, noun: "path parameter"),
            Root(
                "query", .map(.string, .string), whole: FieldReader { strings($0.query) },
                fields: .open(.string, { name in FieldReader { $0.query[name].map { .string($0) } } }),
                sentByClient: true, noun: "query parameter"),
            Root(
                "headers", .map(.string, .string),
                fields: .open(.string, { name in FieldReader { $0.headers[name].map { .string($0) } } }),
                sentByClient: true, noun: "header"),
            Root(
                "call", .map(.string, .dyn),
                fields: .closed([
                    Root.Field("id", .string, FieldReader { _ in .string("c-1") }, sentByClient: false),
                    Root.Field("count", .int, FieldReader { _ in .int(3) }, sentByClient: false),
                    Root.Field("zero", .int, FieldReader { _ in .int(0) }, sentByClient: false),
                    Root.Field("gone", .string, FieldReader { _ in nil }, sentByClient: false),
                    Root.Field(
                        "time", .timestamp,
                        FieldReader { _ in .timestamp(Timestamp(nanosecondsSinceEpoch: 1_234_567_890_000_000_000)) },
                        sentByClient: false),
                    Root.Field(
                        "peers", .list(.string), FieldReader { _ in .list([.string("a")]) }, sentByClient: false),
                ]), sentByClient: false, noun: "field of call"),
            Root(
                "body", .dyn, whole: FieldReader { $0.body },
                fields: .open(
                    .dyn,
                    { name in
                        FieldReader {
                            guard case .map(let map) = $0.body else { return nil }
                            return map.value(for: name)
                        }
                    }), sentByClient: true, noun: "field of the body"),
        ], ambient: FixedAmbient(), elsewhere: ["auth": "no auth middleware is on"])

    private static func strings(_ values: [String: String]) -> Value {
        .map(MapValue(values.sorted { $0.key < $1.key }.map { (.string($0.key), .string($0.value)) }))
    }

    static func text(_ string: String) -> PlacedText {
        PlacedText(verbatim: Array(string.utf8), in: Source(name: "test.yaml", text: string))
    }

    static func program(_ text: String, expecting: ValueType? = nil, _ findings: inout Findings) -> Program? {
        Expression.parse(self.text(text), &findings)?.check(environment, expecting: expecting, &findings)
    }

    /// Runs `body` with a call at an address.
    static func withContext<T>(_ call: Call = Call(), _ body: (Context) -> T) -> T {
        var call = call
        return withUnsafeMutablePointer(to: &call) { body(Context(UnsafeMutableRawPointer($0))) }
    }

    /// The value as a text that shows its type; `error: …` and `finding: …` for what fails at run time and at load.
    static func result(_ text: String, expecting: ValueType? = nil, sorted: Bool = false) -> String {
        var findings = Findings()
        guard let program = program(text, expecting: expecting, &findings) else {
            return "finding: " + findings.ordered().map(\.message).joined(separator: "; ")
        }
        return withContext { shown(program.evaluate($0), sorted: sorted) }
    }

    static func shown(_ value: Value) -> String { shown(value, sorted: false) }

    /// - Parameter sorted: the entries of maps in order, not as they were made.
    static func shown(_ value: Value, sorted: Bool) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        case .int(let number): return "\(number)"
        case .uint(let number): return "\(number)u"
        case .double(let number): return number.isNaN ? "nan" : "\(number)"
        case .string(let text):
            var out = ByteWriter()
            out.append(jsonString: text)
            return String(decoding: out.bytes, as: UTF8.self)
        case .bytes(let bytes): return "b\(bytes)"
        case .list(let list): return "[" + list.map { shown($0, sorted: sorted) }.joined(separator: ", ") + "]"
        case .map(let map):
            let entries = zip(map.keys, map.values).map { "\(shown($0)): \(shown($1, sorted: sorted))" }
            return "{" + (sorted ? entries.sorted() : entries).joined(separator: ", ") + "}"
        case .timestamp(let time): return "@" + time.text
        case .duration(let span): return "~" + span.text
        case .ip(let address): return "ip " + address.text
        case .cidr(let network): return "cidr " + network.text
        case .optional(let wrapped): return wrapped.map { "some(\(shown($0, sorted: sorted)))" } ?? "none"
        case .type(let type): return "type \(type)"
        case .error(let error): return "error: " + error.message
        case .message(let message):
            var out = ByteWriter()
            guard case .written = message.writeJSON(&out) else { return "\(message.typeName) that JSON cannot hold" }
            return message.typeName + " " + String(decoding: out.bytes, as: UTF8.self)
        }
    }
}
