import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline
import Protobuf

/// What a method answers, one message or several. A class, since a call that looks at it then retains one thing.
final class MethodReplies: Sendable {
    enum Source: Sendable {
        case items([Item])
        /// Evaluated once, when its first message is due.
        case list(Program)
    }

    struct Item: Sendable {
        /// In place of the interval.
        let delay: Delay.Time?
        let tree: MessageTree
    }

    let source: Source
    let encoding: MessageEncoding
    /// Nanoseconds between two messages.
    let interval: Int64
    /// Whether a message must come, so that an empty optional is an empty one.
    private let isOwed: Bool
    /// Whether a map of `delay` and `message` waits: not where the message has fields of both names. Known once, since it is
    /// asked twice for each message.
    private let takesDelays: Bool

    /// One message.
    ///
    /// - Parameter isOwed: whether it must come, since the answer is no stream.
    init?(
        message node: Node, isOwed: Bool, _ encoding: MessageEncoding, _ scope: CompileScope,
        _ findings: inout Findings
    ) {
        guard let tree = MessageTree(node, encoding.codec, type: encoding.type, scope, &findings) else { return nil }
        self.encoding = encoding
        source = .items([Item(delay: nil, tree: tree)])
        interval = 0
        self.isOwed = isOwed
        takesDelays = false
    }

    /// Several; nil if they have mistakes, which are told.
    init?(
        _ messages: Messages, interval: Timespan?, _ encoding: MessageEncoding, _ scope: CompileScope,
        _ findings: inout Findings
    ) {
        self.encoding = encoding
        self.interval = interval?.nanoseconds ?? 0
        isOwed = false
        let takesDelays = !Self.hasBothFields(encoding)
        self.takesDelays = takesDelays
        switch messages.source {
        case .items(let nodes):
            let scope = scope.forMessages
            var items: [Item] = []
            for node in nodes {
                if let item = Self.item(node, encoding, scope, &findings) { items.append(item) }
            }
            guard items.count == nodes.count else { return nil }
            source = .items(items)
        case .list(let expression):
            guard let program = scope.check(expression, expecting: .list(.dyn), &findings) else { return nil }
            if let fault = Self.fault(ofConstant: program, encoding, takesDelays) {
                findings.report(
                    ExpressionRules.constantFailure, "this always fails: \(fault.message)", at: expression.text.whole,
                    help: "it reads nothing of the call: change the expression")
                return nil
            }
            source = .list(program)
        }
    }

    private static func item(
        _ node: Node, _ encoding: MessageEncoding, _ scope: CompileScope, _ findings: inout Findings
    ) -> Item? {
        guard DelayedMessage.isMeant(node), !hasBothFields(encoding) else {
            return MessageTree(node, encoding.codec, type: encoding.type, scope, &findings)
                .map { Item(delay: nil, tree: $0) }
        }
        guard let section = DelayedMessage.decode(node, &findings), let message = node["message"] else { return nil }
        let time = section.delay?.time(scope, &findings)
        guard let tree = MessageTree(message, encoding.codec, type: encoding.type, scope, &findings), let time else {
            return nil
        }
        return Item(delay: time, tree: tree)
    }

    /// Whether the message type itself has both keys of a delayed message.
    private static func hasBothFields(_ encoding: MessageEncoding) -> Bool {
        let type = encoding.codec.pool.messages[encoding.type]
        return type.field(named: "delay") != nil && type.field(named: "message") != nil
    }

    private static func fault(
        ofConstant program: Program, _ encoding: MessageEncoding, _ takesDelays: Bool
    ) -> EvaluationError? {
        guard case .list(let values)? = program.constant else { return nil }
        for value in values {
            let delayed = takesDelays ? value.delayed : nil
            if let delayed, delayed.delay.delayNanoseconds == nil {
                return StreamResponder.badDelay
            }
            var out = ByteWriter(capacity: 256)
            if case .failed(let error) = HolePiece.write(
                delayed?.message ?? value, .message(encoding), &out)
            {
                return error
            }
        }
        return nil
    }

    private func delayed(_ at: Int, _ exchange: borrowing Exchange) -> (delay: Value, message: Value)? {
        exchange.memo.pointee.messagesWait ? exchange.memo.pointee.messages[at].delayed : nil
    }

    // MARK: One after the other

    /// Evaluates what gives all of them; on failure what went wrong.
    func begin(_ exchange: inout Exchange) -> StreamFault? {
        guard case .list(let program) = source else { return nil }
        switch program.evaluate(exchange.context) {
        case .list(let values):
            exchange.memo.pointee.messages = values
            // Once, so that a message that is not waited for is not looked at for it.
            exchange.memo.pointee.messagesWait = takesDelays && values.contains { $0.delayed != nil }
            return nil
        case .error(let error): return StreamFault(error, readsClient: program.readsClient)
        default: return StreamFault(EvaluationError("the messages are not a list"), readsClient: program.readsClient)
        }
    }

    func count(_ exchange: borrowing Exchange) -> Int {
        switch source {
        case .items(let items): items.count
        case .list: exchange.memo.pointee.messages.count
        }
    }

    /// How long to wait before a message; nil if that could not be found out, which is the exchange's failure then.
    func wait(_ at: Int, _ exchange: inout Exchange) -> Int64? {
        let usual = at == 0 ? 0 : interval
        switch source {
        case .items(let items): return items[at].delay.map { $0.nanoseconds(&exchange) } ?? usual
        case .list(let program):
            guard let delay = delayed(at, exchange)?.delay else { return usual }
            if let nanoseconds = delay.delayNanoseconds { return min(nanoseconds, Delay.Time.longest) }
            _ = exchange.failEvaluation(StreamResponder.badDelay, readsClient: program.readsClient)
            return nil
        }
    }

    /// Writes a message with what frames it; nothing if it is an empty optional.
    func write(_ at: Int, _ exchange: inout Exchange) -> StreamFault? {
        let state = exchange.loop.state
        let start = exchange.beginMessage()
        let outcome: StreamOutcome
        switch source {
        case .items(let items): outcome = items[at].tree.write(exchange.context, &state.pointee.body)
        case .list(let program):
            let message = delayed(at, exchange)?.message ?? exchange.memo.pointee.messages[at]
            let written = HolePiece.write(message, .message(encoding), &state.pointee.body)
            if case .failed = written, program.readsSecret {
                outcome = .failed(StreamFault(HolePiece.hidden, readsClient: program.readsClient))
            } else {
                outcome = StreamOutcome(written, readsClient: program.readsClient)
            }
        }
        switch outcome {
        case .absent where isOwed: fallthrough
        case .written:
            exchange.endMessage(start)
            return nil
        case .absent:
            state.pointee.body.truncate(to: start)
            return nil
        case .failed(let fault):
            state.pointee.body.truncate(to: start)
            return fault
        }
    }
}
