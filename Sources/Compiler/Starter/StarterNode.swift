import JSON

/// YAML with comments, as `radicled init` writes it.
indirect enum StarterNode {
    /// Written as it is: a number, `true`.
    case plain(String)
    /// Quoted where it must be.
    case text(String)
    /// With `{{ }}` in it.
    case template(String)
    /// - Parameter isBlock: never on one line.
    case map([Line], isBlock: Bool = false)
    case list([StarterNode])

    enum Line {
        case entry(String, StarterNode)
        case comment(String)
    }

    /// An expression alone, which keeps its type.
    static func hole(_ expression: String) -> StarterNode { .template("{{ \(expression) }}") }

    static func entries(_ entries: KeyValuePairs<String, StarterNode>) -> StarterNode {
        .map(entries.map { .entry($0.key, $0.value) })
    }

    /// Whether it is a list, or a map of nothing.
    var isListOrEmpty: Bool {
        switch self {
        case .map(let lines, _): !lines.contains(where: \.isEntry)
        case .list: true
        case .plain, .text, .template: false
        }
    }

    /// The same for those who read JSON.
    var json: String {
        switch self {
        case .plain(let text): return text
        case .text(let text), .template(let text): return Self.quoted(text)
        case .map(let lines, _):
            let members = lines.compactMap { line -> String? in
                if case .entry(let key, let value) = line { Self.quoted(key) + ": " + value.json } else { nil }
            }
            return "{" + members.joined(separator: ", ") + "}"
        case .list(let items): return "[" + items.map(\.json).joined(separator: ", ") + "]"
        }
    }

    private static func quoted(_ text: String) -> String {
        var out = ByteWriter(capacity: text.utf8.count + 2)
        out.append(jsonString: text)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    // MARK: On one line

    /// Nil for what has comments in it, or is more than a line is good for.
    var line: String? { leaves.map { $0 <= 3 } == true ? inFlow : nil }

    private var leaves: Int? {
        switch self {
        case .plain, .text, .template: return 1
        case .map(_, isBlock: true): return nil
        case .map(let lines, _):
            var count = 0
            for line in lines {
                guard case .entry(_, let value) = line, let inner = value.leaves else { return nil }
                count += inner
            }
            return count
        case .list(let items):
            var count = 0
            for item in items {
                guard let inner = item.leaves else { return nil }
                count += inner
            }
            return count
        }
    }

    private var inFlow: String {
        switch self {
        case .map(let lines, _):
            let members = lines.compactMap { line -> String? in
                guard case .entry(let key, let value) = line else { return nil }
                return YAMLWord.of(key, inFlow: true) + ": " + value.inFlow
            }
            return members.isEmpty ? "{}" : "{ " + members.joined(separator: ", ") + " }"
        case .list(let items): return "[" + items.map(\.inFlow).joined(separator: ", ") + "]"
        default: return scalar(inFlow: true)
        }
    }

    fileprivate func scalar(inFlow: Bool) -> String {
        switch self {
        case .plain(let text): text
        case .text(let text): YAMLWord.of(text, inFlow: inFlow)
        case .template(let text): Self.quoted(text)
        case .map, .list: ""
        }
    }
}

/// Lines of a manifest, each at its level.
struct StarterText {
    private(set) var text = ""
    private static let width = 100

    mutating func line(_ content: String = "", level: Int = 0) {
        text += content.isEmpty ? "\n" : String(repeating: "  ", count: level) + content + "\n"
    }

    mutating func comment(_ content: String, level: Int) {
        line(content.isEmpty ? "#" : "# " + content, level: level)
    }

    mutating func entry(_ key: String, _ node: StarterNode, level: Int) {
        value(of: YAMLWord.of(key) + ":", node, level: level)
    }

    /// What stands behind a key or a dash.
    private mutating func value(of head: String, _ node: StarterNode, level: Int) {
        switch node {
        case .plain, .text, .template: line(head + " " + node.scalar(inFlow: false), level: level)
        case _ where fits(node, behind: head, level: level): line(head + " " + (node.line ?? ""), level: level)
        case .list(let items):
            line(head, level: level)
            for item in items { self.item(item, level: level + 1) }
        case .map(let lines, _):
            guard lines.contains(where: \.isEntry) else {
                for case .comment(let comment) in lines { self.comment(comment, level: level) }
                return line(head + " {}", level: level)
            }
            line(head, level: level)
            members(lines, level: level + 1)
        }
    }

    private func fits(_ node: StarterNode, behind head: String, level: Int) -> Bool {
        guard let short = node.line else { return false }
        return 2 * level + head.utf8.count + 1 + short.utf8.count <= Self.width
    }

    mutating func members(_ lines: [StarterNode.Line], level: Int) {
        for line in lines {
            switch line {
            case .comment(let comment): self.comment(comment, level: level)
            case .entry(let key, let value): entry(key, value, level: level)
            }
        }
    }

    private mutating func item(_ node: StarterNode, level: Int) {
        guard case .map(let lines, _) = node, lines.contains(where: \.isEntry), !fits(node, behind: "-", level: level)
        else { return value(of: "-", node, level: level) }
        // Comments before the dash, which then stands before a key.
        let start = lines.prefix { !$0.isEntry }
        for case .comment(let comment) in start { self.comment(comment, level: level) }
        var inner = StarterText()
        inner.members(Array(lines.dropFirst(start.count)), level: level + 1)
        let dash = String(repeating: "  ", count: level) + "- "
        text += dash + inner.text.dropFirst(dash.utf8.count)
    }
}

extension StarterNode.Line {
    var isEntry: Bool { if case .entry = self { true } else { false } }
}
