import CEL
import Diagnostics
import JSON
import Testing

/// What an expression makes of readers that say no, fail or write for themselves.
@Suite struct ReaderTests {
    final class Fixed: Reader {
        let value: Value?
        init(_ value: Value?) { self.value = value }
        func read(_ context: Context) -> Value? { value }
    }

    /// Writes bytes that are no UTF-8 straight to the output.
    final class Raw: Reader {
        func read(_ context: Context) -> Value? { .string("read") }
        func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
            [0x22, 0xFF, 0x0A].withUnsafeBufferPointer { out.append($0, as: encoding == .header ? .plain : encoding) }
        }
    }

    /// A field of a message: it has a default, and is set or not.
    final class Defaulted: CEL.FieldReader {
        let isSet: Bool
        init(isSet: Bool) { self.isSet = isSet }
        func read(_ context: Context) -> Value? { .string(isSet ? "set" : "") }
        func isThere(_ context: Context) -> Bool { isSet }
        func lookupCost(_ context: Context) -> Int { 3 }
    }

    static let environment = Environment(
        roots: [
            Root(
                "v", .map(.string, .dyn),
                fields: .closed([
                    Root.Field("broken", .string, Fixed(.error(EvaluationError("it broke"))), sentByClient: false),
                    Root.Field("gone", .string, Fixed(nil), sentByClient: false),
                    Root.Field("raw", .string, Raw(), sentByClient: false),
                    Root.Field("list", .list(.int), Fixed(.list([.int(1)])), sentByClient: false),
                    Root.Field("nan", .double, Fixed(.double(.nan)), sentByClient: false),
                    Root.Field("set", .string, Defaulted(isSet: true), sentByClient: false),
                    Root.Field("unset", .string, Defaulted(isSet: false), sentByClient: false),
                    Root.Field("maybe", .optional(.string), Fixed(.optional(nil)), sentByClient: false),
                ]), sentByClient: false, noun: "variable")
        ], ambient: FixedAmbient())

    private static func program(_ text: String) -> Program? {
        var findings = Findings()
        return Expression.parse(Fixture.text(text), &findings)?.check(environment, expecting: nil, &findings)
    }

    @Test(arguments: [
        ("v.broken", "error: it broke"), ("v.?broken", "error: it broke"), ("has(v.broken)", "error: it broke"),
        ("v.gone", "error: no variable 'gone'"), ("v.?gone", "none"),
        ("v.raw", #""read""#), ("v.maybe", "none"), ("v.?maybe", "none"), ("v.maybe.orValue('x')", #""x""#),
        ("v.unset", #""""#), ("v.?unset", "none"), ("has(v.unset)", "false"), ("v.set", #""set""#),
        ("v.?set", #"some("set")"#), ("has(v.set)", "true"), ("v.?unset.orValue('x')", #""x""#),
        ("v.?gone.orValue(v.broken)", "error: it broke"), ("v.?raw.orValue(v.broken)", #""read""#),
    ]) func evaluated(_ text: String, _ expected: String) {
        Fixture.withContext { context in
            #expect((Self.program(text)?.evaluate(context)).map(Fixture.shown) == expected)
        }
    }

    @Test(arguments: [
        ("v.broken", "it broke"), ("v.?broken", "it broke"), ("v.gone", "no variable 'gone'"), ("v.?gone", ""),
        ("v.list", "[1]"), ("v.nan", "NaN"), ("v.maybe", ""), ("v.?list", "[1]"),
        ("optional.of(v.maybe).orValue(optional.of('x'))", ""), ("v.maybe.orValue('x')", "x"),
    ]) func written(_ text: String, _ expected: String) {
        Fixture.withContext { context in
            var out = ByteWriter()
            let failure = Self.program(text)?.write(context, &out, .plain)
            #expect(failure?.message ?? String(decoding: out.bytes, as: UTF8.self) == expected)
            if failure != nil { #expect(out.count == 0) }
        }
    }

    @Test func whatAReaderWritesIsEncodedAndChecked() throws {
        let program = try #require(Self.program("v.raw"))
        Fixture.withContext { context in
            var out = ByteWriter()
            #expect(program.write(context, &out, .jsonString) == nil)
            #expect(out.bytes.elementsEqual("\\\"\u{FFFD}\\n".utf8))
            out.clear()
            #expect(
                program.write(context, &out, .header)?.message
                    == "the value of a header cannot hold a line break or NUL")
            #expect(out.count == 0)
        }
    }
}
