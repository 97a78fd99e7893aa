import Diagnostics

/// The anchor and the tag of a node, and where its content starts behind them.
struct NodeProperties {
    let anchor: [UInt8]?
    private let tag: [UInt8]?
    private let tagStart: Int
    private let tagEnd: Int
    /// Where the content starts.
    let end: Int

    init(_ text: [UInt8], from start: Int, _ anchor: UnsafePointer<UInt8>?, _ tag: UnsafePointer<UInt8>?) {
        self.anchor = cString(anchor)
        self.tag = cString(tag)
        var at = start
        var tagRange = (start, start)
        var left = (anchor == nil ? 0 : 1) + (tag == nil ? 0 : 1)
        while left > 0, at < text.count {
            switch text[at] {
            case UInt8(ascii: "&"), UInt8(ascii: "!"):
                let from = at
                // In a flow collection a comma or bracket may follow an anchor or tag at once.
                while at < text.count, !Self.ends.contains(text[at]) { at += 1 }
                if text[from] == UInt8(ascii: "!") { tagRange = (from, at) }
                left -= 1
            case UInt8(ascii: "#"):
                while at < text.count, text[at] != 0x0A, text[at] != 0x0D { at += 1 }
            default: at += 1
            }
        }
        var content = at
        skipping: while tag != nil || anchor != nil, content < text.count {
            switch text[content] {
            case 0x20, 0x09, 0x0A, 0x0D: content += 1
            case UInt8(ascii: "#"):
                while content < text.count, text[content] != 0x0A, text[content] != 0x0D { content += 1 }
            default: break skipping
            }
        }
        (tagStart, tagEnd) = tagRange
        end = content
    }

    private static let ends = Set(" \t\r\n,[]{}".utf8)
    private static let prefix = Array("tag:yaml.org,2002:".utf8)

    func checkTag(_ allowed: String, _ findings: inout Findings, _ place: (Int, Int) -> SourceRange) {
        guard let tag, !tag.elementsEqual(allowed.utf8), tag != [UInt8(ascii: "!")] else { return }
        reportTag(&findings, place, isKnown: tag.starts(with: Self.prefix))
    }

    /// What a scalar with this tag is.
    func resolve(
        _ text: [UInt8], _ plain: ScalarValue, _ findings: inout Findings, _ place: (Int, Int) -> SourceRange
    ) -> ScalarValue {
        guard let tag else { return plain }
        if tag == [UInt8(ascii: "!")] { return .string }
        let name =
            tag.starts(with: Self.prefix) ? String(decoding: tag.dropFirst(Self.prefix.count), as: UTF8.self) : ""
        let value = CoreSchema.resolve(text)
        switch (name, value) {
        case ("str", _): return .string
        case ("null", .null), ("bool", .bool), ("int", .int), ("float", .float): return value
        case ("float", .int(let int)): return .float(Double(int))
        default:
            let isKnown = ["null", "bool", "int", "float"].contains(name)
            reportTag(&findings, place, isKnown: isKnown)
            return plain
        }
    }

    private func reportTag(_ findings: inout Findings, _ place: (Int, Int) -> SourceRange, isKnown: Bool) {
        findings.report(
            YAMLRules.tag, isKnown ? "this tag does not fit what follows it" : "this tag is not known",
            at: place(tagStart, tagEnd),
            help: isKnown
                ? "remove it"
                : "YAML has no such tag: a file is named by a key, as in `template: { file: page.html }`; text that starts with `!` goes in quotes"
        )
    }
}
