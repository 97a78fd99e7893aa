package import Logging
package import Telemetry
package import Transport

/// Every endpoint, in the order of the index page. A new one is a file in `Endpoints/` and a line here.
package enum Endpoints {
    /// - Parameter uptime: nanoseconds since the server was started.
    package static func all(
        of server: Server, serving served: Served, metrics: MetricRegistry, readiness: Readiness,
        level: ProgramLogLevel, log: Logger,
        uptime: @escaping @Sendable () -> Int64, reload: @escaping ReloadEndpoint.Reload
    ) -> [any Endpoint] {
        let pulse = LoopPulse(server)
        let endpoints: [any Endpoint] = [
            Liveness("/healthz", about: "whether the process works; the same as /livez", pulse: pulse),
            Liveness("/livez", about: "whether the event loops turn; 503 if one is stuck", pulse: pulse),
            Ready(readiness),
            MetricsEndpoint(metrics),
            VersionEndpoint(served, uptime: uptime),
            ConfigEndpoint(served),
            RoutesEndpoint(served),
            ConnectionsEndpoint(server),
            LogLevelEndpoint(level, log: log),
            ReloadEndpoint(reload),
        ]
        return [Index(served, of: endpoints)] + endpoints
    }
}
