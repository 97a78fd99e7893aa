import Diagnostics
import JSON
import Manifests

/// Any bytes, through the reader, the traps, what `${…}` stands for, a section and both renderers. What is checked beside not crashing: every
/// place lies in the file.
private struct Inner: ManifestSection {
    enum Word: String, Choice {
        case one
        case two
    }
    static let key = "inner"
    static let doc = "Inner."
    static let short: String? = "time"
    static let fields: [Field<Inner>] = [
        Field("time", \.time, doc: "Time.", check: within(.milliseconds(1)...(.hours(1)))),
        Field("size", \.size, doc: "Size."), Field("share", \.share, doc: "Share.", required: true),
        Field("rate", \.rate, doc: "Rate."), Field("word", \.word, doc: "Word."),
    ]
    var time = Timespan.seconds(1)
    var size = Switchable.on(Size(bytes: 1))
    var share = Share(fraction: 1)
    var rate: Rate?
    var word = Word.one
}

private struct Outer: ManifestSection {
    static let key = "outer"
    static let doc = "Outer."
    static let fields: [Field<Outer>] = [
        Field("a", \.a, doc: "A."), Field("b", \.b, doc: "B."), Field("c", \.c, doc: "C."), Field("d", \.d, doc: "D."),
        Field("e", \.e, doc: "E."), Field("f", \.f, doc: "F."),
    ]
    var a = Named<Inner>()
    var b = OneOrMore<ListenAddress>()
    var c: FilePath?
    var d: Node?
    var e: Placed<String>?
    var f: [Int] = []
}

private func check(_ range: SourceRange) {
    precondition(range.start >= 0 && range.start <= range.end && range.end <= range.source.bytes.count)
}

private func check(_ node: Node) {
    check(node.range)
    switch node.content {
    case .scalar(let scalar):
        for offset in scalar.text.bytes.indices.prefix(64) { check(scalar.text.range(offset..<offset + 1)) }
        check(scalar.text.range(0..<scalar.text.bytes.count))
    case .sequence(let items): items.prefix(64).forEach(check)
    case .mapping(let entries):
        for entry in entries.prefix(64) {
            check(entry.key.range)
            check(entry.value)
        }
    }
}

/// Values that would be structure if they could.
private let surroundings = Surroundings(
    variable: { name in ["A": "5", "B": "{{ a: b }}\n- \"", "C": ""][name].map { Array($0.utf8) } },
    file: { path, _ throws(Surroundings.Unreadable) in
        guard path.utf8.count < 4 else { throw Surroundings.Unreadable("it is not there") }
        return Array("include: [b, '*']\na: { x: ${A} }\n".utf8)
    },
    matches: { _ in ["a", "b"] })

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let source = Source(name: "fuzz", bytes: Array(UnsafeBufferPointer(start: start, count: count)))
    var findings = Findings()
    var include = Include(in: surroundings)
    var redaction = Redaction()
    let over = SetOverride.read(
        String(decoding: source.bytes, as: UTF8.self), in: surroundings, &redaction, &findings)
    if let node = include.read(source, &findings) {
        check(node)
        let outer = KeyPlaces.$known.withValue(KeyPlaces(Outer.schema)) { Outer.decode(node, &findings) }
        if let outer {
            var more = Findings()
            _ = Outer.decode(outer.written(), &more)
        }
        _ = node.laid(over: node, depth: 3, short: "a", shorts: { _ in "b" })
        if let over { check(over.laid(over: node, depth: .max)) }
    }
    redaction.add(include.redaction)
    redaction.apply(to: &findings)
    let ordered = findings.ordered()
    for finding in ordered { check(finding.range) }
    var writer = ByteWriter()
    HumanRenderer(inColour: true).render(Array(ordered.prefix(20)), to: &writer)
    JSONRenderer.render(Array(ordered.prefix(20)), to: &writer)
    return 0
}
