// Any bytes as a template and as an expression: parsed, checked and evaluated. Nothing may trap, hang or overflow the
// stack; what is written as JSON must be valid UTF-8 without bare controls.
import CEL
import Diagnostics
import JSON

private final class FuzzReader: Reader {
    private let value: Value?

    init(_ value: Value?) { self.value = value }

    func read(_ context: Context) -> Value? { value }
}

private final class FuzzAmbient: Ambient {
    func now(_ context: Context) -> Int64 { 1_700_000_000_000_000_000 }
    func random(_ context: Context) -> UInt64 { 0x0123_4567_89AB_CDEF }
}

private let body: Value = .map(
    MapValue([
        (.string("a"), .int(1)), (.string("b"), .list([.string("x"), .double(2.5), .null])),
        (.string("c"), .map(MapValue([(.string("d"), .bool(true))]))), (.string("e"), .bytes([0, 255])),
    ]))

private let environment = Environment(
    roots: [
        Root(
            "path", .map(.string, .string),
            fields: .closed([
                Root.Field("name", .string, FuzzReader(.string("Ann \"é\"\r\n")), sentByClient: true),
                Root.Field("gone", .string, FuzzReader(nil), sentByClient: true),
            ]), sentByClient: true, noun: "path parameter"),
        Root(
            "query", .map(.string, .string), whole: FuzzReader(.map(MapValue([(.string("n"), .string("7"))]))),
            fields: .open(.string, { name in FuzzReader(name.utf8.count < 3 ? .string(name) : nil) }),
            sentByClient: true, noun: "query parameter"),
        Root(
            "headers", .map(.string, .string), fields: .open(.string, { name in FuzzReader(.string(name)) }),
            sentByClient: true, noun: "header"),
        Root(
            "call", .map(.string, .dyn),
            fields: .closed([
                Root.Field("count", .int, FuzzReader(.int(.max)), sentByClient: false),
                Root.Field("rate", .double, FuzzReader(.double(-0.0)), sentByClient: false),
                Root.Field(
                    "time", .timestamp, FuzzReader(.timestamp(Timestamp(nanosecondsSinceEpoch: 1))), sentByClient: false
                ),
            ]), sentByClient: false, noun: "field of call"),
        Root(
            "body", .dyn, whole: FuzzReader(body), fields: .open(.dyn, { _ in FuzzReader(body) }), sentByClient: true,
            noun: "field of the body"),
    ], ambient: FuzzAmbient(), elsewhere: ["auth": "no auth middleware is on"])

private func evaluate(_ program: Program, _ context: Context) {
    _ = program.evaluate(context)
    for encoding in [Encoding.plain, .jsonString, .html, .urlComponent, .header] {
        var out = ByteWriter()
        let failure = program.write(context, &out, encoding)
        precondition(failure == nil || out.count == 0, "a failure leaves nothing behind")
        if encoding == .header { precondition(!out.bytes.contains(0x0A) && !out.bytes.contains(0x0D)) }
    }
    var json = ByteWriter()
    if case .written = program.writeJSON(context, &json) {
        precondition(UTF8Scanner.firstInvalid(json.bytes) == nil)
        precondition(!json.bytes.contains { $0 < 0x20 })
    } else {
        precondition(json.count == 0)
    }
}

/// Every finding must be inside of its text.
private func check(_ findings: borrowing Findings, in source: Source) {
    for finding in findings.ordered() {
        precondition(finding.range.start >= 0 && finding.range.end <= source.bytes.count)
        precondition(!finding.message.isEmpty)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpression(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let source = Source(name: "fuzz", bytes: bytes)
    let text = PlacedText(verbatim: bytes, in: source)
    var place: UInt8 = 0
    withUnsafeMutablePointer(to: &place) { pointer in
        let context = Context(UnsafeMutableRawPointer(pointer))
        var findings = Findings()
        if let program = Expression.parse(text, &findings)?.check(environment, expecting: nil, &findings) {
            evaluate(program, context)
        } else {
            precondition(findings.hasErrors, "no program without a finding")
        }
        check(findings, in: source)

        var more = Findings()
        if let template = Template.parse(text, &more) {
            for encoding in [Encoding.plain, .jsonString, .header] {
                guard let program = template.check(environment, encoding, &more) else { continue }
                var out = ByteWriter()
                _ = program.write(context, &out)
                out.clear()
                _ = program.writeJSON(context, &out)
                precondition(UTF8Scanner.firstInvalid(out.bytes) == nil)
            }
        }
        check(more, in: source)
    }
    return 0
}
