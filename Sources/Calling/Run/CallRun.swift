import NIOPosix
import Pipeline
import Protobuf

/// One call, from what is read to what is printed.
struct CallRun {
    /// How long the server's own word on a deadline is waited for.
    private static let grace: Int64 = 250_000_000
    /// Documents of the input that are on their way at once.
    private static let turns: UInt32 = 16

    let wire: any Wire
    let settings: CallSettings
    let method: CalledMethod
    /// Of the server, in words.
    let server: String
    let pool: NIOThreadPool
    let interrupts: Interrupts?

    private enum Stop: Error {
        case mistake(CallMistake)
        case interrupted
        /// Nobody reads the answers.
        case unread
    }

    /// - Returns: the code that the program exits with.
    func run(
        _ speech: CallProtocol, _ input: CallInput?, _ report: inout CallReport
    ) throws(CallMistake) -> Int32 {
        let events = CallEvents()
        defer { events.close() }
        interrupts?.tell(events)
        let turns = Semaphore(Self.turns)
        if let input {
            try input.read(on: pool, into: events, turns: turns)
        } else {
            if !method.clientStreams { events.add(.input(.success(Array("{}".utf8)))) }
            events.add(.inputEnded)
        }
        do throws(Stop) {
            return try run(speech.dialect(for: method), events, turns, &report)
        } catch {
            switch error {
            case .mistake(let mistake): throw mistake
            case .interrupted: return Interrupts.code
            case .unread: return 0
            }
        }
    }

    private func run(
        _ start: any Dialect, _ events: CallEvents, _ turns: Semaphore, _ report: inout CallReport
    ) throws(Stop) -> Int32 {
        var dialect = start
        var deadline = Int64.max
        let stream: any WireStream
        do throws(CallMistake) {
            var whole: Message?
            if !method.clientStreams {
                let (message, isInterrupted) = try only(events, turns)
                if isInterrupted { return Interrupts.code }
                whole = message
            }
            let request = try dialect.request(method, whole, settings)
            if let timeout = settings.timeout {
                let (patience, overflow) = timeout.addingReportingOverflow(Self.grace)
                deadline = CallClock.time(in: overflow ? .max : patience)
            }
            report.sent(request)
            if let whole { report.sent(whole) }
            stream = wire.open(request, events)
        } catch {
            throw .mistake(error)
        }
        do throws(Stop) {
            return try converse(&dialect, stream, events, turns, until: deadline, &report)
        } catch {
            stream.cancel()
            throw error
        }
    }

    /// The one message of a call that takes no stream.
    private func only(
        _ events: CallEvents, _ turns: Semaphore
    ) throws(CallMistake) -> (message: Message?, isInterrupted: Bool) {
        var message: Message?
        while let event = events.next(until: .max) {
            switch event {
            case .input(.success(let document)):
                turns.signal()
                if message != nil { throw CallMistake("\(method.fullName) takes one message, and here are more") }
                message = try InputMessage(method: method).read(document, number: nil)
            case .input(.failure(let fault)): throw CallMistake(fault.message)
            case .inputEnded:
                if message == nil { message = try InputMessage(method: method).read(Array("{}".utf8), number: nil) }
                return (message, false)
            case .interrupted: return (nil, true)
            case .wire: break
            }
        }
        return (nil, true)
    }

    private func converse(
        _ dialect: inout any Dialect, _ stream: any WireStream, _ events: CallEvents, _ turns: Semaphore,
        until deadline: Int64, _ report: inout CallReport
    ) throws(Stop) -> Int32 {
        var count = 0
        while true {
            guard let event = events.next(until: deadline) else {
                stream.cancel()
                let end = CallEnd(code: .deadlineExceeded, message: "there was no end within the time of --timeout")
                _ = report.tell(.end(end))
                return 1
            }
            switch event {
            case .interrupted: throw .interrupted
            case .input(.failure(let fault)): throw .mistake(CallMistake(fault.message))
            case .input(.success(let document)):
                // Those of a call that takes no stream are gone by now.
                count += 1
                do throws(CallMistake) {
                    let message = try InputMessage(method: method).read(document, number: count)
                    report.sent(message)
                    stream.send(try dialect.encoded(message, method)) { turns.signal() }
                } catch {
                    throw .mistake(error)
                }
            case .inputEnded: if method.clientStreams { stream.finish() }
            case .wire(let part):
                if case .failed(let failure) = part, failure.kind == .unreachable {
                    throw .mistake(CallMistake("cannot reach \(server): \(failure.reason)"))
                }
                for reply in dialect.read(part) {
                    guard report.tell(reply) else { throw .unread }
                    if case .end(let end) = reply { return end.code == .ok ? 0 : 1 }
                }
            }
        }
    }
}
