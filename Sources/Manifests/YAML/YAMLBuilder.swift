import CLibYAML
import Diagnostics

/// Builds the tree from libyaml's events, without recursion.
struct YAMLBuilder {
    struct Result {
        var node: Node?
        /// The text is no YAML, or breaks a limit.
        var failed = false
        /// It is not worth another look: too large, too deep, too many mistakes.
        var isOverLimit = false
    }

    /// A collection that is still open.
    private struct Frame {
        let start: Int
        let isFlow: Bool
        let anchor: [UInt8]?
        var items: [Node] = []
        /// Nil for a sequence.
        var mapping: MappingBuilder?
    }

    private let source: Source
    private let repair: Repair
    private let scalars: ScalarText
    private let offsets: CharacterOffsets
    private var frames: [Frame] = []
    private var root: Node?
    private var anchors: [[UInt8]: Node] = [:]
    private var nodes = 0
    /// Where the last node ended, for collections without a closing bracket.
    private var lastEnd = 0
    private var environment: Environment?
    private let mayBeNothing: Bool

    /// - Parameters:
    ///   - mayBeNothing: whether there may be no value at all.
    ///   - environment: what replaces `${…}` in values; nil leaves them as they are.
    init(_ source: Source, _ repair: Repair, mayBeNothing: Bool, _ environment: Environment?) {
        self.source = source
        self.mayBeNothing = mayBeNothing
        self.environment = environment
        self.repair = repair
        self.scalars = ScalarText(source: source, repair: repair)
        self.offsets = CharacterOffsets(repair.text)
    }

    private func place(_ start: Int, _ end: Int) -> SourceRange {
        let from = repair.original(start)
        return SourceRange(source, from, max(from, repair.originalEnd(end)))
    }

    // MARK: The loop over events

    mutating func build(_ findings: inout Findings) -> Result {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { return Result(failed: true) }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        let text = repair.text
        return text.withUnsafeBufferPointer { input in
            // libyaml keeps the pointer: an empty buffer may have none.
            var nothing: UInt8 = 0
            return withUnsafePointer(to: &nothing) { empty in
                yaml_parser_set_input_string(&parser, input.baseAddress ?? empty, input.count)
                return run(&parser, &findings)
            }
        }
    }

