import CEL
import Diagnostics
import JSON
import Manifests
import Protobuf

/// Lays a YAML tree out as a message of a type, and tells of all that does not fit.
struct MessageTreeBuilder {
    let codec: MessageCodec
    let scope: CompileScope

    /// A message without what stands around it; nil if it has mistakes, which are told.
    func message(
        _ node: Node, _ encoding: MessageEncoding, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        if depth > MessageCodec.maximumDepth {
            findings.report(
                MessageRules.fieldValue, "messages are nested deeper than \(MessageCodec.maximumDepth) levels",
                at: node.range)
            return nil
        }
        if let hole = hole(node) { return whole(hole, encoding, &findings) }
        switch encoding.kind {
        case .plain: break
        case .any: return any(node, encoding, depth, &findings)
        case .wrapper(let field): return one(node, field, .field, depth, &findings)
        case .structure, .listValue, .value: return tree(node, encoding, &findings)
        case .timestamp, .duration, .fieldMask: return text(node, encoding, &findings)
        }
        guard let entries = node.entries else {
            findings.wrongType(
                node, expected: "a map with the fields of `\(encoding.name)`", help: available(encoding.type))
            return nil
        }
        return fields(entries, of: encoding.type, at: node, depth, &findings)
    }

    /// The fields that are there, in the order of their numbers as generated code writes them.
    func fields(
        _ entries: [Node.Entry], of type: Int, at node: Node, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        let message = codec.pool.messages[type]
        var isWhole = true
        var made: [(number: Int32, parts: MessageParts)] = []
        var seen: [Int32: Node.Entry] = [:]
        var members: [Int: Node.Entry] = [:]
        for entry in entries {
            guard let field = field(entry, type, &findings) else {
                isWhole = false
                continue
            }
            if let first = seen.updateValue(entry, forKey: field.number) {
                findings.report(
                    MessageRules.fieldTwice, "the field `\(field.name)` is there twice, by its two names",
                    at: entry.key.range, help: "keep one of them",
                    related: [Finding.Related(first.key.range, "the first one is here")])
                isWhole = false
                continue
            }
            let encoding = FieldEncoding(codec, field)
            if let oneof = field.oneof, !message.oneofs[oneof].isSynthetic, isSurelySet(entry.value, encoding) {
                if let first = members[oneof] {
                    findings.report(
                        MessageRules.oneofTwice,
                        "`\(entry.name)` and `\(first.name)` are both of the oneof `\(message.oneofs[oneof].name)`",
                        at: entry.key.range, label: "only one of them can be set", help: "keep one of them",
                        related: [Finding.Related(first.key.range, "the first one is here")])
                    isWhole = false
                } else {
                    members[oneof] = entry
                }
            }
            if let parts = value(entry.value, encoding, depth, &findings) {
                made.append((field.number, parts))
            } else {
                isWhole = false
            }
        }
        for field in message.fields where field.isRequired && (seen[field.number].map { $0.value.isNull } ?? true) {
            findings.report(
                MessageRules.missingField, "`\(message.fullName)` needs the field `\(field.name)`", at: node.heading,
                label: "`\(field.name)` is missing", help: "add `\(field.name)`: it is required")
            isWhole = false
        }
        guard isWhole else { return nil }
        var parts = MessageParts()
        for field in made.sorted(by: { $0.number < $1.number }) { parts.append(field.parts) }
        return parts
    }

