import Catalog
import Certificates
import Client
import Compiler
package import Diagnostics
import Glibc
import Manifests
import NIOCore
import NIOPosix

/// Asks a running server how it is: what `radicled probe` does, for where there is no curl.
package struct Probe {
    package enum Outcome: Equatable {
        /// The answer, on one line: `200 ready`.
        case answered(status: Int, text: String)
        /// In a few words.
        case unreachable(String)
    }

    /// Why it cannot ask.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    private let peer: HTTPProbe.Peer
    private let path: String
    private var token: String?
    /// How it knows a server that speaks TLS.
    private var tls: PinnedTLS?

    /// Where it asks, as a person would write it.
    private var target: String {
        switch peer {
        case .tcp(let host, let port):
            "http\(tls == nil ? "" : "s")://\(HTTPTarget(host: host, port: port, path: path).authority)\(path)"
        case .unix(let file): "unix:\(file) \(path)"
        }
    }

    /// - Parameters:
    ///   - target: a URL, `HOST:PORT`, `unix:PATH`, or a path on the address that the manifest says; nil is `/readyz`.
    ///   - sources: manifests whose `probes` or `admin` is asked; none for the usual admin address.
    package init(_ target: String?, _ sources: [Source] = [], overrides: [String] = []) throws(Unusable) {
        let target = target ?? "/readyz"
        if target.utf8.first == UInt8(ascii: "/") {
            guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
                throw Unusable(description: "`\(HumanRenderer.safe(target))` is not the path of a URL")
            }
            path = target
            if sources.isEmpty {
                peer = .tcp(host: "127.0.0.1", port: 9901)
            } else {
                let found = try Self.listener(of: sources, overrides, path)
                peer = try Self.peer(found.address)
                token = found.token
                tls = found.tls
            }
            return
        }
        guard sources.isEmpty else {
            throw Unusable(description: "`\(HumanRenderer.safe(target))` says where to ask, and so does --config")
        }
        if let address = ListenAddress(target) {
            peer = try Self.peer(address)
            path = "/readyz"
            return
        }
        do throws(HTTPTarget.Unusable) {
            let url = try HTTPTarget(url: target, defaultPort: 80, allowsQuery: true)
            peer = .tcp(host: url.host, port: url.port)
            path = url.path == "/" ? "/readyz" : url.path
        } catch {
            let help =
                target.lowercased().hasPrefix("https://")
                ? "write the path, and by --config the manifest that names the certificate"
                : "write a URL, HOST:PORT or a path"
            throw Unusable(description: "`\(HumanRenderer.safe(target))` \(error.reason); \(help)")
        }
    }

    /// A duration as manifests write it; nil if it is none, or no time at all.
    package static func nanoseconds(_ text: String) -> Int64? {
        Timespan(text).flatMap { $0.nanoseconds > 0 ? $0.nanoseconds : nil }
    }

    /// - Parameter timeout: of the whole, in nanoseconds.
    package func run(timeout: Int64) -> Outcome {
        var secured: (@Sendable () throws -> any ChannelHandler)?
        if let tls { secured = { try tls.handler() } }
        do {
            let reply = try HTTPProbe.get(
                path, from: peer, authorization: token.map { "Bearer \($0)" },
                secured: secured, timeout: .nanoseconds(timeout))
            let lines = String(decoding: reply.body.prefix(1000), as: UTF8.self).split { $0.isNewline }
            return .answered(
                status: reply.status,
                text: HumanRenderer.safe(
                    (["\(reply.status)"] + lines.prefix(1).map(String.init)).joined(separator: " ")
                        + lines.dropFirst().map { "; \($0)" }.joined()))
        } catch {
            return .unreachable("\(HumanRenderer.safe(target)): \(Self.words(error))")
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case HTTPPost.Failure.timedOut, ChannelError.connectTimeout: "no answer in time"
        case HTTPPost.Failure.closed: "the connection was closed without an answer"
        case HTTPPost.Failure.malformed: "the answer is not HTTP"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case let error as NIOConnectionError: connection(error)
        default: PinnedTLS.words(error) ?? String(describing: error)
        }
    }

    private static func connection(_ error: NIOConnectionError) -> String {
        if let first = error.connectionErrors.first { return words(first.error) }
        return "the name \(error.host) is not known"
    }

    // MARK: The address

    /// What is asked of a server that has this manifest: `probes` where it has what is asked for, else `admin`.
    private static func listener(
        of sources: [Source], _ overrides: [String], _ path: String
    ) throws(Unusable) -> (address: ListenAddress, token: String?, tls: PinnedTLS?) {
        // A mistake elsewhere in the file does not matter here: what runs was without.
        var findings = Findings()
        let loading = Loading(sources, overrides: overrides, in: .process, &findings)
        guard let manifest = loading.manifest(&findings) else {
            throw Unusable(
                description: "\(sources.first?.name ?? "the manifest") is no manifest; `radicled lint` says more")
        }
        let isHealth = ["/healthz", "/livez", "/readyz"].contains { path.utf8.elementsEqual($0.utf8) }
        if isHealth, let probes = manifest.probes.value { return (probes.value, nil, nil) }
        if let admin = manifest.admin.value {
            guard admin.tls?.demandsClientCertificates != true else {
                throw Unusable(
                    description: "`admin` wants client certificates, and this has none; `probes` serves health without")
            }
            do {
                return (admin.address.value, admin.token?.text, try admin.pinned(in: .process))
            } catch {
                throw Unusable(description: "the certificate of `admin` cannot be read; `radicled lint` says more")
            }
        }
        throw Unusable(description: "the manifest has neither `probes` nor `admin` to ask")
    }

    /// Every address of a machine is reached by the one of its own.
    private static func peer(_ address: ListenAddress) throws(Unusable) -> HTTPProbe.Peer {
        switch address {
        case .unix(let path): return .unix(path: path)
        case .tcp(let host, let port):
            guard port != 0 else {
                throw Unusable(description: "port 0 is another one each time: say which, as HOST:PORT")
            }
            let isAny = host.isEmpty || ["0.0.0.0", "::"].contains { $0.utf8.elementsEqual(host.utf8) }
            return .tcp(host: isAny ? "127.0.0.1" : host, port: port)
        }
    }
}
