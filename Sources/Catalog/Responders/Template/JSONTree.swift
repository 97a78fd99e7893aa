import CEL
import Diagnostics
import JSON
import Manifests

/// A YAML tree as JSON: literal bytes with holes between, laid out when the plan is made.
///
/// What holes give is encoded, so the output is valid JSON whatever a client sends.
final class JSONTree: Sendable {
    private enum Piece: Sendable {
        case literal([UInt8])
        /// A string with holes; its quotes are in the literals around it.
        case text(TemplateProgram)
        /// One hole, which keeps its type.
        case value(Program)
        /// A key whose value is one hole: left out, comma and all, if that is an empty optional. The bytes are the key
        /// and its colon, or nothing for the item of a list.
        case optional([UInt8], Program)
        /// A comma, unless nothing was written since the bracket.
        case comma
    }

    private let pieces: [Piece]
    init(_ node: Node, _ scope: CompileScope, _ findings: inout Findings) {
        var builder = Builder(scope: scope)
        builder.add(node, &findings)
        builder.flush()
        pieces = builder.pieces
    }

    /// Writes the JSON; on failure what went wrong, and whether the client is to blame.
    func write(_ context: Context, _ out: inout ByteWriter) -> (EvaluationError, readsClient: Bool)? {
        let start = out.count
        for piece in pieces {
            switch piece {
            case .literal(let bytes): out.append(bytes)
            case .text(let program):
                if let error = program.write(context, &out) { return (error, program.readsClient) }
            case .value(let program):
                switch program.writeJSON(context, &out) {
                case .written: break
                case .absent: out.append("null")
                case .failed(let error): return (error, program.readsClient)
                }
            case .optional(let key, let program):
                let before = out.count
                Self.writeComma(&out)
                out.append(key)
                switch program.writeJSON(context, &out) {
                case .written: break
                case .absent: out.truncate(to: before)
                case .failed(let error): return (error, program.readsClient)
                }
            case .comma: Self.writeComma(&out)
            }
            if out.count - start > Self.limit {
                return (EvaluationError("the answer would be larger than 1 MiB"), false)
            }
        }
        return nil
    }

    /// What a template may write: room for any answer that is written down, and no bomb.
    private static let limit = 1024 * 1024

    /// A value never ends in an opening bracket, so one before us means that we are the first.
    private static func writeComma(_ out: inout ByteWriter) {
        if let last = out.bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") {
            out.append(UInt8(ascii: ","))
        }
    }

    private struct Builder: ~Copyable {
        let scope: CompileScope
        var pieces: [Piece] = []
        var literal = ByteWriter(capacity: 256)

        init(scope: CompileScope) { self.scope = scope }

        mutating func flush() {
            if literal.count > 0 { pieces.append(.literal(Array(literal.bytes))) }
            literal.clear()
        }

        mutating func add(_ node: Node, _ findings: inout Findings) {
            switch node.content {
            case .scalar(let scalar): add(scalar, &findings)
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
                if let program = optional(member.value, &findings) {
                    flush()
                    pieces.append(.optional(Array(key.bytes), program))
                    isSure = false
                    continue
                }
                if isSure {
                    if index > 0 { literal.append(",") }
                } else {
                    flush()
                    pieces.append(.comma)
                    isSure = true
                }
                literal.append(key.bytes)
                add(member.value, &findings)
            }
        }

        /// The program of a value that may be absent.
        private mutating func optional(_ node: Node, _ findings: inout Findings) -> Program? {
            guard let scalar = node.scalar, scalar.isText else { return nil }
            // Whether it parses is said when it is added for good.
            var told = Findings()
            guard let template = Template.parse(scalar.text, &told), let single = template.single,
                let program = scope.check(single, &told)
            else { return nil }
            switch program.type {
            case .optional, .dyn: return program
            default: return nil
            }
        }

        private mutating func add(_ scalar: Scalar, _ findings: inout Findings) {
            guard scalar.isText else {
                add(literalOf: scalar)
                return
            }
            guard let template = Template.parse(scalar.text, &findings),
                let program = scope.check(template, .jsonString, &findings)
            else { return }
            if let single = program.single {
                flush()
                pieces.append(.value(single))
            } else if let constant = program.constant {
                literal.append("\"")
                literal.append(constant)
                literal.append("\"")
            } else {
                literal.append("\"")
                flush()
                pieces.append(.text(program))
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

extension Scalar {
    /// Whether it is a string by the core schema, or by its quotes.
    var isText: Bool { value == .string }
}
