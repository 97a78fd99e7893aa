import CEL
import JSON
import Pipeline
import Telemetry

/// One form of a line of the access log.
protocol AccessLine: Sendable {
    /// Writes one line, its break included, whatever the call had in it.
    func write(_ exchange: inout Exchange, _ outcome: Outcome, into out: inout ByteWriter)
}

extension AccessLine {
    /// The policies on trial that would have stood in the way, as a list of JSON.
    func writeShadows(_ exchange: inout Exchange, into out: inout ByteWriter) {
        guard !exchange.route.pointee.shadows.isEmpty else { return }
        var isFirst = true
        exchange.forEachShadow { name in
            out.append(isFirst ? ",\"radicled.shadow\":[\"" : "\",\"")
            out.append(name)
            isFirst = false
        }
        if !isFirst { out.append("\"]") }
    }
}

/// Writes a call's line when it is over.
final class LogStage<Line: AccessLine>: Middleware {
    let moments: Moments = [.finish]
    private let line: Line
    private let writer: LogWriter
    private let sampling: TailSampling

    init(_ line: Line, to writer: LogWriter, _ sampling: TailSampling) {
        self.line = line
        self.writer = writer
        self.sampling = sampling
    }

    func finish(_ exchange: inout Exchange, _ outcome: Outcome) {
        guard sampling.takes(exchange, outcome) else { return }
        let state = exchange.loop.state
        writer.append(loop: state.pointee.index, on: state.pointee.eventLoop) { out in
            line.write(&exchange, outcome, into: &out)
        }
    }
}

/// Which calls have a line: a share of them, and all that somebody will look for.
struct TailSampling: Sendable {
    private let takesAll: Bool
    private let share: Double
    private let slow: Int64
    /// `,"radicled.sample":0.1`, ready.
    private let note: [UInt8]

    /// - Parameter slow: nanoseconds.
    init(share: Double, slow: Int64) {
        takesAll = share >= 1
        self.share = share
        self.slow = slow
        var note = ByteWriter(capacity: 64)
        note.append(",\"radicled.sample\":")
        note.append(share.description)
        self.note = Array(note.bytes)
    }

    func takes(_ exchange: borrowing Exchange, _ outcome: Outcome) -> Bool {
        if takesAll || isNotable(outcome) { return true }
        // By the trace, where there is one: its calls have lines or have not, all of them, on all servers of one share.
        let word = exchange.trace.isThere ? exchange.trace.low << 8 : exchange.loop.state.pointee.random.word()
        return Double(~word >> 11) * 0x1p-53 < share
    }

    private func isNotable(_ outcome: Outcome) -> Bool {
        outcome.isFailure || outcome.duration >= slow || outcome.reason != .none
    }

    /// Notes the share in a line that was chosen by it, so that what is counted in the log can be scaled.
    func writeNote(_ outcome: Outcome, into out: inout ByteWriter) {
        if !takesAll, !isNotable(outcome) { out.append(note) }
    }
}

/// A key of the manifest's own.
struct OwnLogField: Sendable {
    /// `,"name":`, ready.
    private let key: [UInt8]
    private let program: Program
    private let isRedacted: Bool

    init(_ name: String, _ program: Program, isRedacted: Bool) {
        var key = ByteWriter(capacity: 64)
        key.append(",")
        key.append(jsonString: name)
        key.append(":")
        self.key = Array(key.bytes)
        self.program = program
        self.isRedacted = isRedacted
    }

    /// Leaves it out if it fails or is absent.
    func write(_ exchange: inout Exchange, into out: inout ByteWriter) {
        let start = out.count
        out.append(key)
        let value = out.count
        guard case .written = program.writeJSON(exchange.context, &out) else { return out.truncate(to: start) }
        if isRedacted {
            out.truncate(to: value)
            out.append("\"")
            out.append(LogRedaction.mark)
            out.append("\"")
        }
    }
}
