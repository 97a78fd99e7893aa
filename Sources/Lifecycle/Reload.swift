import Admin
import Catalog
import Logging
import NIOCore
import Pipeline
import Telemetry
import Transport

/// The change from one manifest to the next while calls run.
enum Reload {
    /// What asked for it.
    enum Cause: Sendable {
        case signal
        case file
        /// `POST /debug/reload`.
        case admin

        var inWords: String {
            switch self {
            case .signal: "SIGHUP"
            case .file: "a changed file"
            case .admin: "a request to the admin pages"
            }
        }
    }

    enum Outcome: Sendable {
        case inForce(generation: Int)
        /// The manifest before stays.
        case refused(Daemon.Refusal)
    }
}

extension Service {
    /// Makes ready all that can fail: reads, lints, compiles, opens, binds. Then puts it in force, which cannot fail. In
    /// between there is one way back, and nothing that runs has noticed.
    @discardableResult mutating func reload(_ cause: Reload.Cause) -> Reload.Outcome {
        let start = LoopClock.now()
        manager.reloading()
        let files = ReadFiles()
        do throws(Daemon.Refusal) {
            defer { watch = FileWatch(files) }
            let next = try Candidate(&origin, after: current, noting: files) {
                LogOutputs(loops: $0?.workers ?? System.coreCount)
            }
            let change = try listeners.change(to: next, on: server)
            do throws(Daemon.Refusal) {
                put(next, change, try admin.change(to: next))
            } catch {
                change.abandon()
                throw error
            }
        } catch {
            manager.ready(status + "; the last reload was refused")
            standing.refuse()
            Report.refused(error, cause, generation: current.plan.generation, log)
            return .refused(error)
        }
        Report.warn(of: current.warnings)
        warnOfWorkers()
        warnOfOpenFiles()
        let milliseconds = (LoopClock.now() - start) / 1_000_000
        log.info(
            "reloaded after \(cause.inWords): \(Report.count(current.routes.count, "route"))",
            metadata: [
                "event": "reloaded", "generation": "\(current.plan.generation)", "routes": "\(current.routes.count)",
                "duration_ms": "\(milliseconds)",
            ])
        manager.ready(status)
        return .inForce(generation: current.plan.generation)
    }

    private mutating func put(
        _ next: Candidate, _ change: Listeners.Change, _ adminChange: AdminListeners.Change
    ) {
        server.change(
            to: next.plan, limits: next.manifest.limits.connectionLimits(openFiles: openFiles)
        ) { [mailbox] plan in mailbox.post(.drop(plan)) }
        // Before what only the manifest before had is let go of, so that a queue that goes on is still there.
        tracer.settle(on: next.outputs.spans, service: next.plan.name, resource: next.resource)
        next.takeEffect()
        settings.apply(next.manifest.telemetry)
        current = next
        standing.put(next)
        listeners.commit(change, log)
        admin.served.replace(by: next.facts(workers, openFiles: openFiles, isTerminal: isTerminal))
        admin.commit(adminChange)
    }

    private func warnOfWorkers() {
        let wanted = current.manifest.workers ?? System.coreCount
        guard wanted != workers else { return }
        log.warning(
            "`workers: \(wanted)` takes effect at the next start; \(workers) run",
            metadata: ["event": "needs_restart", "key": "workers"])
    }
}