    private mutating func run(_ parser: inout yaml_parser_t, _ findings: inout Findings) -> Result {
        var documents = 0
        let before = findings.count
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else {
                let error = YAMLSyntaxError(parser, offsets)
                findings.report(error.finding(in: repair.text) { place($0, $1) })
                return Result(failed: true)
            }
            defer { yaml_event_delete(&event) }
            let start = offsets[event.start_mark.index]
            let end = offsets[event.end_mark.index]
            switch event.type {
            case YAML_DOCUMENT_START_EVENT:
                documents += 1
                if documents == 2 {
                    findings.report(
                        YAMLRules.documents, "a manifest is one document", at: place(start, end),
                        label: "a second one starts here",
                        help: repair.text[min(end, repair.text.count)...].allSatisfy {
                            [0x0A, 0x0D, 0x20, 0x09].contains($0)
                        }
                            ? "remove the line `---`" : "put what follows into a file of its own")
                    return finish(&findings)
                }
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
                return finish(&findings)
            default:
                accept(event, start, end, &findings)
                if let broken = brokenLimit(findings.count - before) {
                    findings.report(
                        YAMLRules.limit, broken, at: place(start, end), help: "write it flatter, or in several files")
                    return Result(failed: true, isOverLimit: true)
                }
            }
        }
    }

    private func brokenLimit(_ mistakes: Int) -> String? {
        if mistakes > 1000 { return "more than 1000 mistakes" }
        if frames.count > YAMLReader.maximumDepth { return "nested more than \(YAMLReader.maximumDepth) deep" }
        if nodes > YAMLReader.maximumNodes {
            return "more than \(YAMLReader.maximumNodes) values, with aliases written out"
        }
        return nil
    }

    private func finish(_ findings: inout Findings) -> Result {
        if let root, mayBeNothing || !root.isNull { return Result(node: root) }
        if mayBeNothing { return Result(node: Node(.scalar(nothing), at: nothing.range)) }
        findings.report(
            YAMLRules.empty, "there is no manifest in the file", at: SourceRange(source, 0, 0),
            help: "begin with `radicle: 1`")
        return Result(node: nil)
    }

    private mutating func accept(_ event: yaml_event_t, _ start: Int, _ end: Int, _ findings: inout Findings) {
        switch event.type {
        case YAML_SCALAR_EVENT: scalar(event, start, end, &findings)
        case YAML_ALIAS_EVENT: alias(event, start, end, &findings)
        case YAML_SEQUENCE_START_EVENT:
            let data = event.data.sequence_start
            let properties = NodeProperties(repair.text, from: start, data.anchor, data.tag)
            properties.checkTag("tag:yaml.org,2002:seq", &findings) { place($0, $1) }
            frames.append(
                Frame(
                    start: properties.end, isFlow: data.style == YAML_FLOW_SEQUENCE_STYLE, anchor: properties.anchor))
        case YAML_MAPPING_START_EVENT:
            let data = event.data.mapping_start
            let properties = NodeProperties(repair.text, from: start, data.anchor, data.tag)
            properties.checkTag("tag:yaml.org,2002:map", &findings) { place($0, $1) }
            frames.append(
                Frame(
                    start: properties.end, isFlow: data.style == YAML_FLOW_MAPPING_STYLE, anchor: properties.anchor,
                    mapping: MappingBuilder()))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: close(end, &findings)
        default: break
        }
    }

    // MARK: Nodes

    private mutating func scalar(_ event: yaml_event_t, _ start: Int, _ end: Int, _ findings: inout Findings) {
        let data = event.data.scalar
        let value = Array(UnsafeBufferPointer(start: data.value, count: data.length))
        let style: Scalar.Style =
            switch data.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .single
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .double
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        if style == .plain, value.isEmpty, data.anchor == nil, data.tag == nil, dropBareKey(start, &findings) { return }
        let properties = NodeProperties(repair.text, from: start, data.anchor, data.tag)
        var text = scalars.placed(value, style: style, min(properties.end, end)..<end)
        // Keys stay as they are.
        if frames.last?.mapping?.expectsKey != true, let replaced = environment?.replaced(text, &findings) {
            text = replaced
        }
        var tagged = ScalarValue.string
        // What is not known could be of any kind.
        if text.insertions.allSatisfy(\.isKnown) {
            let resolved = style == .plain ? CoreSchema.resolve(text.bytes) : .string
            tagged = properties.resolve(text.bytes, resolved, &findings) { place($0, $1) }
        }
        lastEnd = max(end, properties.end)
        add(Node(Scalar(text, style: style, value: tagged)), cost: 1, anchor: properties.anchor, &findings)
    }

    /// An empty value, where there would be one.
    private var nothing: Scalar {
        let end = place(repair.text.count, repair.text.count)
        return Scalar(PlacedText([], whole: end, runs: []), style: .plain, value: .null)
    }

    /// `{ m: Hello, world }` is a map with the key `world` to YAML, which nobody means.
    private mutating func dropBareKey(_ start: Int, _ findings: inout Findings) -> Bool {
        guard let frame = frames.last, frame.isFlow, let key = frame.mapping?.openKey,
            !repair.text[min(lastEnd, start)..<start].contains(UInt8(ascii: ":"))
        else { return false }
        // `{ text:hi }` has a key without a value as well.
        let text = key.text.bytes
        if key.style == .plain, let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < text.count {
            let meant = String(decoding: text[...colon] + [0x20] + text[(colon + 1)...], as: UTF8.self)
            findings.report(
                YAMLRules.syntax, "a `:` needs a space after it", at: key.range, help: "write `\(meant)`",
                suggestion: meant)
        } else {
            let before = key.range.source.bytes[..<key.range.start].last { ![0x0A, 0x0D, 0x20, 0x09].contains($0) }
            // Without a comma before it, it is not the rest of a text.
            let meant = before == UInt8(ascii: ",") || key.style != .plain ? nil : Self.withColon(key.text.string)
            findings.report(
                YAMLRules.comma, "`\(key.shortText)` has no `:`", at: key.range,
                help: meant.map { "write `\($0)`" } ?? "write `key: value`; text that has a comma in it needs quotes")
        }
        frames[frames.count - 1].mapping?.dropKey()
        return true
    }

    /// `text hi` as `text: hi`.
    private static func withColon(_ text: String) -> String? {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard text.utf8.count <= 40, let name = parts.first, !text.contains(where: \.isNewline) else { return nil }
        return parts.count == 1 ? "\(name):" : "\(name): \(parts[1])"
    }

    private mutating func alias(_ event: yaml_event_t, _ start: Int, _ end: Int, _ findings: inout Findings) {
        let name = cString(event.data.alias.anchor) ?? []
        lastEnd = end
        if let node = anchors[name] { return add(node, cost: node.weight, anchor: nil, &findings) }
        let shown = String(decoding: name, as: UTF8.self)
        // With very many anchors a search for each alias would take too long.
        let known = anchors.count > 100 ? [] : anchors.keys.map { String(decoding: $0, as: UTF8.self) }.sorted()
        let nearest = Suggest.nearest(shown, among: known)
        findings.report(
            YAMLRules.alias, "`*\(shown)` refers to an anchor that is not there", at: place(start, end),
            label: "no `&\(shown)` stands above",
            help: nearest.map { "did you mean `*\($0)`?" }
                ?? "mark the value above with `&\(shown)`, or put text in quotes",
            suggestion: nearest.map { "*\($0)" } ?? "\"*\(shown)\"")
        // Go on as if it were text, so that one mistake is told once.
        let text = PlacedText(Array("*".utf8) + name, whole: place(start, end), runs: [])
        add(Node(Scalar(text, style: .plain, value: .string)), cost: 1, anchor: nil, &findings)
    }

    private mutating func close(_ end: Int, _ findings: inout Findings) {
        guard let frame = frames.popLast() else { return }
        if frame.isFlow { lastEnd = end }
        // A block collection ends with the last thing in it, without the breaks and blanks behind.
        var last = min(lastEnd, repair.text.count)
        while last > frame.start, [0x0A, 0x0D, 0x20, 0x09].contains(repair.text[last - 1]) { last -= 1 }
        let range = place(frame.start, max(frame.start, last))
        let content: Node.Content =
            if let mapping = frame.mapping { .mapping(mapping.merged(&findings)) } else { .sequence(frame.items) }
        add(Node(content, at: range), cost: 1, anchor: frame.anchor, &findings)
    }

    /// Puts a node where it belongs.
    private mutating func add(_ node: Node, cost: Int, anchor: [UInt8]?, _ findings: inout Findings) {
        nodes = min(nodes, YAMLReader.maximumNodes) + min(cost, YAMLReader.maximumNodes + 1)
        if let anchor { anchors[anchor] = node }
        guard !frames.isEmpty else {
            root = node
            return
        }
        let top = frames.count - 1
        if frames[top].mapping == nil {
            frames[top].items.append(node)
        } else {
            frames[top].mapping?.add(node, &findings)
        }
    }
}

/// The bytes of a C string that libyaml gives, nil for none.
func cString(_ pointer: UnsafePointer<UInt8>?) -> [UInt8]? {
    guard let pointer else { return nil }
    var count = 0
    while pointer[count] != 0 { count += 1 }
    return Array(UnsafeBufferPointer(start: pointer, count: count))
}

/// libyaml counts characters, places count bytes.
struct CharacterOffsets {
    private let count: Int
    /// Where each character starts; empty if all are ASCII.
    private let starts: [Int32]

    init(_ text: [UInt8]) {
        count = text.count
        if text.allSatisfy({ $0 < 0x80 }) {
            starts = []
        } else {
            starts = text.indices.lazy.filter { text[$0] & 0xC0 != 0x80 }.map { Int32(truncatingIfNeeded: $0) }
        }
    }

    subscript(_ index: Int) -> Int {
        if starts.isEmpty { return min(index, count) }
        return index < starts.count ? Int(starts[index]) : count
    }
}
