import CEL
import JSON
import Protobuf

/// Text with holes in a field of strings, or one hole that gives text, written without a value in between.
final class TextFieldPiece: MessagePiece {
    enum Text: Sendable {
        case template(TemplateProgram)
        case hole(Program)
    }

    private let tag: [UInt8]
    private let text: Text
    private let readsClient: Bool
    private let keepsEmpty: Bool

    init(_ field: FieldEncoding, _ text: Text, keepsZero: Bool) {
        tag = field.tag
        keepsEmpty = keepsZero
        self.text = text
        readsClient =
            switch text {
            case .template(let program): program.readsClient
            case .hole(let program): program.readsClient
            }
    }

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        let first = out.count
        out.append(tag)
        let start = out.beginLength()
        let outcome =
            switch text {
            case .template(let program): program.writeText(context, &out)
            case .hole(let program): program.writeText(context, &out, .plain)
            }
        guard case .written = outcome else {
            out.truncate(to: first)
            return StreamOutcome(outcome, readsClient: readsClient)
        }
        if out.count == start, !keepsEmpty {
            out.truncate(to: first)
            return .absent
        }
        // What a client sends is written as it came, and need not be UTF-8.
        if UTF8Scanner.firstInvalid(UnsafeBufferPointer(rebasing: out.bytes[start...])) != nil {
            let mended = String(decoding: UnsafeBufferPointer(rebasing: out.bytes[start...]), as: UTF8.self)
            out.truncate(to: start)
            out.append(mended)
        }
        out.endLength(start)
        return .written
    }
}

/// Text with holes in a field of another type, which is read from it.
final class ReadTextPiece: MessagePiece {
    private let field: FieldEncoding
    private let program: TemplateProgram
    private let isSecret: Bool
    private let keepsZero: Bool
    private let hasTag: Bool

    init(_ field: FieldEncoding, _ program: TemplateProgram, isSecret: Bool, keepsZero: Bool, hasTag: Bool) {
        self.field = field
        self.program = program
        self.isSecret = isSecret
        self.keepsZero = keepsZero
        self.hasTag = hasTag
    }

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        var text = ByteWriter(capacity: 64)
        if let error = program.write(context, &text) {
            return .failed(StreamFault(error, readsClient: program.readsClient))
        }
        let value = Value.string(String(decoding: text.bytes, as: UTF8.self))
        let error =
            hasTag ? field.writeOne(value, keepsZero: keepsZero, &out) : field.writePayload(value, &out)
        if let error {
            return .failed(StreamFault(isSecret ? HolePiece.hidden : error, readsClient: program.readsClient))
        }
        return .written
    }
}

/// One hole, which keeps its type.
final class HolePiece: MessagePiece {
    enum Target: Sendable {
        /// The whole field: a list of its values where it is repeated.
        case field(FieldEncoding)
        /// One of its values, as the item of a list or the value of a map.
        case one(FieldEncoding)
        /// One of its values without the tag, as in a packed list.
        case payload(FieldEncoding)
        /// A whole message.
        case message(MessageEncoding)
    }

    private let target: Target
    private let program: Program

    init(_ target: Target, _ program: Program) {
        self.target = target
        self.program = program
    }

    static let hidden = EvaluationError("a value that is made of a secret does not fit into the message")

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        let value = program.evaluate(context)
        if case .error(let error) = value { return .failed(StreamFault(error, readsClient: program.readsClient)) }
        let outcome = Self.write(value, target, &out)
        if case .failed = outcome, program.readsSecret {
            return .failed(StreamFault(Self.hidden, readsClient: program.readsClient))
        }
        return StreamOutcome(outcome, readsClient: program.readsClient)
    }

    static func write(_ value: Value, _ target: Target, _ out: inout ByteWriter) -> JSONOutcome {
        let error: EvaluationError?
        switch target {
        case .field(let field): return field.write(value, &out)
        case .one(let field):
            if case .optional(nil) = value { return .absent }
            error = field.writeOne(value, keepsZero: true, &out)
        case .payload(let field):
            if case .optional(nil) = value { return .absent }
            error = field.writePayload(value, &out)
        case .message(let message):
            if case .optional(nil) = value { return .absent }
            error = message.write(value, &out)
        }
        return error.map { .failed($0) } ?? .written
    }
}

/// A tree of any shape with holes: made as JSON, and read from that.
final class JSONMessagePiece: MessagePiece {
    private let message: MessageEncoding
    private let tree: JSONTree

    init(_ message: MessageEncoding, _ tree: JSONTree) {
        self.message = message
        self.tree = tree
    }

    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        var text = ByteWriter(capacity: 256)
        if let (error, readsClient) = tree.write(context, &text) {
            return .failed(StreamFault(error, readsClient: readsClient))
        }
        guard case .success(let json) = JSONReader.read(text.bytes, limits: JSONLimits(allowsRepeatedKeys: true)) else {
            return .failed(
                StreamFault(EvaluationError("the value is nested too deep"), readsClient: tree.readsClient))
        }
        guard let error = message.write(json, &out) else { return .written }
        return .failed(StreamFault(tree.readsSecret ? HolePiece.hidden : error, readsClient: tree.readsClient))
    }
}
