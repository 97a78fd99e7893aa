/// State of a plan that is read off when somebody scrapes, as long as it lives: a gate, a queue.
package protocol Gauged: AnyObject, Sendable {
    /// What it says now, always the same families. From any thread.
    var gauges: [(family: MetricFamily, value: Double)] { get }
}

/// A state, and where in the manifest it was written.
struct WatchedState {
    weak var state: (any Gauged)?
    let place: [UInt8]
}

extension WatchedState {
    /// Each family once, with a line for each place.
    static func write(_ states: [WatchedState], into out: inout ExpositionWriter) {
        var order: [MetricFamily] = []
        var lines: [String: [(place: [UInt8], value: Double)]] = [:]
        for watched in states {
            for (family, value) in watched.state?.gauges ?? [] {
                if lines[family.name] == nil { order.append(family) }
                lines[family.name, default: []].append((watched.place, value))
            }
        }
        for family in order {
            out.begin(family)
            let sorted = (lines[family.name] ?? []).sorted { $0.place.lexicographicallyPrecedes($1.place) }
            for (place, value) in sorted { out.sample(value) { $0.label("place", place) } }
        }
    }
}
