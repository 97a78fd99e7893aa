import CEL
import Diagnostics
import JSON
import Manifests

/// A YAML tree as JSON: literal bytes with holes between, laid out when the plan is made.
///
/// What holes give is encoded, so the output is valid JSON whatever a client sends.
final class JSONTree: Sendable {
    typealias Failure = (EvaluationError, readsClient: Bool)

    private let pieces: FixedList<any JSONPiece>
    /// Whether some hole reads what the client sent, and whether one reads what nobody may be told of.
    let readsClient: Bool
    let readsSecret: Bool

    init(_ node: Node, _ scope: CompileScope, _ findings: inout Findings) {
        var builder = Builder(scope: scope)
        builder.add(node, &findings)
        builder.flush()
        pieces = FixedList(builder.pieces)
        readsClient = builder.readsClient
        readsSecret = builder.readsSecret
    }

    /// Writes the JSON; on failure what went wrong, and whether the client is to blame.
    func write(_ context: Context, _ out: inout ByteWriter) -> Failure? {
        let start = out.count
        for index in 0..<pieces.count {
            if let failure = pieces.with(index, { $0.write(context, &out) }) { return failure }
            if out.count - start > Self.limit {
                return (EvaluationError("the answer would be larger than 1 MiB"), false)
            }
        }
        return nil
    }

    /// What a template may write: room for any answer that is written down, and no bomb.
    private static let limit = 1024 * 1024

    private struct Builder: ~Copyable {
        let scope: CompileScope
        var pieces: [any JSONPiece] = []
        var literal = ByteWriter(capacity: 256)
        var readsClient = false
        var readsSecret = false

        init(scope: CompileScope) { self.scope = scope }

        mutating func flush() {
            if literal.count > 0 { pieces.append(LiteralPiece(Array(literal.bytes))) }
            literal.clear()
        }

        mutating func add(_ node: Node, _ findings: inout Findings) {
            switch node.content {
            case .scalar(let scalar):
                if scalar.isText {
                    if let template = Template.parse(scalar.text, &findings) { add(template, &findings) }
                } else {
                    add(literalOf: scalar)
                }
            case .sequence(let items):
                literal.append("[")
                add(items.map { (key: nil, value: $0) }, &findings)
                literal.append("]")
            case .mapping(let entries):
                literal.append("{")
                add(entries.map { (key: $0.name, value: $0.value) }, &findings)
                literal.append("}")
            }
        }

        private mutating func add(_ members: [(key: String?, value: Node)], _ findings: inout Findings) {
            // Once a member may be missing, whether the next one needs a comma is known only when it is written.
            var isSure = true
            for (index, member) in members.enumerated() {
                var key = ByteWriter(capacity: 64)
                if let name = member.key {
                    key.append(jsonString: name)
                    key.append(":")
                }
                var template: Template?
                if let scalar = member.value.scalar, scalar.isText {
                    template = Template.parse(scalar.text, &findings)
                    // It is told, and nothing is built of a tree with a mistake.
                    if template == nil { continue }
                }
                if let template, let program = optional(template) {
                    flush()
                    readsClient = readsClient || program.readsClient
                    readsSecret = readsSecret || program.readsSecret
                    pieces.append(OptionalPiece(key: Array(key.bytes), program))
                    isSure = false
                    continue
                }
                if isSure {
                    if index > 0 { literal.append(",") }
                } else {
                    flush()
                    pieces.append(CommaPiece())
                    isSure = true
                }
                literal.append(key.bytes)
                if let template {
                    add(template, &findings)
                } else {
                    add(member.value, &findings)
                }
            }
        }

        /// The program of a value that may be absent.
        private func optional(_ template: Template) -> Program? {
            // What is wrong with it is said when it is added for good.
            var told = Findings()
            guard let single = template.single, let program = scope.check(single, &told) else { return nil }
            switch program.type {
            case .optional, .dyn: return program
            default: return nil
            }
        }

        private mutating func add(_ template: Template, _ findings: inout Findings) {
            guard let program = scope.check(template, .jsonString, &findings) else { return }
            readsClient = readsClient || program.readsClient
            readsSecret = readsSecret || program.readsSecret
            if let single = program.single {
                flush()
                pieces.append(ValuePiece(single))
            } else if let constant = program.constant {
                literal.append("\"")
                literal.append(constant)
                literal.append("\"")
            } else {
                literal.append("\"")
                flush()
                pieces.append(TextPiece(program))
                literal.append("\"")
            }
        }

        private mutating func add(literalOf scalar: Scalar) {
            switch scalar.value {
            case .null: literal.append("null")
            case .bool(let value): literal.append(value ? "true" : "false")
            case .int(let value): literal.append(decimal: Int(value))
            case .float(let value): literal.append(jsonNumber: value)
            case .string: break
            }
        }
    }
}

/// A part of the tree as it is run through for each call.
private protocol JSONPiece: AnyObject, Sendable {
    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure?
}

private final class LiteralPiece: JSONPiece {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure? {
        out.append(bytes)
        return nil
    }
}

/// A string with holes; its quotes are in the literals around it.
private final class TextPiece: JSONPiece {
    private let program: TemplateProgram

    init(_ program: TemplateProgram) { self.program = program }

    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure? {
        program.write(context, &out).map { ($0, program.readsClient) }
    }
}

/// One hole, which keeps its type.
private final class ValuePiece: JSONPiece {
    private let program: Program

    init(_ program: Program) { self.program = program }

    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure? {
        switch program.writeJSON(context, &out) {
        case .written: return nil
        case .absent:
            out.append("null")
            return nil
        case .failed(let error): return (error, program.readsClient)
        }
    }
}

/// A key whose value is one hole: left out, comma and all, if that is an empty optional.
private final class OptionalPiece: JSONPiece {
    private let key: [UInt8]
    private let program: Program

    /// - Parameter key: with its colon; empty for the item of a list.
    init(key: [UInt8], _ program: Program) {
        self.key = key
        self.program = program
    }

    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure? {
        let before = out.count
        CommaPiece.write(&out)
        out.append(key)
        switch program.writeJSON(context, &out) {
        case .written: break
        case .absent: out.truncate(to: before)
        case .failed(let error): return (error, program.readsClient)
        }
        return nil
    }
}

/// A comma, unless nothing was written since the bracket.
private final class CommaPiece: JSONPiece {
    func write(_ context: Context, _ out: inout ByteWriter) -> JSONTree.Failure? {
        Self.write(&out)
        return nil
    }

    /// A value never ends in an opening bracket, so one before us means that we are the first.
    static func write(_ out: inout ByteWriter) {
        if let last = out.bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") {
            out.append(UInt8(ascii: ","))
        }
    }
}

extension Scalar {
    /// Whether it is a string by the core schema, or by its quotes.
    var isText: Bool { value == .string }
}
