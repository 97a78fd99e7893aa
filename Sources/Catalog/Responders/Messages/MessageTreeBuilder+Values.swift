import CEL
import Diagnostics
import JSON
import Manifests
import Protobuf

extension MessageTreeBuilder {
    /// Where one value stands.
    enum Position {
        /// Alone: a default without presence is left out.
        case field
        /// In a list or a map.
        case item
        /// In a list without tags.
        case packed
    }

    /// One value of a field.
    func one(
        _ node: Node, _ field: FieldEncoding, _ position: Position, _ depth: Int, _ findings: inout Findings
    ) -> MessageParts? {
        if node.isNull, !field.takesNull {
            if position == .field { return MessageParts() }
            findings.wrongType(node, expected: "\(field.single) for `\(field.name)`")
            return nil
        }
        guard let scalar = node.scalar else {
            if let message = field.message {
                return self.message(node, message, depth + 1, &findings)?.wrapped(field.tag, endTag: field.endTag)
            }
            findings.wrongType(
                node, expected: "\(field.single) for the field `\(field.name)`, which is \(field.typeName)")
            return nil
        }
        guard scalar.isText else { return literal(node, scalar, field, position, depth, &findings) }
        guard let template = Template.parse(scalar.text, &findings) else { return nil }
        if let single = template.single { return hole(single, field, position, &findings) }
        if template.literal != nil { return literal(node, scalar, field, position, depth, &findings) }
        return text(template, field, position, &findings)
    }

    /// An expression, which keeps its type.
    func hole(
        _ expression: Expression, _ field: FieldEncoding, _ position: Position, _ findings: inout Findings
    ) -> MessageParts? {
        guard let program = scope.check(expression, &findings) else { return nil }
        let fits = position == .field ? field.accepts(program.type) : field.acceptsOne(program.type)
        guard fits else {
            let type = position == .field ? field.inWords : field.typeName
            findings.report(
                ExpressionRules.typeMismatch, "the field `\(field.name)` is \(type), found \(program.type)",
                at: expression.text.whole, help: field.help(from: program.type))
            return nil
        }
        let target: HolePiece.Target =
            switch position {
            case .field: .field(field)
            case .item: .one(field)
            case .packed: .payload(field)
            }
        var parts = MessageParts()
        if let constant = program.constant {
            guard let bytes = fixed(constant, target, expression, &findings) else { return nil }
            parts.append(bytes)
        } else if field.type == .string, program.type == .string || program.type == .optional(.string) {
            // Lists have been told apart by their type.
            parts.append(TextFieldPiece(field, .hole(program), keepsZero: position == .item || field.hasPresence))
        } else {
            parts.append(HolePiece(target, program))
        }
        return parts
    }

    /// A whole message from an expression.
    func whole(
        _ expression: Expression, _ message: MessageEncoding, _ findings: inout Findings
    ) -> MessageParts? {
        guard let program = scope.check(expression, &findings) else { return nil }
        guard message.accepts(program.type) else {
            findings.report(
                ExpressionRules.typeMismatch, "the message is a `\(message.name)`, found \(program.type)",
                at: expression.text.whole, help: "\(message.inWords) is expected")
            return nil
        }
        var parts = MessageParts()
        if let constant = program.constant {
            guard let bytes = fixed(constant, .message(message), expression, &findings) else { return nil }
            parts.append(bytes)
        } else {
            parts.append(HolePiece(.message(message), program))
        }
        return parts
    }

    /// What an expression always gives, encoded.
    private func fixed(
        _ constant: Value, _ target: HolePiece.Target, _ expression: Expression, _ findings: inout Findings
    ) -> [UInt8]? {
        var out = ByteWriter(capacity: 64)
        if case .failed(let error) = HolePiece.write(constant, target, &out) {
            findings.report(
                ExpressionRules.constantFailure, "this always fails: \(error.message)", at: expression.text.whole,
                help: "it reads nothing of the call: change the expression")
            return nil
        }
        return Array(out.bytes)
    }

    /// Text with holes.
    private func text(
        _ template: Template, _ field: FieldEncoding, _ position: Position, _ findings: inout Findings
    ) -> MessageParts? {
        guard let program = scope.check(template, .plain, &findings) else { return nil }
        guard field.acceptsOne(.string) else {
            findings.report(
                ExpressionRules.typeMismatch, "the field `\(field.name)` is \(field.typeName), found text",
                at: template.text.whole, help: "leave one `{{ }}` and nothing else, which keeps its type")
            return nil
        }
        let keepsZero = position == .item || field.hasPresence
        var parts = MessageParts()
        if let constant = program.constant {
            let value = Value.string(String(decoding: constant, as: UTF8.self))
            var out = ByteWriter(capacity: 64)
            if let error = position == .packed
                ? field.writePayload(value, &out) : field.writeOne(value, keepsZero: keepsZero, &out)
            {
                findings.report(MessageRules.fieldValue, error.message, at: template.text.whole)
                return nil
            }
            parts.append(Array(out.bytes))
        } else if field.type == .string {
            parts.append(TextFieldPiece(field, .template(program), keepsZero: keepsZero))
        } else {
            let isSecret = template.holes.contains { hole in
                var untold = Findings()
                return scope.check(hole, &untold)?.readsSecret ?? true
            }
            parts.append(
                ReadTextPiece(
                    field, program, isSecret: isSecret, keepsZero: keepsZero, hasTag: position != .packed))
        }
        return parts
    }
}
