import Glibc
package import Logging
import Synchronization

/// The level of the program's own log, which can be changed while it runs, for a time or for good.
package final class ProgramLogLevel: Sendable {
    package struct State: Sendable {
        /// What holds without a change.
        package fileprivate(set) var standard: Logger.Level
        /// What was asked for, while it holds.
        package fileprivate(set) var changed: Logger.Level?
        /// Until when, on the monotonic clock in nanoseconds; nil is for good.
        package fileprivate(set) var until: Int64?

        package var current: Logger.Level { changed ?? standard }
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64

    /// - Parameter now: the monotonic clock, in nanoseconds.
    package init(_ standard: Logger.Level = .info, now: @escaping @Sendable () -> Int64 = ProgramLogLevel.uptime) {
        state = Mutex(State(standard: standard))
        self.now = now
    }

    package var current: Logger.Level { read().current }

    /// The level, and how long it holds.
    package func read() -> State {
        state.withLock { state in
            // Looked at when somebody asks, so that no timer has to wait for it.
            if let until = state.until, now() >= until {
                state.changed = nil
                state.until = nil
            }
            return state
        }
    }

    /// - Parameter nanoseconds: for how long; nil is for good.
    @discardableResult package func change(to level: Logger.Level, for nanoseconds: Int64?) -> State {
        state.withLock { state in
            state.changed = level
            state.until = nanoseconds.map { span in
                let (time, overflow) = now().addingReportingOverflow(span)
                return overflow ? .max : time
            }
            return state
        }
    }

    /// What holds without a change is another level from now on.
    package func settle(on standard: Logger.Level) { state.withLock { $0.standard = standard } }

    /// Back to what holds without a change.
    package func restore() {
        state.withLock { state in
            state.changed = nil
            state.until = nil
        }
    }

    package static let uptime: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// The form of the program's own log, which the manifest in force says.
package final class ProgramLogForm: Sendable {
    private let format: Mutex<ProgramLog.Format>

    package init(_ format: ProgramLog.Format) { self.format = Mutex(format) }

    package var current: ProgramLog.Format { format.withLock { $0 } }

    package func settle(on format: ProgramLog.Format) { self.format.withLock { $0 = format } }
}
