import Synchronization

/// The series of a metric over all loops, by their labels, and no more of them than it may have.
///
/// A loop comes here once for each series that is new to it, and keeps the cell it gets. What there is no room for is
/// counted in one series for all (OpenTelemetry, metrics SDK, section Cardinality limits).
final class SeriesDirectory: Sendable {
    struct Series {
        /// Labels as they are exposed, without braces; nil for what there was no room for.
        let labels: [UInt8]?
        /// Who has it; see `hold`.
        let owner: [UInt8]
        /// Nanoseconds since the Unix epoch.
        let created: Int64
        fileprivate(set) var cells: [MetricCell?]
    }

    private struct Contents {
        var series: [[UInt8]: Series] = [:]
        var overflow: Series?
        var holders: [[UInt8]: Int] = [:]
    }

    private let contents = Mutex(Contents())
    private let words: Int
    private let loops: Int

    /// - Parameters:
    ///   - words: of a cell.
    ///   - loops: how many cells a series has; all loops share it if that is one.
    init(words: Int, loops: Int) {
        self.words = words
        self.loops = max(1, loops)
    }

    deinit {
        contents.withLock { contents in
            for series in contents.series.values { Self.free(series) }
            if let overflow = contents.overflow { Self.free(overflow) }
        }
    }

    private static func free(_ series: Series) {
        for cell in series.cells { cell?.free() }
    }

    /// A loop's cell of a series; of the overflow's where the metric has as many series as it may.
    ///
    /// - Parameters:
    ///   - limit: how many series the metric may have, the overflow's included.
    ///   - wall: now, in nanoseconds since the Unix epoch.
    func cell(
        _ labels: [UInt8], owner: [UInt8] = [], loop: Int, limit: Int, wall: Int64
    ) -> (cell: MetricCell, isOverflow: Bool) {
        let slot = loop >= 0 && loop < loops ? loop : 0
        return contents.withLock { contents in
            if contents.series[labels] != nil || contents.series.count < limit - 1 {
                let cell = cell(
                    slot, of: &contents.series[labels],
                    Series(
                        labels: labels, owner: owner, created: wall, cells: Array(repeating: nil, count: loops)))
                return (cell, false)
            }
            let cell = cell(
                slot, of: &contents.overflow,
                Series(labels: nil, owner: [], created: wall, cells: Array(repeating: nil, count: loops)))
            return (cell, true)
        }
    }

    private func cell(_ slot: Int, of series: inout Series?, _ fresh: @autoclosure () -> Series) -> MetricCell {
        if series == nil { series = fresh() }
        if let cell = series?.cells[slot] { return cell }
        let cell = MetricCell(words: words)
        series?.cells[slot] = cell
        return cell
    }

    /// Keeps the series of an owner; as many times as it is released, they go.
    func hold(_ owner: [UInt8]) { contents.withLock { $0.holders[owner, default: 0] += 1 } }

    /// The last to let an owner go ends its series: a route that no plan has any more is not scraped for ever.
    func release(_ owner: [UInt8]) {
        contents.withLock { contents in
            let left = (contents.holders[owner] ?? 1) - 1
            if left > 0 {
                contents.holders[owner] = left
                return
            }
            contents.holders[owner] = nil
            for (labels, series) in contents.series where series.owner == owner {
                Self.free(series)
                contents.series[labels] = nil
            }
        }
    }

    /// How many there are, the overflow's included.
    var count: Int { contents.withLock { $0.series.count + ($0.overflow == nil ? 0 : 1) } }

    /// Calls `body` with each series and its cells in the order of the labels, the overflow's last. They stay alive until
    /// it returns; a loop that meets a new series waits as long.
    func forEach(_ body: (Series, [MetricCell]) -> Void) {
        contents.withLock { contents in
            for (_, series) in contents.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                body(series, series.cells.compactMap { $0 })
            }
            if let overflow = contents.overflow { body(overflow, overflow.cells.compactMap { $0 }) }
        }
    }
}
