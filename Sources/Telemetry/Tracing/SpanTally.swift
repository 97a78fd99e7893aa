import Synchronization

/// How many spans there have been, by what was decided of each when it began: of calls on their loops, and of libraries on
/// any thread.
package final class SpanTally: Sendable {
    /// Values of `otel.span.sampling_result` (OpenTelemetry semantic conventions, SDK metrics).
    enum Decision: Int, CaseIterable {
        case sampled
        /// Kept until its end, and sent if it turns out to be worth it.
        case recorded
        /// Nothing of it is kept.
        case dropped

        var name: StaticString {
            switch self {
            case .sampled: "RECORD_AND_SAMPLE"
            case .recorded: "RECORD_ONLY"
            case .dropped: "DROP"
            }
        }
    }

    /// A word for each decision: those that began, and behind them those that ended.
    private let cells: [MetricCell]
    private let elsewhere = Mutex<[UInt64]>(Array(repeating: 0, count: 2 * SpanTally.width))
    private static let width = Decision.allCases.count

    /// - Parameter loops: how many loops count.
    init(loops: Int) { cells = (0..<max(0, loops)).map { _ in MetricCell(words: 2 * Self.width) } }

    deinit { for cell in cells { cell.free() } }

    /// A call's span begins, on its loop.
    package func begin(isSampled: Bool, on loop: Int) { add(isSampled, at: 0, on: loop) }

    /// The span of a call that began on this loop ends.
    package func end(isSampled: Bool, on loop: Int) { add(isSampled, at: Self.width, on: loop) }

    @inline(__always) private func add(_ isSampled: Bool, at first: Int, on loop: Int) {
        guard loop >= 0, loop < cells.count else { return }
        cells[loop].add(1, at: first &+ (isSampled ? Decision.sampled : .recorded).rawValue)
    }

    /// A library's span begins.
    func begin(_ decision: Decision) { elsewhere.withLock { $0[decision.rawValue] &+= 1 } }

    /// A library's span ends.
    func end(_ decision: Decision) { elsewhere.withLock { $0[Self.width + decision.rawValue] &+= 1 } }

    func started(_ decision: Decision) -> UInt64 { sum(at: decision.rawValue) }

    /// Those that have begun and not ended.
    func live(_ decision: Decision) -> UInt64 {
        // In this order, what begins and ends in between does not make it negative.
        let ended = sum(at: Self.width + decision.rawValue)
        let started = started(decision)
        return started - min(ended, started)
    }

    private func sum(at index: Int) -> UInt64 {
        cells.reduce(elsewhere.withLock { $0[index] }) { $0 &+ $1.value(at: index) }
    }
}
