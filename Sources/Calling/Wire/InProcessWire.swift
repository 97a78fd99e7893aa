import Glibc
import Pipeline
import Synchronization
import Transport

/// Requests to a plan that nobody serves: over the bytes of HTTP/2, without a socket and without waiting.
struct InProcessWire: Wire {
    /// What an answer may be at most, and how long it may take by the plan's own clock, which jumps.
    private static let room = 256 * 1024 * 1024
    private static let patience: Int64 = 24 * 3600 * 1_000_000_000

    let plan: Plan
    let limits: ConnectionLimits
    let authority: String

    func open(_ request: WireRequest, _ events: CallEvents) -> any WireStream {
        let stream = InProcessStream { body in answer(request, body).forEach { events.add(.wire($0)) } }
        if case .whole(let bytes) = request.body {
            stream.send(bytes) {}
            stream.finish()
        }
        return stream
    }

    private func answer(_ request: WireRequest, _ body: [UInt8]) -> [WireEvent] {
        let head: CallFields = [
            (":method", request.method), (":scheme", "http"), (":path", request.path), (":authority", authority),
        ]
        let bytes = InMemoryCall.request(
            (head + request.fields).map { ($0.name, Array($0.value.utf8)) }, body: body)
        let connection = InMemoryConnection(
            plan: plan, limits: InMemoryCall.unhindered(limits),
            client: ConnectionFacts(clientAddress: Array("127.0.0.1".utf8), clientPort: 50_000, isTLS: false),
            wall: CallClock.now, seed: .random(in: 0 ... .max))
        let outcome = connection.send(bytes, room: Self.room, time: Self.patience)
        switch outcome.ending {
        case .tooLarge: return [.failed(WireFailure(kind: .broken, reason: "the answer is larger than 256 MiB"))]
        case .tooLate: return [.failed(WireFailure(kind: .broken, reason: "there is no answer within a day"))]
        case .answered, .cut: break
        }
        guard let reply = InMemoryCall.reply(outcome.bytes),
            let status = reply.fields.first(where: { $0.name == ":status" }).flatMap({
                Int(String(decoding: $0.value, as: UTF8.self))
            })
        else { return [.failed(WireFailure(kind: .broken, reason: "the call was cut before it was answered"))] }
        let whole: WireEvent =
            reply.isWhole
            ? .end(Self.texts(reply.trailers))
            : .failed(WireFailure(kind: .broken, reason: "the call was cut before it was over"))
        return [.head(status: status, Self.texts(reply.fields)), .body(reply.body), whole]
    }

    private static func texts(_ fields: InMemoryCall.Fields) -> CallFields {
        fields.filter { !$0.name.hasPrefix(":") }.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
    }
}

/// Gathers a body, since the clock that jumps waits for nobody.
private final class InProcessStream: WireStream {
    private let body = Mutex<[UInt8]>([])
    private let answer: @Sendable ([UInt8]) -> Void

    init(_ answer: @escaping @Sendable ([UInt8]) -> Void) { self.answer = answer }

    func send(_ bytes: [UInt8], whenSent: @escaping @Sendable () -> Void) {
        body.withLock { $0 += bytes }
        whenSent()
    }

    func finish() { answer(body.withLock { $0 }) }

    func cancel() {}
}
