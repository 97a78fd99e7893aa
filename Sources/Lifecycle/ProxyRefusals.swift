import Catalog
import Logging
import Manifests
import Pipeline
import Synchronization
import Transport

/// Tells of connections that were closed for their PROXY header: at most once a second, since a port scan makes many.
final class ProxyRefusals: Sendable {
    private let log: Logger
    private let state = Mutex<(next: Int64, untold: Int)>((0, 0))

    init(_ log: Logger) { self.log = log }

    @Sendable func note(_ peer: String, _ reason: String) {
        let now = LoopClock.now()
        let untold: Int? = state.withLock { state in
            guard now >= state.next else {
                state.untold += 1
                return nil
            }
            defer { state = (LoopClock.later(now, 1_000_000_000), 0) }
            return state.untold
        }
        guard let untold else { return }
        let others = untold > 0 ? " (and \(untold) more)" : ""
        log.warning(
            "closed a connection of \(peer): \(reason)\(others)",
            metadata: ["event": "proxy_header_refused", "peer": "\(peer)", "untold": "\(untold)"])
    }
}

extension ProxyProtocol {
    init(_ setting: Switchable<Listen.ProxyProtocol>) {
        switch setting.value {
        case nil: self = .off
        case .optional: self = .optional
        case .required: self = .required
        }
    }
}