    /// A field by its name in the file or in JSON; an extension by its full name in brackets.
    private func field(_ entry: Node.Entry, _ type: Int, _ findings: inout Findings) -> FieldDescriptor? {
        let message = codec.pool.messages[type]
        let name = entry.key.text.bytes
        for field in message.fields where name.elementsEqual(field.name.utf8) { return field }
        for field in message.fields where name.elementsEqual(field.jsonName.utf8) { return field }
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
            let full = String(decoding: name.dropFirst().dropLast(), as: UTF8.self)
            if let field = codec.pool.extensionField(named: full), field.container == type { return field }
        }
        let nearest = Suggest.nearest(entry.name, among: message.fields.map(\.name) + message.fields.map(\.jsonName))
        findings.report(
            MessageRules.unknownField, "`\(message.fullName)` has no field `\(entry.key.shortText)`",
            at: entry.key.range, label: "not a field of `\(message.fullName)`",
            help: nearest.map { "did you mean `\($0)`?" } ?? available(type), suggestion: nearest)
        return nil
    }

    func available(_ type: Int) -> String {
        let message = codec.pool.messages[type]
        if message.fields.isEmpty { return "`\(message.fullName)` has no fields: write `{}`" }
        return "the fields of `\(message.fullName)` are "
            + message.fields.map { "`\($0.name)`" }.joined(separator: ", ")
    }

    /// Whether no call leaves it unset.
    private func isSurelySet(_ node: Node, _ field: FieldEncoding) -> Bool {
        if node.isNull { return field.takesNull }
        // What is wrong with it is told when it is checked for good.
        var untold = Findings()
        guard let hole = hole(node), let program = scope.check(hole, &untold) else { return true }
        switch program.type {
        case .optional, .null: return false
        default: return true
        }
    }

    /// The expression of a text that is one hole.
    func hole(_ node: Node) -> Expression? {
        guard let scalar = node.scalar, scalar.isText else { return nil }
        var untold = Findings()
        return Template.parse(scalar.text, &untold)?.single
    }

    // MARK: Values

    /// A field with its tag.
    private func value(
        _ node: Node, _ field: FieldEncoding, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        if node.isNull, !field.takesNull || field.isRepeated { return MessageParts() }
        guard field.isRepeated else { return one(node, field, .field, depth, &findings) }
        if let hole = hole(node) { return self.hole(hole, field, .field, &findings) }
        if let entry = field.entry { return map(node, field, entry, depth, &findings) }
        guard let items = node.items else {
            findings.wrongType(
                node, expected: "a list for the field `\(field.name)`, which is \(field.inWords)",
                help: "write `- ` before each item, or `[ ]` around them")
            return nil
        }
        var parts = MessageParts()
        var isWhole = true
        for item in items {
            if let made = one(item, field, field.isPacked ? .packed : .item, depth, &findings) {
                parts.append(made)
            } else {
                isWhole = false
            }
        }
        guard isWhole else { return nil }
        if !field.isPacked || parts.pieces.isEmpty { return parts }
        return parts.wrapped(field.packedTag)
    }

    private func map(
        _ node: Node, _ field: FieldEncoding, _ entry: FieldEncoding.Entry, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        guard let entries = node.entries else {
            findings.wrongType(
                node, expected: "a map for the field `\(field.name)`, which is \(field.inWords)",
                help: "write a key and its value on each line, or `{}` for none")
            return nil
        }
        var parts = MessageParts()
        var isWhole = true
        for member in entries {
            let key = Wire.bytes { out in
                if entry.key.writeKey(.string(member.name), &out) != nil { out.clear() }
            }
            if key.isEmpty {
                findings.report(
                    MessageRules.fieldValue,
                    "`\(member.key.shortText)` is no key of `\(field.name)`, whose keys are \(entry.key.typeName)",
                    at: member.key.range, label: "expected \(entry.key.single)")
                isWhole = false
            }
            guard let value = one(member.value, entry.value, .item, depth, &findings) else {
                isWhole = false
                continue
            }
            // A hole that gives nothing, ever: any value would be a tag at least.
            if value.constant == [] { continue }
            var inner = MessageParts()
            inner.append(key)
            inner.append(value)
            if inner.constant != nil {
                parts.append(inner.wrapped(field.tag))
            } else {
                parts.append(NestedPiece(field.tag, inner.pieces, isOptional: true))
            }
        }
        return isWhole ? parts : nil
    }
}
