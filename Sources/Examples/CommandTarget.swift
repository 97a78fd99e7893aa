import Catalog
import Manifests

/// Where the command that repeats an example goes: to the listener that is most like the one that the example stands for.
struct CommandTarget {
    private let address: ListenAddress
    private let tls: TLSSection?
    /// Whether it is there for nothing but HTTP/2, and does not say so by ALPN.
    let wantsPriorKnowledge: Bool

    /// - Parameter version: what the command speaks.
    init(_ listeners: [Listen], of client: ExampleClient, speaking version: Listen.Version) {
        let able = listeners.filter { $0.speaks(version) }
        let listener = able.first { ($0.tls != nil) == client.isTLS } ?? able.first ?? listeners.first
        address = listener?.address.value ?? .tcp(host: "localhost", port: 8080)
        tls = listener?.tls
        wantsPriorKnowledge = listener.map { $0.tls == nil && !$0.speaks(.http1) } ?? false
    }

    var isTLS: Bool { tls != nil }

    /// What curl and buf are told beside the URL.
    var options: [String] {
        var words: [String] = []
        // Its own certificate vouches for it, whoever has issued that.
        if let file = tls?.certificateFiles.first { words += ["--cacert", file] }
        if case .unix(let path) = address { words += ["--unix-socket", path] }
        return words
    }

    /// The URL up to the path.
    var base: String { "\(isTLS ? "https" : "http")://\(authority)" }

    private var authority: String {
        switch address {
        case .unix: "localhost"
        case .tcp(let host, let port):
            ["", "0.0.0.0", "::", "127.0.0.1"].contains(host)
                ? "localhost:\(port)" : host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
