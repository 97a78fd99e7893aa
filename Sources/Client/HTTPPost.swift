package import NIOCore
import NIOPosix

/// One POST over a connection of its own: what an exporter needs, off the path of all requests.
package enum HTTPPost {
    package struct Reply: Equatable, Sendable {
        package let status: Int
        /// The seconds of `Retry-After`.
        package let retryAfter: Int?
        package let body: [UInt8]
    }

    package enum Failure: Error, Equatable {
        case timedOut
        /// What came is no answer.
        case malformed
        case closed
    }

    /// - Parameters:
    ///   - headers: beside Host, Content-Length and Connection; nothing in them may have a line break.
    ///   - loop: on which all of it happens.
    ///   - timeout: for the whole of it.
    package static func send(
        to target: HTTPTarget, headers: [(name: String, value: String)], body: [UInt8], on loop: any EventLoop,
        timeout: TimeAmount
    ) -> EventLoopFuture<Reply> {
        let promise = loop.makePromise(of: Reply.self)
        let bytes = head(of: target, headers, length: body.count) + body
        let deadline = NIODeadline.now() + timeout
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(bytes, promise, deadline: deadline))
                }
            }
            .connect(host: target.host, port: target.port)
            // Once it is connected, the handler keeps the promise.
            .whenFailure { promise.fail($0) }
        return promise.futureResult
    }

    private static func head(of target: HTTPTarget, _ headers: [(name: String, value: String)], length: Int) -> [UInt8]
    {
        var text = "POST \(target.path) HTTP/1.1\r\nhost: \(target.authority)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        text += "content-length: \(length)\r\nconnection: close\r\n\r\n"
        return Array(text.utf8)
    }

    /// Sends, gathers the answer to its end, and closes.
    final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let request: [UInt8]
        private let promise: EventLoopPromise<Reply>
        private let deadline: NIODeadline
        private var answer: [UInt8] = []
        private var timer: Scheduled<Void>?

        /// What of an answer is kept; what is longer is not one that an exporter reads.
        private static let limit = 64 * 1024

        init(_ request: [UInt8], _ promise: EventLoopPromise<Reply>, deadline: NIODeadline) {
            self.request = request
            self.promise = promise
            self.deadline = deadline
        }

        func channelActive(context: ChannelHandlerContext) {
            let channel = context.channel
            let promise = self.promise
            timer = context.eventLoop.scheduleTask(deadline: deadline) {
                promise.fail(Failure.timedOut)
                channel.close(promise: nil)
            }
            context.writeAndFlush(NIOAny(context.channel.allocator.buffer(bytes: request)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            answer += unwrapInboundIn(data).readableBytesView
            switch HTTPReply.read(answer, hasEnded: false) {
            case .whole(let reply): succeed(reply, context)
            case .malformed: fail(Failure.malformed, context)
            case .more: if answer.count > Self.limit { fail(Failure.malformed, context) }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            timer?.cancel()
            switch HTTPReply.read(answer, hasEnded: true) {
            case .whole(let reply): promise.succeed(reply)
            default: promise.fail(Failure.closed)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

        private func succeed(_ reply: Reply, _ context: ChannelHandlerContext) {
            promise.succeed(reply)
            context.close(promise: nil)
        }

        private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
            promise.fail(error)
            context.close(promise: nil)
        }
    }
}

/// Reads the bytes of an answer (RFC 9112 sections 4 to 6), as far as an exporter looks at it.
enum HTTPReply {
    enum Outcome: Equatable {
        case more
        case malformed
        case whole(HTTPPost.Reply)
    }

    /// - Parameter hasEnded: whether no more bytes will come.
    static func read(_ bytes: [UInt8], hasEnded: Bool) -> Outcome {
        guard let headEnd = end(of: bytes) else { return hasEnded || bytes.count > 32 * 1024 ? .malformed : .more }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1."),
            let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            (100...599).contains(status)
        else { return .malformed }
        if status < 200 { return read(Array(bytes[(headEnd + 4)...]), hasEnded: hasEnded) }
        var length: Int?
        var isChunked = false
        var retryAfter: Int?
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return .malformed }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-length":
                guard let number = Int(value), number >= 0 else { return .malformed }
                length = number
            case "transfer-encoding": isChunked = true
            case "retry-after": retryAfter = Int(value)
            default: break
            }
        }
        let body = bytes[(headEnd + 4)...]
        if isChunked {
            // The status is what counts; a body in chunks is not looked at.
            return .whole(HTTPPost.Reply(status: status, retryAfter: retryAfter, body: []))
        }
        guard let length else {
            return hasEnded
                ? .whole(HTTPPost.Reply(status: status, retryAfter: retryAfter, body: Array(body))) : .more
        }
        guard body.count >= length else { return hasEnded ? .malformed : .more }
        return .whole(HTTPPost.Reply(status: status, retryAfter: retryAfter, body: Array(body.prefix(length))))
    }

    private static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for at in 0...(bytes.count - 4) where bytes[at] == 13 {
            if bytes[at + 1] == 10, bytes[at + 2] == 13, bytes[at + 3] == 10 { return at }
        }
        return nil
    }
}
