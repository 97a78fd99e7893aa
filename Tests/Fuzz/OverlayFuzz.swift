import Diagnostics
import JSON
import Manifests

// Two manifests, the second behind a byte 1E and laid over the first, with what `${…}` stands for in both. To lay it over
// once more changes nothing, each of its keys is there, and every place lies in the file that it names.

private let surroundings = Surroundings(
    variable: { name in ["A": "5", "B": "{{ a: b }}\n- \"", "C": "", "D": "\u{E9}\u{0}"][name].map { Array($0.utf8) } },
    file: { path, _ throws(Surroundings.Unreadable) in
        guard path.utf8.count < 4 else { throw Surroundings.Unreadable("it is not there") }
        return Array("secret\r\n".utf8)
    },
    matches: { _ in [] })

private func isSame(_ a: Node, _ b: Node) -> Bool {
    switch (a.content, b.content) {
    case (.scalar(let a), .scalar(let b)): a.text.bytes == b.text.bytes && a.value == b.value
    case (.sequence(let a), .sequence(let b)): a.elementsEqual(b, by: isSame)
    case (.mapping(let a), .mapping(let b)):
        a.elementsEqual(b) { $0.key.text.bytes == $1.key.text.bytes && isSame($0.value, $1.value) }
    default: false
    }
}

private func check(_ node: Node) {
    precondition(node.range.start >= 0 && node.range.end <= node.range.source.bytes.count)
    switch node.content {
    case .scalar(let scalar):
        for offset in scalar.text.bytes.indices.prefix(64) {
            let range = scalar.text.range(offset..<offset + 1)
            precondition(range.start >= 0 && range.start <= range.end && range.end <= range.source.bytes.count)
        }
        // A value never becomes structure, whatever stands in it.
        precondition(scalar.text.insertions.allSatisfy { $0.text.upperBound <= scalar.text.bytes.count })
    case .sequence(let items): items.prefix(64).forEach(check)
    case .mapping(let entries): entries.prefix(64).forEach { check($0.value) }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOverlay(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
    let parts = input.split(separator: 0x1E, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 2 else { return 0 }
    var findings = Findings()
    func read(_ bytes: [UInt8], _ name: String) -> Node? {
        YAMLReader.read(Source(name: name, bytes: bytes), in: surroundings, &findings)
    }
    let base = read(parts[0], "base")
    let over = read(parts[1], "over")
    for finding in findings.ordered() {
        precondition(finding.range.start >= 0 && finding.range.end <= finding.range.source.bytes.count)
    }
    guard let base, let over else { return 0 }
    let whole = over.laid(over: base, depth: .max)
    check(whole)
    precondition(isSame(over.laid(over: whole, depth: .max), whole), "laid over twice it is another")
    precondition(isSame(whole.laid(over: whole, depth: .max), whole), "laid over itself it is another")
    for entry in over.entries ?? [] {
        precondition(whole.entries?.contains { $0.key.text.bytes == entry.key.text.bytes } == true, "a key is lost")
    }
    return 0
}
