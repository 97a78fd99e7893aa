import Admin
import Catalog
import Compiler
import Glibc
import Logging
import Manifests
import NIOCore
import Pipeline
import Telemetry
import Transport

/// What is running: a manifest in force, the loops that serve it, the sockets that it listens on. Used on the main thread
/// alone.
struct Service: ~Copyable {
    let log: Logger
    let settings: LogSettings
    let mailbox = Mailbox()
    let isTerminal: Bool
    let openFiles: Int
    let server: Server
    let manager: ServiceManager
    private var watchdog: Watchdog
    /// When the files are looked at next; `.max` if they are not watched.
    private var lookAt: Int64
    /// Cannot change while the process runs.
    let workers: Int
    var origin: Origin
    var current: Candidate
    var listeners = Listeners()
    var admin: AdminListeners
    var watch: FileWatch
    let standing: Standing
    let tracer: LibraryTracer

    /// Loads the manifest, binds its listeners and serves.
    init(
        _ options: Daemon.Options, isTerminal: Bool, _ settings: LogSettings, _ log: Logger
    ) throws(Daemon.Refusal) {
        let openFiles = OpenFiles.raiseLimit()
        var origin = Origin(paths: options.manifests, overrides: options.overrides)
        let files = ReadFiles()
        var workers = 1
        let first = try Candidate(&origin, after: nil, noting: files) { manifest in
            settings.apply(manifest?.telemetry)
            workers = manifest?.workers ?? System.coreCount
            return LogOutputs(loops: workers, spans: SpanOutputs.open(loops: workers, log))
        }
        Report.warn(of: first.warnings)
        let failures = HandshakeFailures { peer, reason in
            log.debug(
                "no TLS with \(peer): \(reason)",
                metadata: ["event": "tls_handshake_failed", "peer": "\(peer)", "reason": "\(reason)"])
        }
        let server = Server(
            plan: first.plan, workers: workers, limits: first.manifest.limits.connectionLimits(openFiles: openFiles),
            refused: ProxyRefusals(log).note, failures: failures)
        let standing = Standing(first)
        let tracer = SpanOutputs.bootstrap(for: first)
        ServerSources.add(to: first.outputs.metrics, standing, server: server, failures, workers: workers)
        var listeners = Listeners()
        let served = Served(first.facts(workers, openFiles: openFiles, isTerminal: isTerminal))
        var admin = AdminListeners(
            of: server, serving: served, metrics: first.outputs.metrics, level: settings.level, mailbox: mailbox,
            failures, log)
        let change = try listeners.change(to: first, on: server)
        let adminChange = try admin.change(to: first)
        listeners.commit(change, log)
        admin.commit(adminChange)

        self.log = log
        self.settings = settings
        self.isTerminal = isTerminal
        self.openFiles = openFiles
        self.server = server
        manager = ServiceManager()
        watchdog = Watchdog(manager, server)
        lookAt = options.watches ? LoopClock.now() : .max
        self.workers = workers
        self.origin = origin
        current = first
        self.listeners = listeners
        self.admin = admin
        watch = FileWatch(files)
        for socket in listeners.unusedSockets {
            log.warning(
                "the socket \(socket) was handed over, but `listen` does not name it",
                metadata: ["event": "socket_not_used", "address": "\(socket)"])
        }
        self.standing = standing
        self.tracer = tracer
        warnOfOpenFiles()
        if isTerminal { announce() }
        manager.ready(status)
    }

    /// A limit that cannot be reached is told of: connections are files.
    func warnOfOpenFiles() {
        let room = Limits.roomForConnections(openFiles: openFiles)
        guard let wanted = current.manifest.limits.connections, wanted > room else { return }
        log.warning(
            "`limits.connections` is \(wanted), but \(openFiles) open files leave room for \(room)",
            metadata: ["event": "connections_limited", "connections": "\(room)"])
    }

    /// Does what it is asked for until it is told to end. Returns the signal that did.
    mutating func serve() -> Int32 {
        while true {
            let due = min(lookAt, watchdog.due)
            switch mailbox.next(within: due == .max ? .max : max(0, due - LoopClock.now())) {
            case .reload(let cause, let reply):
                let outcome = reload(cause)
                reply?(outcome)
                // Whoever asked by one of these has been told by then.
                admin.closeLeaving()
            case .reopenLogs: reopenLogs()
            case .end(let signal): return signal
            // The last reference of all: it is taken down here, and not on a loop.
            case .drop: break
            case nil: attend(LoopClock.now())
            }
        }
    }

    /// Does what is due without being asked for.
    private mutating func attend(_ now: Int64) {
        watchdog.beat(now)
        guard now >= lookAt else { return }
        if watch.look() {
            reload(.file)
            admin.closeLeaving()
        }
        lookAt = LoopClock.later(LoopClock.now(), watch.pause)
    }

    /// One line for whoever asks the service manager.
    var status: String {
        "serving \(Report.count(current.routes.count, "route")), generation \(current.plan.generation)"
    }

    /// Ends what is open, and tells what was lost.
    consuming func end() {
        admin.close()
        server.shutdown()
        let lost = current.outputs.close()
        if lost > 0 {
            log.warning(
                "\(lost) lines of the access log could not be written",
                metadata: ["event": "log_lines_lost", "lines": "\(lost)"])
        }
        tracer.close()
        SpanOutputs.close(current.outputs.spans, log)
    }

    /// What a person at a terminal wants to know: what is served where.
    private func announce() {
        let routes = current.routes
        let address = listeners.open.first?.address ?? ""
        let scheme = current.tls.first ?? nil == nil ? "http" : "https"
        let methods = routes.filter { $0.method != nil }
        let page = routes.first { $0.verb == "GET" && !$0.path.contains("{") }?.path
        var example = "curl \(scheme)://\(address)\(page ?? "/")"
        if page == nil, let method = methods.first?.method {
            let plain = scheme == "http" ? " --http2-prior-knowledge" : ""
            example = "buf curl --protocol grpc\(plain) -d '{}' \(scheme)://\(address)/\(method.fullName)"
        }
        var served: [String] = []
        if routes.count > methods.count || methods.isEmpty {
            served.append(Report.count(routes.count - methods.count, "route"))
        }
        if !methods.isEmpty { served.append(Report.count(methods.count, "method")) }
        StandardError.write(
            "\(served.joined(separator: " and ")); try: \(example)\nCtrl-C drains and stops\n")
    }

    /// Log files that were moved away begin anew.
    private func reopenLogs() {
        for (path, reason) in current.outputs.reopen() {
            log.error(
                "\(path) cannot be opened again: \(reason); its lines go on into the old file",
                metadata: ["event": "log_not_reopened"])
        }
        log.info("log files are open again", metadata: ["event": "logs_reopened"])
    }
}
