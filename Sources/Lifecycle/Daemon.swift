import Catalog
import Compiler
package import Diagnostics
import Glibc
import JSON
package import Logging
import Manifests
import NIOCore
import Pipeline
import Telemetry
import Transport

/// A manifest's life as a running server: load, listen, serve, drain, end.
package enum Daemon {
    /// Why it did not come to serve; the process ends with `code`.
    package struct Refusal: Error {
        package let message: String
        package let code: Int32
    }

    /// Serves until a signal ends it. Returns the process's exit code.
    ///
    /// - Parameters:
    ///   - sources: manifests, each over those before it.
    ///   - overrides: `KEY=VALUE`, over all of them.
    package static func run(
        _ sources: [Source], overrides: [String] = [], logLevel: Logger.Level
    ) throws(Refusal) -> Int32 {
        Signals.block()
        let isTerminal = isatty(2) == 1
        LoggingSystem.bootstrap { _ in
            var handler = ProgramLog(format: isTerminal ? .text : .json, colored: StandardError.takesColour)
            handler.logLevel = logLevel
            return handler
        }
        let log = Logger(label: "radicled")
        let openFiles = OpenFiles.raiseLimit()

        var findings = Findings()
        let loading = Loading(sources, overrides: overrides, in: .process, &findings)
        // What is wrong with the settings is told when all is compiled.
        var unheard = Findings()
        let workers = loading.manifest(&unheard)?.workers ?? System.coreCount
        let outputs = LogOutputs(loops: workers, spans: SpanOutputs.open(log))
        let compilation = Compilation(loading, outputs: outputs, &findings)
        guard let manifest = compilation.manifest, let plan = compilation.plan else {
            throw Refusal(message: rendered(findings), code: 1)
        }
        warn(findings)

        let server = Server(
            plan: plan, workers: workers, limits: manifest.limits.connectionLimits(openFiles: openFiles))
        let listeners = try listen(manifest, on: server, log)
        if isTerminal { announce(compilation, listeners) }

        drain(server, listeners, outputs, manifest.shutdown, isTerminal: isTerminal, log)
        server.shutdown()
        let lost = outputs.close()
        if lost > 0 {
            log.warning(
                "\(lost) lines of the access log could not be written",
                metadata: ["event": "log_lines_lost", "lines": "\(lost)"])
        }
        SpanOutputs.close(outputs.spans, log)
        log.info("stopped", metadata: ["event": "stopped"])
        return 0
    }

    // MARK: Start

    private static func listen(
        _ manifest: ManifestRoot, on server: Server, _ log: Logger
    ) throws(Refusal) -> [Listener] {
        var listeners: [Listener] = []
        for (index, listen) in manifest.listen.values.enumerated() {
            let address = listen.address.value
            do {
                let listener = try server.listen(Server.Address(address))
                listeners.append(listener)
                log.info(
                    "listening on \(listener.address)",
                    metadata: ["event": "listening", "listener": "\(index)", "address": "\(listener.address)"])
            } catch {
                for listener in listeners { listener.close() }
                throw Refusal(
                    message: "cannot listen on \(address.written().scalar?.text.string ?? ""): \(reason(error))",
                    code: 2)
            }
        }
        return listeners
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return String(describing: error) }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }

    private static func rendered(_ findings: borrowing Findings) -> String {
        let ordered = findings.ordered()
        var out = ByteWriter(capacity: 4096)
        HumanRenderer(inColour: StandardError.takesColour).render(ordered, to: &out)
        return String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(ordered)
    }

    /// What lint would warn of does not keep a server from starting, but is not silent either.
    private static func warn(_ findings: borrowing Findings) {
        guard !findings.isEmpty else { return }
        StandardError.write(rendered(findings) + "\n")
    }

    /// What a person at a terminal wants to know: what is served where.
    private static func announce(_ compilation: Compilation, _ listeners: [Listener]) {
        let count = compilation.routes.count
        let address = listeners.first?.address ?? ""
        let example = compilation.routes.first { $0.method == "GET" && !$0.path.contains("{") }?.path ?? "/"
        StandardError.write(
            "\(count) route\(count == 1 ? "" : "s"); try: curl http://\(address)\(example)\nCtrl-C drains and stops\n")
    }

    /// Log files that were moved away begin anew.
    private static func reopen(_ outputs: LogOutputs, _ log: Logger) {
        for (path, reason) in outputs.reopen() {
            log.error(
                "\(path) cannot be opened again: \(reason); its lines go on into the old file",
                metadata: ["event": "log_not_reopened"])
        }
        log.info("log files are open again", metadata: ["event": "logs_reopened"])
    }

    // MARK: End

    private static func drain(
        _ server: Server, _ listeners: [Listener], _ outputs: LogOutputs, _ shutdown: Shutdown, isTerminal: Bool,
        _ log: Logger
    ) {
        var signal = Signals.next()
        while signal == SIGHUP || signal == SIGUSR1 {
            if signal == SIGUSR1 {
                reopen(outputs, log)
            } else {
                // Reloading comes later; until then SIGHUP must not kill, since it will not then.
                log.warning(
                    "reloading is not built yet; the manifest stays as it is", metadata: ["event": "reload_refused"])
            }
            signal = Signals.next()
        }
        log.info("draining", metadata: ["event": "draining", "signal": signal == SIGINT ? "SIGINT" : "SIGTERM"])
        // Whoever pressed Ctrl-C is no load balancer that must be given time to turn away.
        let delay = shutdown.delay ?? (isTerminal || signal == SIGINT ? .seconds(0) : .seconds(5))
        var isImpatient = delay.nanoseconds > 0 && wait(delay.nanoseconds) { false }
        for listener in listeners { listener.close() }
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

    /// Waits until the time is over or something is so. True if a second signal asked to hurry.
    private static func wait(_ nanoseconds: Int64, until isDone: () -> Bool) -> Bool {
        let end = LoopClock.later(LoopClock.now(), nanoseconds)
        while !isDone() {
            let left = Double(end - LoopClock.now()) / 1e9
            if left <= 0 { return false }
            if let signal = Signals.next(within: min(left, 0.02)), signal != SIGHUP, signal != SIGUSR1 { return true }
        }
        return false
    }
}

extension Server.Address {
    fileprivate init(_ address: ListenAddress) {
        switch address {
        case .tcp(let host, let port): self = host.isEmpty ? .everywhere(port: port) : .tcp(host: host, port: port)
        case .unix(let path): self = .unix(path: path)
        }
    }
}
