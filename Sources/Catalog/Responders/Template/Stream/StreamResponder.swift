import CEL
import JSON
import Manifests
import Pipeline

/// What a stream sends.
struct CompiledStream: Sendable {
    enum Source: Sendable {
        case items([StreamItem])
        /// Evaluated once, at the start.
        case list(Program)
    }

    let source: Source
    let framing: Framing
    /// Nanoseconds between two messages.
    let interval: Int64
    /// The failure behind the last message.
    let end: CompiledError?
}

/// Sends messages one by one, no faster than the peer takes them, with waits between.
///
/// `exchange.position` is the next message, which is also its `index`. What holds between two steps is in the
/// exchange, so a stream that waits costs no more than any parked call.
final class StreamResponder: Responder {
    let intake = Intake.nothing
    private let head: TemplateHead
    private let stream: CompiledStream

    /// What `exchange.phase` says.
    private enum Phase {
        /// The wait before the next message is still to come.
        static let early = 0
        /// The next message is due.
        static let due = 1
    }

    init(head: consuming TemplateHead, _ stream: CompiledStream) {
        self.head = head
        self.stream = stream
    }

    func start(_ exchange: inout Exchange) -> Step {
        if let step = head.apply(&exchange) { return step }
        exchange.response.isStreaming = true
        // What cannot be sent is not waited for either, and nobody knows how long it would be.
        if exchange.head.method == .head || !exchange.response.allowsBody { return .done }
        if case .list(let program) = stream.source {
            switch program.evaluate(exchange.context) {
            case .list(let values): exchange.memo.pointee.messages = values
            case .error(let error): return exchange.failEvaluation(error, readsClient: program.readsClient)
            default:
                return exchange.failEvaluation(
                    EvaluationError("the messages are not a list"), readsClient: program.readsClient)
            }
        }
        // The head leaves now. What follows takes as long as the manifest says: a stream has no deadline of its own.
        exchange.deadline = .max
        return send(&exchange)
    }

    func resume(_ exchange: inout Exchange) -> Step { send(&exchange) }

    private func send(_ exchange: inout Exchange) -> Step {
        let state = exchange.loop.state
        let count = count(exchange)
        while exchange.position < count {
            if exchange.phase == Phase.early {
                guard let wait = wait(&exchange) else { return broken(&exchange) }
                exchange.phase = Phase.due
                if wait > 0 {
                    exchange.wakeAt = LoopClock.later(state.pointee.clock.now, wait)
                    return .wait
                }
            }
            if let fault = write(&exchange, &state.pointee.body) {
                _ = exchange.failEvaluation(fault.error, readsClient: fault.readsClient)
                return broken(&exchange)
            }
            exchange.phase = Phase.early
            exchange.position += 1
            if state.pointee.body.count >= exchange.room { return .blocked }
        }
        guard let end = stream.end else { return .done }
        end.fail(&exchange)
        // Where nothing came before it, it is a failure like any other.
        return exchange.response.isSent || state.pointee.body.count > 0 ? .breakOff : .fail
    }

    /// What went wrong is the answer if none has begun; else its missing end is all there is to tell.
    private func broken(_ exchange: inout Exchange) -> Step { exchange.response.isSent ? .breakOff : .fail }

    private func count(_ exchange: borrowing Exchange) -> Int {
        switch stream.source {
        case .items(let items): items.count
        case .list: exchange.memo.pointee.messages.count
        }
    }

    /// How long to wait before the next message; nil if that could not be found out.
    private func wait(_ exchange: inout Exchange) -> Int64? {
        let usual = exchange.position == 0 ? 0 : stream.interval
        switch stream.source {
        case .items(let items):
            guard let delay = items[exchange.position].delay else { return usual }
            return delay.nanoseconds(&exchange)
        case .list(let program):
            guard let delay = exchange.memo.pointee.messages[exchange.position].delayed?.delay else { return usual }
            if let nanoseconds = delay.delayNanoseconds { return min(nanoseconds, Delay.Time.longest) }
            _ = exchange.failEvaluation(Self.badDelay, readsClient: program.readsClient)
            return nil
        }
    }

    static let badDelay = EvaluationError("the delay of a message must be a duration")

    /// What will always go wrong in a list that no call changes.
    static func fault(ofConstant program: Program, _ framing: Framing) -> EvaluationError? {
        guard case .list(let values)? = program.constant else { return nil }
        for value in values {
            if let delayed = value.delayed, delayed.delay.delayNanoseconds == nil { return badDelay }
            var scratch = ByteWriter(capacity: 256)
            var out = ByteWriter(capacity: 256)
            if let error = (value.delayed?.message ?? value).writeMessage(framing, &scratch, &out) { return error }
        }
        return nil
    }

    private func write(_ exchange: inout Exchange, _ out: inout ByteWriter) -> StreamFault? {
        switch stream.source {
        case .items(let items): return items[exchange.position].write(&exchange, stream.framing, &out)
        case .list(let program):
            let item = exchange.memo.pointee.messages[exchange.position]
            let message = item.delayed?.message ?? item
            return message.writeMessage(stream.framing, &exchange.loop.state.pointee.scratch, &out).map {
                StreamFault($0, readsClient: program.readsClient)
            }
        }
    }
}

extension Value {
    /// An element that waits first: a map of just the keys `delay` and `message`.
    var delayed: (delay: Value, message: Value)? {
        guard case .map(let map) = self, map.count == 2, let delay = map.value(for: "delay"),
            let message = map.value(for: "message")
        else { return nil }
        return (delay, message)
    }

    /// A duration, or its text.
    var delayNanoseconds: Int64? {
        switch self {
        case .duration(let span): span.nanoseconds
        case .string(let text): Timespan(text)?.nanoseconds
        default: nil
        }
    }

    /// Appends the value with what frames it; nothing if it is an empty optional.
    fileprivate func writeMessage(
        _ framing: Framing, _ scratch: inout ByteWriter, _ out: inout ByteWriter
    ) -> EvaluationError? {
        let start = out.count
        if framing == .events {
            let error = writeEvent(&scratch, &out)
            if error != nil { out.truncate(to: start) }
            return error
        }
        if framing == .sequence { out.append(0x1E) }
        switch writeJSON(&out) {
        case .written: out.append("\n")
        case .absent: out.truncate(to: start)
        case .failed(let error):
            out.truncate(to: start)
            return error
        }
        return nil
    }
}
