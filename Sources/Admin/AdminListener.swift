import Glibc
package import Logging
import Pipeline
package import Transport

/// Endpoints on an address of their own: a server with one loop, beside that of the manifest. What is asked here costs the
/// others nothing, and is answered when they have no connection left.
package final class AdminListener: Sendable {
    private let server: Server
    private let limits: ConnectionLimits
    private let listener: Listener
    /// As it was asked for.
    package let asked: Server.Address

    /// Connections at once.
    private static let connections = 128

    /// - Parameters:
    ///   - endpoints: all there are; on the probes' listener those that belong there are served.
    ///   - access: who may ask; nil for the probes, which everybody may.
    ///   - start: what its connections begin with.
    ///   - failures: counts the handshakes that come to nothing.
    ///
    /// It takes no connection before `open`.
    package init(
        at address: Server.Address, _ endpoints: [any Endpoint], access: AdminAccess?,
        start: ListenerSetting.Start = ListenerSetting.Start(),
        failures: HandshakeFailures = HandshakeFailures(), log: Logger
    ) throws {
        var limits = ConnectionLimits()
        limits.connections = Self.connections
        let server = Server(
            plan: Self.plan(endpoints, access, log), workers: 1, limits: limits, failures: failures)
        do {
            listener = try server.listen(address)
        } catch {
            server.shutdown()
            throw error
        }
        listener.setting.change(to: start)
        self.server = server
        self.limits = limits
        asked = address
    }

    private static func plan(_ endpoints: [any Endpoint], _ access: AdminAccess?, _ log: Logger) -> Plan {
        let served = access == nil ? endpoints.filter(\.isOnProbes) : endpoints
        return AdminPlan.make(served, access: access, log: log)
    }

    /// Takes connections from now on.
    package func open() { listener.open() }

    /// Another token may be asked for from now on, and who connects is shown another certificate.
    package func change(_ endpoints: [any Endpoint], access: AdminAccess?, start: ListenerSetting.Start, log: Logger) {
        listener.setting.change(to: start)
        server.change(to: Self.plan(endpoints, access, log), limits: limits) { _ in }
    }

    /// Where it listens, as a client would write it.
    package var address: String { listener.address }

    /// Ends it; what is being answered has a moment left.
    package func close() {
        listener.close()
        server.drain()
        for _ in 0..<50 where server.openConnections > 0 { usleep(5000) }
        if server.openConnections > 0 {
            server.forceClose()
            for _ in 0..<50 where server.openConnections > 0 { usleep(5000) }
        }
        server.shutdown()
    }
}
