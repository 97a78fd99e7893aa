package import NIOCore
import NIOPosix

/// One GET over a connection of its own, for who asks a server how it is, and waits for the answer.
package enum HTTPProbe {
    package enum Peer: Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    /// Blocks until the answer is there, or the time is over.
    ///
    /// - Parameters:
    ///   - path: with its query; begins with `/`, and has neither blanks nor line breaks.
    ///   - authorization: the value of that field.
    ///   - secured: makes what stands between the socket and HTTP; nil for nothing.
    ///   - timeout: for the whole of it.
    package static func get(
        _ path: String, from peer: Peer, authorization: String? = nil,
        secured: (@Sendable () throws -> any ChannelHandler)? = nil, timeout: TimeAmount
    ) throws -> HTTPPost.Reply {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { group.shutdownGracefully { _ in } }
        let promise = group.next().makePromise(of: HTTPPost.Reply.self)
        let request = head(of: path, at: peer, authorization)
        let deadline = NIODeadline.now() + timeout
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let secured { try channel.pipeline.syncOperations.addHandler(secured()) }
                    try channel.pipeline.syncOperations.addHandler(
                        HTTPPost.Handler(request, promise, deadline: deadline))
                }
            }
        let connected: EventLoopFuture<any Channel> =
            switch peer {
            case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
            case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        // Once it is connected, the handler keeps the promise.
        connected.whenFailure { promise.fail($0) }
        return try promise.futureResult.wait()
    }

    private static func head(of path: String, at peer: Peer, _ authorization: String?) -> [UInt8] {
        let host =
            switch peer {
            case .tcp(let host, let port): HTTPTarget(host: host, port: port, path: "/").authority
            case .unix: "localhost"
            }
        let secret = authorization.map { "authorization: \($0)\r\n" } ?? ""
        return Array("GET \(path) HTTP/1.1\r\nhost: \(host)\r\n\(secret)connection: close\r\n\r\n".utf8)
    }
}
