import Admin
import Catalog
import Certificates
import Compiler
import Logging
import Manifests
import Pipeline
import Telemetry
import Transport

/// The listeners `admin` and `probes` of what is running, and their change from one manifest to the next.
struct AdminListeners {
    let readiness = Readiness()
    let served: Served
    private let endpoints: [any Endpoint]
    private let log: Logger
    private let failures: HandshakeFailures
    private var admin: AdminListener?
    private var probes: AdminListener?
    /// No manifest names them any more.
    private var leaving: [AdminListener] = []

    /// A change that can still be left undone: of each that is to be, a new listener or the one that there is.
    struct Change {
        fileprivate let admin: Next?
        fileprivate let probes: Next?
    }

    fileprivate enum Next {
        case new(AdminListener, ServerTLS?)
        /// At the same address, perhaps with another token or certificate.
        case kept(AdminListener, AdminAccess?, ServerTLS?)
    }

    init(
        of server: Server, serving served: Served, metrics: MetricRegistry, level: ProgramLogLevel, mailbox: Mailbox,
        _ failures: HandshakeFailures, _ log: Logger
    ) {
        self.served = served
        self.failures = failures
        self.log = log
        let start = LoopClock.now()
        endpoints = Endpoints.all(
            of: server, serving: served, metrics: metrics, readiness: readiness, level: level, log: log,
            uptime: { LoopClock.now() &- start },
            reload: { done in
                mailbox.post(.reload(.admin) { outcome in done(outcome.told) })
            })
    }

    /// Binds what a manifest has and these have not.
    func change(to candidate: Candidate) throws(Daemon.Refusal) -> Change {
        let manifest = candidate.manifest
        let admin = try manifest.admin.value.map { section throws(Daemon.Refusal) in
            try next(
                self.admin, section.address.value, "admin",
                AdminAccess(
                    token: section.token, address: section.address.value, isTLS: candidate.adminTLS != nil),
                candidate.adminTLS,
                help: "; write `admin: off`, or give it another address, as `admin: 127.0.0.1:0`")
        }
        do throws(Daemon.Refusal) {
            let probes = try manifest.probes.value.map { address throws(Daemon.Refusal) in
                try next(self.probes, address.value, "probes", nil, nil, help: "")
            }
            return Change(admin: admin, probes: probes)
        } catch {
            if case .new(let listener, _)? = admin { listener.close() }
            throw error
        }
    }

    private func next(
        _ open: AdminListener?, _ address: ListenAddress, _ name: String, _ access: AdminAccess?, _ tls: ServerTLS?,
        help: String
    ) throws(Daemon.Refusal) -> Next {
        let asked = Server.Address(address)
        if let open, open.asked == asked { return .kept(open, access, tls) }
        do {
            return .new(
                try AdminListener(
                    at: asked, endpoints, access: access, start: ListenerSetting.Start(tls: tls), failures: failures,
                    log: log), tls)
        } catch {
            throw Daemon.Refusal(
                message: "cannot listen on \(address), the address of `\(name)`: \(Listeners.reason(error))\(help)",
                code: 2)
        }
    }

    /// What is new takes connections, what is gone takes none any more.
    mutating func commit(_ change: Change) {
        admin = commit(change.admin, admin, "admin")
        probes = commit(change.probes, probes, "probes")
    }

    private mutating func commit(_ next: Next?, _ old: AdminListener?, _ name: String) -> AdminListener? {
        var listener: AdminListener?
        switch next {
        case .kept(let kept, let access, let tls):
            kept.change(endpoints, access: access, start: ListenerSetting.Start(tls: tls), log: log)
            return kept
        case .new(let new, let tls):
            new.open()
            log.info(
                "\(name) listens on \(tls == nil ? "" : "https://")\(new.address)",
                metadata: [
                    "event": "listening", "listener": "\(name)", "address": "\(new.address)", "tls": "\(tls != nil)",
                ])
            listener = new
        case nil: break
        }
        if let old {
            leaving.append(old)
            log.info(
                "\(name) no longer listens on \(old.address)",
                metadata: ["event": "listener_closed", "listener": "\(name)", "address": "\(old.address)"])
        }
        return listener
    }

    /// Ends those that are no longer named; what they are answering has a moment left.
    mutating func closeLeaving() {
        for listener in leaving { listener.close() }
        leaving = []
    }

    func close() {
        admin?.close()
        probes?.close()
    }
}

extension Candidate {
    /// What the admin pages tell of it.
    func facts(_ workers: Int, openFiles: Int, isTerminal: Bool) -> Served.Facts {
        let connections = manifest.limits.connectionLimits(openFiles: openFiles).connections
        // What the process makes of keys that nobody wrote.
        let computed = Node(map: [
            ("workers", Node(plain: String(workers))),
            ("limits", Node(map: [("connections", Node(plain: String(connections)))])),
            ("shutdown", Node(map: [("delay", Node(string: isTerminal ? "0s" : "5s"))])),
            (
                "telemetry",
                Node(map: [
                    ("log_level", Node(string: "info")), ("log_format", Node(string: isTerminal ? "text" : "json")),
                ])
            ),
        ])
        return Served.Facts(
            name: plan.name, generation: plan.generation,
            manifest: EffectiveManifest(loading, computed: computed), routes: routes)
    }
}

extension Reload.Outcome {
    fileprivate var told: ReloadOutcome {
        switch self {
        case .inForce(let generation): .inForce(generation: generation)
        case .refused(let refusal): .refused(refusal.message, refusal.findings)
        }
    }
}
