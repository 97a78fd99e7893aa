import Catalog
import Diagnostics
import Glibc
import Logging
import Manifests
import NIOCore
import Transport

/// The sockets that take connections, and their change from one manifest to the next: what is new is bound before anything
/// else changes, what stays keeps its socket, what goes is closed last.
struct Listeners {
    private(set) var open: [Listener] = []
    private let inherited = InheritedSockets()

    /// Sockets that were handed over and that the manifest does not name, as it would write them.
    var unusedSockets: [String] { inherited.unused(by: open) }

    /// A change that can still be left undone.
    struct Change {
        /// In the order of the manifest.
        fileprivate let next: [Listener]
        fileprivate let new: [(index: Int, listener: Listener)]
        fileprivate let gone: [Listener]
        /// What the connections of each of the next begin with.
        fileprivate let starts: [ListenerSetting.Start]

        /// Gives up what was bound.
        func abandon() { for (_, listener) in new { listener.close() } }
    }

    /// Binds what a manifest has and these have not.
    func change(to candidate: Candidate, on server: Server) throws(Daemon.Refusal) -> Change {
        let manifest = candidate.manifest
        let wanted = manifest.listen.values.map { ($0.address.value, Server.Address($0.address.value)) }
        var gone = open
        // Port 0 stays what it was given.
        let kept = wanted.map { _, address in
            gone.firstIndex { $0.asked == address }.map { gone.remove(at: $0) }
        }
        var next: [Listener] = []
        var new: [(index: Int, listener: Listener)] = []
        for (index, (written, address)) in wanted.enumerated() {
            if let listener = kept[index] {
                next.append(listener)
                continue
            }
            do {
                let listener = try server.listen(
                    address, overlapping: gone.filter { $0.port != nil && $0.port == address.port },
                    on: inherited.socket(for: address))
                next.append(listener)
                new.append((index, listener))
            } catch {
                for (_, listener) in new { listener.close() }
                throw Daemon.Refusal(
                    message: "cannot listen on \(written.written().scalar?.text.string ?? ""): \(Self.reason(error))",
                    code: 2)
            }
        }
        let starts = zip(manifest.listen.values, candidate.tls).map { listen, tls in
            ListenerSetting.Start(
                proxyProtocol: ProxyProtocol(listen.proxyProtocol.value), tls: tls, versions: HTTPVersions(of: listen))
        }
        return Change(next: next, new: new, gone: gone, starts: starts)
    }

    /// What is new takes connections, what is gone takes none any more.
    mutating func commit(_ change: Change, _ log: Logger) {
        for (listener, start) in zip(change.next, change.starts) { listener.setting.change(to: start) }
        for (index, listener) in change.new {
            listener.open()
            let isTLS = change.starts[index].tls != nil
            log.info(
                "listening on \(isTLS ? "https://" : "")\(listener.address)",
                metadata: [
                    "event": "listening", "listener": "\(index)", "address": "\(listener.address)", "tls": "\(isTLS)",
                ])
        }
        for listener in change.gone {
            let address = listener.address
            listener.close()
            log.info(
                "no longer listening on \(address)", metadata: ["event": "listener_closed", "address": "\(address)"])
        }
        open = change.next
    }

    func close() { for listener in open { listener.close() } }

    static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return String(describing: error) }
        return String(cString: strerror(error.errnoCode)).lowercased()
    }
}

extension HTTPVersions {
    fileprivate init(of listen: Listen) {
        self = []
        if listen.speaks(.http1) { insert(.http1) }
        if listen.speaks(.http2) { insert(.http2) }
    }
}

extension Server.Address {
    init(_ address: ListenAddress) {
        switch address {
        case .tcp(let host, let port): self = host.isEmpty ? .everywhere(port: port) : .tcp(host: host, port: port)
        case .unix(let path): self = .unix(path: path)
        }
    }
}
