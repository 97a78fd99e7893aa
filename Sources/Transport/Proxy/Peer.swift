import CEL
import NIOCore
import Pipeline

/// Who is at the other end of a connection.
struct Peer {
    /// Nil on a Unix socket.
    let address: IPAddress?
    private let text: [UInt8]
    private let port: Int

    init(_ socket: SocketAddress?) {
        let text = Array((socket?.ipAddress ?? "").utf8)
        address = text.withUnsafeBufferPointer { IPAddress($0) }
        self.text = address.map { Array($0.text.utf8) } ?? text
        port = socket?.port ?? 0
    }

    var shown: String { text.isEmpty ? "a Unix socket" : String(decoding: text, as: UTF8.self) }

    /// Empty on a Unix socket.
    var withPort: String {
        if text.isEmpty { return "" }
        let address = String(decoding: text, as: UTF8.self)
        return address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// - Parameter client: who a PROXY header says that it speaks for.
    func facts(for client: ProxyHeader.Client?, localAddress: [UInt8], tls: TLSFacts?) -> ConnectionFacts {
        ConnectionFacts(
            clientAddress: client.map { Array($0.address.text.utf8) } ?? text, clientPort: client?.port ?? port,
            isTLS: tls != nil, localAddress: localAddress,
            proxy: client == nil ? nil : ConnectionFacts.Proxy(address: text, port: port), tls: tls)
    }
}
