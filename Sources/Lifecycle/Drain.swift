import Admin
import Catalog
import Glibc
import Logging
import Manifests
import Pipeline
import Transport

extension Service {
    /// Lets what runs come to its end, as long as the manifest gives it (docs/decisions/0011).
    func drain(after signal: Int32) {
        admin.readiness.hold(for: .draining)
        current.health?.stopServing()
        manager.stopping()
        log.info("draining", metadata: ["event": "draining", "signal": signal == SIGINT ? "SIGINT" : "SIGTERM"])
        let shutdown = current.manifest.shutdown
        // Whoever pressed Ctrl-C is no load balancer that must be given time to turn away.
        let delay = shutdown.delay ?? (isTerminal || signal == SIGINT ? .seconds(0) : .seconds(5))
        var isImpatient = delay.nanoseconds > 0 && wait(delay.nanoseconds) { false }
        listeners.close()
        current.health?.end()
        server.drain()
        if !isImpatient {
            isImpatient = wait(shutdown.grace.nanoseconds) { server.openConnections == 0 }
        }
        if server.openConnections > 0 {
            log.warning(
                "closing what is still open",
                metadata: ["event": "forced", "connections": "\(server.openConnections)"])
            server.forceClose()
            _ = wait(1_000_000_000) { server.openConnections == 0 }
        }
    }

    /// Waits until the time is over or something is so. True if a second signal asked to hurry. There is nothing to reload
    /// for any more.
    private func wait(_ nanoseconds: Int64, until isDone: () -> Bool) -> Bool {
        let end = LoopClock.later(LoopClock.now(), nanoseconds)
        while !isDone() {
            let left = end - LoopClock.now()
            if left <= 0 { return false }
            switch mailbox.next(within: min(left, 20_000_000)) {
            case .end: return true
            case .reload(_, let reply):
                reply?(.refused(Daemon.Refusal(message: "the server goes down", code: 1)))
            default: break
            }
        }
        return false
    }
}
