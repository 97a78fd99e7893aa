import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline

/// An item of `messages`, ready to be written: how long to wait before it, and what to send.
struct StreamItem: Sendable {
    /// In place of the interval.
    let delay: Delay.Time?
    private let content: Content

    private enum Content: Sendable {
        case json(StreamText)
        case event(CompiledEvent)
    }

    /// Nil if it has mistakes, which are told.
    init?(_ node: Node, _ framing: Framing, _ scope: CompileScope, _ findings: inout Findings) {
        guard DelayedMessage.isMeant(node) else {
            guard let content = Self.content(node, framing, scope, &findings) else { return nil }
            delay = nil
            self.content = content
            return
        }
        guard let section = DelayedMessage.decode(node, &findings), let message = node["message"] else { return nil }
        let time = section.delay?.time(scope, &findings)
        guard let content = Self.content(message, framing, scope, &findings), let time else { return nil }
        delay = time
        self.content = content
    }

    private static func content(
        _ node: Node, _ framing: Framing, _ scope: CompileScope, _ findings: inout Findings
    ) -> Content? {
        guard framing == .events else { return StreamText(json: node, scope, &findings).map { .json($0) } }
        guard Event.isMeant(node) else {
            return StreamText(data: node, scope, &findings).map { .event(CompiledEvent(data: $0)) }
        }
        return Event.decode(node, &findings).map { .event(CompiledEvent($0, scope, &findings)) }
    }

    /// Appends the message with what frames it; nothing if it is an empty optional.
    func write(_ exchange: inout Exchange, _ framing: Framing, _ out: inout ByteWriter) -> StreamFault? {
        let start = out.count
        switch content {
        case .event(let event): return event.write(exchange.context, &exchange.loop.state.pointee.scratch, &out)
        case .json(let text):
            if framing == .sequence { out.append(0x1E) }
            switch text.write(exchange.context, &out) {
            case .written: out.append("\n")
            case .absent: out.truncate(to: start)
            case .failed(let fault):
                out.truncate(to: start)
                return fault
            }
        }
        return nil
    }
}

/// What became of a text that was to be written.
enum StreamOutcome {
    case written
    /// It is an empty optional: nothing was written.
    case absent
    case failed(StreamFault)

    init(_ outcome: JSONOutcome, readsClient: Bool) {
        switch outcome {
        case .written: self = .written
        case .absent: self = .absent
        case .failed(let error): self = .failed(StreamFault(error, readsClient: readsClient))
        }
    }
}

/// Why a message could not be made.
struct StreamFault: Error {
    let error: EvaluationError
    let readsClient: Bool

    init(_ error: EvaluationError, readsClient: Bool) {
        self.error = error
        self.readsClient = readsClient
    }
}

/// What a message says, as text: a tree as JSON, or text as it is where that may be.
enum StreamText: Sendable {
    case tree(JSONTree)
    /// One hole, written as JSON.
    case value(Program)
    /// One hole: text as it is, any other value as JSON.
    case plainValue(Program)
    case plain(TemplateProgram)

    /// Always JSON.
    init?(json node: Node, _ scope: CompileScope, _ findings: inout Findings) {
        if let expression = Self.single(node) {
            guard let program = scope.check(expression, &findings) else { return nil }
            self = .value(program)
            return
        }
        self = .tree(JSONTree(node, scope, &findings))
    }

    /// For the data of an event.
    init?(data node: Node, _ scope: CompileScope, _ findings: inout Findings) {
        if let expression = Self.single(node) {
            guard let program = scope.check(expression, &findings) else { return nil }
            self = .plainValue(program)
            return
        }
        guard let scalar = node.scalar, scalar.isText else {
            self.init(json: node, scope, &findings)
            return
        }
        guard let program = Template.parse(scalar.text, &findings).flatMap({ scope.check($0, .plain, &findings) })
        else { return nil }
        self = .plain(program)
    }

    /// The expression of a text that is one hole.
    private static func single(_ node: Node) -> Expression? {
        guard let scalar = node.scalar, scalar.isText else { return nil }
        // What is wrong with it is told when it is parsed for good.
        var untold = Findings()
        return Template.parse(scalar.text, &untold)?.single
    }

    /// What was written before a failure is for the caller to take back.
    func write(_ context: Context, _ out: inout ByteWriter) -> StreamOutcome {
        switch self {
        case .tree(let tree):
            guard let (error, readsClient) = tree.write(context, &out) else { return .written }
            return .failed(StreamFault(error, readsClient: readsClient))
        case .value(let program):
            return StreamOutcome(program.writeJSON(context, &out), readsClient: program.readsClient)
        case .plain(let program):
            return program.write(context, &out).map { .failed(StreamFault($0, readsClient: program.readsClient)) }
                ?? .written
        case .plainValue(let program):
            let outcome =
                program.type == .string
                ? program.writeText(context, &out, .plain) : program.evaluate(context).writeData(&out)
            return StreamOutcome(outcome, readsClient: program.readsClient)
        }
    }
}

extension Value {
    /// As the data of an event: text as it is, any other value as JSON.
    func writeData(_ out: inout ByteWriter) -> JSONOutcome {
        switch self {
        case .string: return write(&out, .plain).map { .failed($0) } ?? .written
        case .optional(let wrapped?): return wrapped.writeData(&out)
        default: return writeJSON(&out)
        }
    }
}
