package import Certificates
import Synchronization

/// What the connections of one listener begin with; it may change while that is open, for those that come then.
package final class ListenerSetting: Sendable {
    /// What a connection begins with.
    package struct Start: Sendable {
        package var proxyProtocol = ProxyProtocol.off
        /// After the PROXY header, which is never encrypted.
        package var tls: ServerTLS?
        package var versions = HTTPVersions.all

        package init(
            proxyProtocol: ProxyProtocol = .off, tls: ServerTLS? = nil, versions: HTTPVersions = .all
        ) {
            self.proxyProtocol = proxyProtocol
            self.tls = tls
            self.versions = versions
        }
    }

    private let start = Mutex(Start())

    var current: Start { start.withLock { $0 } }

    package func change(to start: Start) { self.start.withLock { $0 = start } }
}
