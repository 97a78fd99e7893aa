import Pipeline
import Synchronization

/// Which services take calls now, and who wants to be told when that changes. It outlives plans.
package final class HealthState: Sendable {
    /// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
    enum Status: UInt8, Sendable {
        case serving = 1
        case notServing = 2
        case serviceUnknown = 3
    }

    private struct State {
        var services: [String]
        var isServing = true
        var isOver = false
        var watchers: [UInt64: Waiter] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter services: their full names.
    package init(services: [String]) { state = Mutex(State(services: services)) }

    /// A reload changed the services.
    package func serve(_ services: [String]) {
        tell { $0.services = services }
    }

    /// The server goes down: nothing is served from now on, though calls are still answered.
    package func stopServing() {
        tell { $0.isServing = false }
    }

    /// Who watches is told nothing any more, so that it does not keep the server from going down.
    package func end() {
        tell { $0.isOver = true }
    }

    private func tell(_ change: (inout sending State) -> Void) {
        let watchers = state.withLock { state in
            change(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.wake() }
    }

    /// - Parameter service: empty for the whole server.
    func status(of service: String) -> Status {
        state.withLock { state in
            guard service.isEmpty || state.services.contains(where: { $0.utf8.elementsEqual(service.utf8) }) else {
                return .serviceUnknown
            }
            return state.isServing ? .serving : .notServing
        }
    }

    /// All of them, the whole server first.
    var services: [String] { [""] + state.withLock { $0.services } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func watch(_ waiter: Waiter) { state.withLock { $0.watchers[waiter.ticket] = waiter } }
    func forget(_ ticket: UInt64) { state.withLock { _ = $0.watchers.removeValue(forKey: ticket) } }
}
