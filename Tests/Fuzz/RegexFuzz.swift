// Any bytes as a pattern and a text, with a zero byte between them. The pattern is used as a literal, which is compiled
// at load and matched by a table, and as a value, which is compiled at run time and matched by the machine: nothing may
// trap or hang, and both must give the same.
import CEL
import Diagnostics

private struct Strings {
    var pattern: String
    var text: String
}

private final class StringReader: Reader {
    private let get: @Sendable (Strings) -> String

    init(_ get: @escaping @Sendable (Strings) -> String) { self.get = get }

    func read(_ context: Context) -> Value? {
        .string(get(context.pointer.assumingMemoryBound(to: Strings.self).pointee))
    }
}

private final class FuzzAmbient: Ambient {
    func now(_ context: Context) -> Int64 { 0 }
    func random(_ context: Context) -> UInt64 { 0 }
}

private let environment = Environment(
    roots: [
        Root(
            "input", .map(.string, .string),
            fields: .closed([
                Root.Field("pattern", .string, StringReader { $0.pattern }, sentByClient: true),
                Root.Field("text", .string, StringReader { $0.text }, sentByClient: true),
            ]), sentByClient: true, noun: "field")
    ], ambient: FuzzAmbient())

private func program(_ expression: String, _ findings: inout Findings) -> Program? {
    let bytes = Array(expression.utf8)
    let source = Source(name: "fuzz", bytes: bytes)
    let program = Expression.parse(PlacedText(verbatim: bytes, in: source), &findings)?.check(environment, &findings)
    for finding in findings.ordered() {
        precondition(finding.range.start >= 0 && finding.range.end <= bytes.count && !finding.message.isEmpty)
    }
    precondition((program == nil) == findings.hasErrors)
    return program
}

private func known(_ expression: String) -> Program? {
    var findings = Findings()
    return program(expression, &findings)
}

private let matches = known("input.text.matches(input.pattern)")
private let extract = known("regex.extract(input.text, input.pattern)")
private let extractAll = known("regex.extractAll(input.text, input.pattern)")
private let same = known(#"regex.replace(input.text, input.pattern, '\\0')"#)

/// The text as a string literal.
private func literal(_ text: String) -> String {
    var out = "'"
    for scalar in text.unicodeScalars {
        switch scalar {
        case "'", "\\": out.unicodeScalars += ["\\", scalar]
        case "\n": out += "\\n"
        case "\r": out += "\\r"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "'"
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRegex(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: data, count: count)
    let cut = bytes.firstIndex(of: 0) ?? count
    var strings = Strings(
        pattern: String(decoding: bytes[..<cut], as: UTF8.self),
        text: String(decoding: bytes[min(cut + 1, count)...], as: UTF8.self))
    withUnsafeMutablePointer(to: &strings) { pointer in
        let context = Context(UnsafeMutableRawPointer(pointer))
        guard let matches, let extract, let extractAll, let same else { preconditionFailure("the expressions check") }
        let dynamic = matches.evaluate(context)
        let first = extract.evaluate(context)
        let all = extractAll.evaluate(context)
        if case .list(let found) = all, case .bool(let isThere) = dynamic, !isThere { precondition(found.isEmpty) }
        if case .optional(.some) = first, case .bool(let isThere) = dynamic { precondition(isThere) }
        if case .string(let text) = same.evaluate(context) {
            precondition(text.utf8.elementsEqual(pointer.pointee.text.utf8), "each match stands for itself")
        }

        var findings = Findings()
        guard let planned = program("input.text.matches(\(literal(pointer.pointee.pattern)))", &findings) else {
            return
        }
        if case .bool(let byTable) = planned.evaluate(context), case .bool(let byMachine) = dynamic {
            precondition(byTable == byMachine)
        }
        findings = Findings()
        if let planned = program("regex.extract(input.text, \(literal(pointer.pointee.pattern)))", &findings) {
            switch (planned.evaluate(context), first) {
            case (.optional(.some(.string(let one))), .optional(.some(.string(let other)))):
                precondition(one.utf8.elementsEqual(other.utf8))
            case (.optional(let one), .optional(let other)): precondition((one == nil) == (other == nil))
            default: break
            }
        }
    }
    return 0
}
