package import Diagnostics

/// A value of a YAML document with its place in the file. Immutable; aliases share it.
package final class Node: Sendable {
    package enum Content: Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
    }

    /// A key with its value. Keys are always scalars, unique by their bytes, in the order of the file.
    package struct Entry: Sendable {
        package let key: Scalar
        package let value: Node

        package init(_ key: Scalar, _ value: Node) {
            self.key = key
            self.value = value
        }

        package var name: String { key.text.string }
    }

    package let content: Content
    /// From the first byte to behind the last; for a value that is not written, the empty place where it would stand.
    package let range: SourceRange
    /// How many nodes this is with every alias written out; saturates. The reader refuses documents over its limit.
    package let weight: Int
    /// The key whose value this is, where it is a map's.
    package let holder: SourceRange?

    package init(_ content: Content, at range: SourceRange, under holder: SourceRange? = nil) {
        self.content = content
        self.range = range
        self.holder = holder
        var weight = 1
        func add(_ more: Int) { weight = weight.addingReportingOverflow(more).overflow ? Int.max : weight + more }
        switch content {
        case .scalar: break
        case .sequence(let items):
            for item in items { add(item.weight) }
        case .mapping(let entries):
            for entry in entries {
                add(1)
                add(entry.value.weight)
            }
        }
        self.weight = weight
    }

    package convenience init(_ scalar: Scalar) {
        self.init(.scalar(scalar), at: scalar.text.whole)
    }

    package var scalar: Scalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
    package var items: [Node]? { if case .sequence(let items) = content { items } else { nil } }
    package var entries: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }

    /// Nothing written, `null` or `~`.
    package var isNull: Bool { scalar?.value == .null }
    /// `off`, or `false` as tools on YAML 1.1 write it. Quoted text is text.
    package var isOff: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return scalar.value == .bool(false) || scalar.text.bytes.elementsEqual("off".utf8)
    }

    package func entry(_ name: String) -> Entry? {
        entries?.first { $0.key.text.bytes.elementsEqual(name.utf8) }
    }

    /// The value of a key, if this is a mapping that has it.
    package subscript(_ name: String) -> Node? { entry(name)?.value }

    /// What a message calls it: `a list`, `a map`, `nothing`.
    package var inWords: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a map"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: "nothing"
            case .bool: "`\(scalar.shortText)`"
            case .int, .float: "the number `\(scalar.shortText)`"
            case .string where scalar.text.bytes.isEmpty: "an empty string"
            // What would be a number without its quotes.
            case .string where scalar.style != .plain && CoreSchema.resolve(scalar.text.bytes) != .string:
                "the string `\(scalar.shortText)`"
            case .string: "`\(scalar.shortText)`"
            }
        }
    }
}

/// A scalar: its decoded text with places, how it was written, and what the YAML 1.2 core schema makes of it.
package struct Scalar: Sendable {
    package enum Style: Sendable {
        case plain
        case single
        case double
        case literal
        case folded
    }

    package let text: PlacedText
    package let style: Style
    package let value: ScalarValue

    package init(_ text: PlacedText, style: Style, value: ScalarValue) {
        self.text = text
        self.style = style
        self.value = value
    }

    package var range: SourceRange { text.whole }

    /// False if something was put in the place of a `${…}`. Messages show neither that nor what they derive from it.
    package var isAsWritten: Bool { text.insertions.isEmpty }

    /// The scalar with each `${…}` as the file has it.
    var withoutReplacement: Scalar {
        isAsWritten ? self : Scalar(PlacedText(asWritten, whole: range, runs: []), style: style, value: .string)
    }

    /// The text as a message shows it: the first line, cut, a `${…}` as the file has it.
    package var shortText: String {
        let line = asWritten.prefix { $0 != 0x0A }
        let text = String(decoding: line, as: UTF8.self)
        return text.count > 40 ? String(text.prefix(39)) + "…" : text
    }

    /// The text, each `${…}` as the file has it.
    package var asWritten: [UInt8] {
        guard !isAsWritten else { return text.bytes }
        let written = Array(range.source.bytes[range.start..<range.end])
        return style == .single || style == .double ? Array(written.dropFirst().dropLast()) : written
    }
}

extension Node {
    /// Where values stand that no file says: defaults, what is written back.
    package static let nowhere = Source(name: "built in", bytes: [])

    /// A string that decodes as one.
    package convenience init(string: String) {
        self.init(Self.unplaced(string, style: .double, value: .string))
    }

    /// A plain scalar, resolved as if a file said it.
    package convenience init(plain: String) {
        self.init(Self.unplaced(plain, style: .plain, value: CoreSchema.resolve(Array(plain.utf8))))
    }

    package convenience init(items: [Node]) {
        self.init(.sequence(items), at: SourceRange(Self.nowhere, 0, 0))
    }

    package convenience init(map: [(String, Node)]) {
        let entries = map.map { Entry(Self.unplaced($0.0, style: .double, value: .string), $0.1) }
        self.init(.mapping(entries), at: SourceRange(Self.nowhere, 0, 0))
    }

    package static var null: Node { Node(plain: "null") }

    private static func unplaced(_ text: String, style: Scalar.Style, value: ScalarValue) -> Scalar {
        let text = PlacedText(Array(text.utf8), whole: SourceRange(nowhere, 0, 0), runs: [])
        return Scalar(text, style: style, value: value)
    }
}
