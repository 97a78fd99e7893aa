/// Spans on their way to a collector: a bounded queue, batches, and what becomes of a batch that was not taken. It
/// decides; `SpanExporter` has the clock and the socket.
struct SpanQueue {
    struct Limits: Sendable {
        /// Spans that may wait; what is more is dropped.
        var capacity = 2048
        /// Spans of one request.
        var batch = 512
        /// How often one batch is tried.
        var attempts = 5
    }

    /// How an attempt ended.
    enum Outcome: Equatable {
        case taken
        /// The collector does not want it, now or ever.
        case refused
        /// It could not be reached or asks for another try, after so many nanoseconds if it says so.
        case again(after: Int64?)
    }

    enum Action: Equatable {
        /// Send the batch that is in flight.
        case send
        case wait(Int64)
        case rest
    }

    /// Spans of one request, one behind the other as it carries them.
    struct Batch {
        private(set) var bytes: [UInt8] = []
        private(set) var count = 0

        fileprivate mutating func add(_ span: UnsafeBufferPointer<UInt8>, _ format: OTLPFormat) {
            if format == .json, count > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: span)
            count += 1
        }
    }

    private let limits: Limits
    private let format: OTLPFormat
    /// All of them full but the last.
    private var waiting: [Batch] = []
    /// Spans in `waiting`.
    private(set) var count = 0
    /// Whether somebody has been told to come for a full batch, and has not come yet.
    private var isAsked = false
    /// The batch that is being sent, or waits to be sent again; nil if there is none.
    private(set) var inFlight: Batch?
    private var attempt = 0
    /// Whether what is in flight waits for its next try.
    private(set) var isWaiting = false
    private(set) var counts = SpanCounts()

    init(_ limits: Limits, _ format: OTLPFormat) {
        self.limits = limits
        self.format = format
    }

    var capacity: Int { limits.capacity }

    /// Takes a span. True if a batch is full, so that it need not wait for its time; once for each.
    mutating func add(_ span: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count < limits.capacity else {
            counts.dropped += 1
            return false
        }
        if waiting.last.map({ $0.count >= limits.batch }) ?? true { waiting.append(Batch()) }
        waiting[waiting.count - 1].add(span, format)
        count += 1
        guard inFlight == nil, count >= limits.batch, !isAsked else { return false }
        isAsked = true
        return true
    }

    /// The time has come, or a batch is full.
    mutating func due() -> Action {
        isAsked = false
        // One at a time: a collector that is slow is not helped by more at once.
        guard inFlight == nil, !waiting.isEmpty else { return .rest }
        let batch = waiting.removeFirst()
        count -= batch.count
        inFlight = batch
        attempt = 1
        return .send
    }

    /// The next try begins.
    mutating func beginAgain() { isWaiting = false }

    /// - Parameters:
    ///   - rejected: how many spans the collector took the request without (OTLP, partial success).
    ///   - jitter: 0 to 1.
    ///   - isLast: there is no time for another try.
    mutating func ended(_ outcome: Outcome, rejected: Int = 0, jitter: Double, isLast: Bool = false) -> Action {
        isWaiting = false
        let sent = inFlight?.count ?? 0
        switch outcome {
        case .taken:
            let rejected = min(max(0, rejected), sent)
            counts.exported += sent - rejected
            counts.failed += rejected
        case .refused: counts.failed += sent
        case .again(let after):
            if attempt < limits.attempts, !isLast {
                // 1s, 2s, 4s, … each half to whole, so that many servers do not come back at once.
                let backoff = Double(1 << min(attempt - 1, 5)) * 1e9 * (0.5 + 0.5 * min(max(jitter, 0), 1))
                attempt += 1
                isWaiting = true
                return .wait(min(max(after ?? 0, Int64(backoff)), 60_000_000_000))
            }
            counts.failed += sent
        }
        inFlight = nil
        // What has gathered meanwhile may be a whole batch.
        return count >= limits.batch || isLast ? due() : .rest
    }
}

/// What became of the spans so far.
package struct SpanCounts: Equatable, Sendable {
    /// Taken by the collector.
    package var exported = 0
    /// Refused by it, or given up.
    package var failed = 0
    /// Never queued: there was no room.
    package var dropped = 0
}
