import Pipeline
import Transport

/// Signs of life for the service manager: the main thread gives one as long as all loops turn.
struct Watchdog {
    private let manager: ServiceManager
    private let pulse: LoopPulse
    private let interval: Int64
    /// When the next one is due; `.max` if nobody asks for any.
    private(set) var due = Int64.max

    init(_ manager: ServiceManager, _ server: Server) {
        self.manager = manager
        pulse = LoopPulse(server)
        interval = manager.watchdog ?? .max
        if manager.watchdog != nil { due = 0 }
    }

    /// A loop that stands still keeps the sign back.
    mutating func beat(_ now: Int64) {
        guard now >= due else { return }
        if pulse.late().isEmpty { manager.isAlive() }
        due = LoopClock.later(now, interval)
    }
}
