/// A limit that follows how long calls take: while they take as long as ever it grows, when they take longer it shrinks.
///
/// The algorithm is Gradient2 of Netflix's concurrency-limits, with the headroom of Envoy's gradient controller. Calls are
/// looked at in windows. Of each is taken the mean time, `short`, and `long` is the mean of the windows before it. Then
///
///     gradient = 1.5 × long ÷ short, within 0.5 and 1
///     limit    = 0.8 × limit + 0.2 × (limit × gradient + √limit)
///
/// √limit calls are the queue that it probes with, and 1.5 the growth of times that it bears. It does not grow while fewer
/// than half of it run, since that says nothing of what the server can bear.
package struct GradientLimit: Sendable {
    private var minimum: Double
    private var maximum: Double
    private var estimate: Double
    /// Nanoseconds; 0 before the first window.
    private var long = 0.0
    private var windows = 0
    /// The window that is open: when it began, the sum of its times, how many calls, and how many ran at once.
    private var start: Int64 = 0
    private var sum = 0.0
    private var count = 0
    private var peak = 0

    /// Where it begins, if its bounds let it.
    private static let first = 20.0
    private static let tolerance = 1.5
    private static let smoothing = 0.2
    /// A window is at least so long, in nanoseconds, and has at least so many calls.
    private static let span: Int64 = 100_000_000
    private static let fewest = 10
    /// How many windows `long` remembers: a minute under load.
    private static let memory = 600.0

    package init(minimum: Int, maximum: Int) {
        self.minimum = Double(minimum)
        self.maximum = Double(maximum)
        estimate = min(max(Self.first, Double(minimum)), Double(maximum))
    }

    package var limit: Int { Int(estimate) }

    package mutating func adjust(minimum: Int, maximum: Int) {
        self.minimum = Double(minimum)
        self.maximum = Double(maximum)
        estimate = min(max(estimate, self.minimum), self.maximum)
    }

    /// A call has ended.
    ///
    /// - Parameters:
    ///   - duration: how long it ran, in nanoseconds.
    ///   - running: how many ran then, this one included.
    ///   - now: monotonic nanoseconds.
    package mutating func note(duration: Int64, running: Int, now: Int64) {
        if count == 0 { start = now &- duration }
        sum += Double(max(duration, 1))
        count += 1
        peak = max(peak, running)
        guard count >= Self.fewest, now &- start >= Self.span else { return }
        let short = sum / Double(count)
        remember(short)
        if Double(peak) >= estimate / 2 {
            let gradient = max(0.5, min(1, Self.tolerance * long / short))
            let next = estimate * gradient + estimate.squareRoot()
            estimate = min(max(estimate * (1 - Self.smoothing) + next * Self.smoothing, minimum), maximum)
        }
        sum = 0
        count = 0
        peak = 0
    }

    private mutating func remember(_ short: Double) {
        windows += 1
        // The first few count alike; after that a window is a drop among the memory's.
        let weight = max(1 / Double(windows), 2 / (Self.memory + 1))
        long += (short - long) * (windows <= 10 ? weight : 2 / (Self.memory + 1))
        // After a time of overload it comes back down quickly.
        if long > 2 * short { long *= 0.95 }
    }
}
