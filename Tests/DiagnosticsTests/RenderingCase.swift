import Diagnostics
import JSON

let unknownKey = Rule("unknown-key", summary: "a", explanation: "b", bad: "", good: "")
let oddValue = Rule("odd-value", .warning, summary: "a", explanation: "b", bad: "", good: "")

/// The first place of `word` in a text.
func place(_ word: String, in source: Source, skipping: Int = 0) -> SourceRange {
    let wanted = Array(word.utf8)
    var left = skipping
    for start in source.bytes.indices where source.bytes[start...].starts(with: wanted) {
        if left == 0 { return SourceRange(source, start, start + wanted.count) }
        left -= 1
    }
    return SourceRange(source, 0, 0)
}

func human(_ findings: [Finding], inColour: Bool = false) -> String {
    var writer = ByteWriter()
    HumanRenderer(inColour: inColour).render(findings, to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

func github(_ findings: [Finding]) -> String {
    var writer = ByteWriter()
    GitHubRenderer.render(findings, to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

func json(_ findings: [Finding]) -> String {
    var writer = ByteWriter()
    JSONRenderer.render(findings, to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}
