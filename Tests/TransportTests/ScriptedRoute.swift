import JSON
import Pipeline
import Synchronization

/// A responder whose steps are closures.
final class ScriptedResponder: Responder {
    typealias Action = @Sendable (inout Exchange) -> Step
    let intake: Intake
    private let onStart: Action
    private let onInput: Action
    private let onResume: Action

    init(
        _ intake: Intake = .nothing, start: @escaping Action = { _ in .done }, input: @escaping Action = { _ in .done },
        resume: @escaping Action = { _ in .done }
    ) {
        self.intake = intake
        onStart = start
        onInput = input
        onResume = resume
    }

    func start(_ exchange: inout Exchange) -> Step { onStart(&exchange) }
    func input(_ exchange: inout Exchange) -> Step { onInput(&exchange) }
    func resume(_ exchange: inout Exchange) -> Step { onResume(&exchange) }

    /// Says what it is told to.
    static func text(_ text: String, _ intake: Intake = .nothing) -> ScriptedResponder {
        ScriptedResponder(intake, start: { $0.say(text) })
    }

    /// Sends the whole body back.
    static let wholeBody = ScriptedResponder(
        .wholeBody,
        start: { exchange in
            exchange.loop.state.pointee.body.append(exchange.body.bytes)
            return .done
        })

    /// Sends the body back as it comes.
    static let echo = ScriptedResponder(
        .bytes,
        start: { exchange in
            if case .length(let length) = exchange.head.framing { exchange.response.declaredLength = length }
            return exchange.inputEnded ? .done : .needInput
        },
        input: { exchange in
            exchange.loop.state.pointee.body.append(exchange.piece)
            return exchange.inputEnded ? .done : .needInput
        })

    /// Streams so many pieces of ten bytes, each when there is room.
    static func pieces(_ count: Int, declared: Int? = nil, last: Step = .done) -> ScriptedResponder {
        let step: Action = { exchange in
            exchange.response.isStreaming = true
            exchange.response.declaredLength = declared
            _ = exchange.say("0123456789")
            exchange.position += 1
            return exchange.position == count ? last : .blocked
        }
        return ScriptedResponder(start: step, resume: step)
    }
}

extension Exchange {
    mutating func say(_ text: String) -> Step {
        loop.state.pointee.body.append(text)
        return .done
    }
}

/// A stage whose moments are closures.
final class ScriptedStage: Middleware {
    typealias Admission = @Sendable (inout Exchange) -> Verdict
    let moments: Moments
    private let onAdmit: Admission
    private let onResume: Admission
    private let onDecorate: @Sendable (inout Exchange) -> Void

    init(
        admit: @escaping Admission = { _ in .proceed }, resume: @escaping Admission = { _ in .proceed },
        decorate: @escaping @Sendable (inout Exchange) -> Void = { _ in }
    ) {
        moments = [.admit, .decorate]
        onAdmit = admit
        onResume = resume
        onDecorate = decorate
    }

    func admit(_ exchange: inout Exchange) -> Verdict { onAdmit(&exchange) }
    func resume(_ exchange: inout Exchange) -> Verdict { onResume(&exchange) }
    func decorate(_ exchange: inout Exchange) { onDecorate(&exchange) }

    static func limit(_ bytes: Int) -> ScriptedStage {
        ScriptedStage(admit: { exchange in
            exchange.bodyLimit = bytes
            return .proceed
        })
    }

    /// The call may take so many seconds.
    static func deadline(_ seconds: Int64) -> ScriptedStage {
        ScriptedStage(admit: { exchange in
            exchange.deadline = exchange.started + seconds * 1_000_000_000
            return .proceed
        })
    }

    /// Parks for so many seconds, then says what it is told to.
    static func park(_ seconds: Int64?, then verdict: Verdict = .proceed) -> ScriptedStage {
        ScriptedStage(
            admit: { exchange in
                if let seconds { exchange.wakeAt = exchange.started + seconds * 1_000_000_000 }
                return .park
            },
            resume: { exchange in
                if verdict == .refuse { exchange.fail(Failure(.unavailable, "no")) }
                return verdict
            })
    }

    static let refuse = ScriptedStage(admit: { exchange in
        exchange.fail(Failure(.permissionDenied, "not you"))
        return .refuse
    })

    static let cut = ScriptedStage(admit: { _ in .cut })
}

extension Held {
    static let named = Held(rawValue: 128)
}

/// The outermost stage of every route: names each exchange and counts its ends.
final class Recorder: Middleware {
    struct Record: Sendable {
        var methods: [String] = []
        var outcomes: [Outcome] = []
        /// Exchanges that ended without a beginning, or twice.
        var strays = 0
    }

    let moments: Moments = [.admit, .decorate, .finish]
    private let record = Mutex(Record())

    var current: Record { record.withLock { $0 } }

    func admit(_ exchange: inout Exchange) -> Verdict {
        let method = String(decoding: exchange.head.slice(exchange.head.methodName), as: UTF8.self)
        record.withLock { record in
            if exchange.held.contains(.named) { record.strays += 1 }
            record.methods.append(method)
        }
        exchange.held.insert(.named)
        exchange.arena.append("id-7")
        exchange.requestID = ByteRange(start: 0, end: exchange.arena.count)
        return .proceed
    }

    func decorate(_ exchange: inout Exchange) {
        let id = exchange.requestIDBytes
        exchange.response.add("x-request-id") { $0.append(id) }
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        record.withLock { record in
            if !exchange.held.contains(.named) { record.strays += 1 }
            record.outcomes.append(outcome)
        }
        exchange.held.remove(.named)
    }
}

/// A route for a plan made by hand.
struct ScriptedRoute {
    let pattern: String
    /// Asked before the body is read.
    var early: [any Middleware] = []
    /// Asked when it is there.
    var late: [any Middleware] = []
    var rpc: RPCMethod?
    let responder: ScriptedResponder

    init(
        _ pattern: String, early: [any Middleware] = [], late: [any Middleware] = [], rpc: RPCMethod? = nil,
        _ responder: ScriptedResponder
    ) {
        self.pattern = pattern
        self.early = early
        self.late = late
        self.rpc = rpc
        self.responder = responder
    }
}
