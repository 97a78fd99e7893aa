import JSON
import Pipeline

/// Writes answers as HTTP/1 (RFC 9112) into the loop's `wire` writer.
enum HTTP1Reply {
    /// The whole answer, whose body is in the loop's `body` writer.
    static func write(_ exchange: UnsafeMutablePointer<Exchange>, keepAlive: Bool, now: Int64) {
        let state = exchange.pointee.loop.state
        let length = ReplyShape.length(exchange)
        writeHead(exchange, now: now)
        if exchange.pointee.response.allowsBody {
            state.pointee.wire.append("content-length: ")
            state.pointee.wire.append(decimal: UInt(bitPattern: length))
            state.pointee.wire.append("\r\n")
        }
        writeConnection(exchange, keepAlive: keepAlive)
        exchange.pointee.response.isSent = true
        if ReplyShape.hasBody(exchange) {
            exchange.pointee.sent &+= length
            state.pointee.wire.append(state.pointee.body.bytes)
        }
        state.pointee.body.clear()
    }

    /// The head of an answer whose body follows in pieces. Returns whether they must be sent as chunks.
    static func writeStreamingHead(
        _ exchange: UnsafeMutablePointer<Exchange>, keepAlive: inout Bool, now: Int64
    ) -> Bool {
        let state = exchange.pointee.loop.state
        writeHead(exchange, now: now)
        var isChunked = false
        if exchange.pointee.response.allowsBody {
            let sendsTrailers = ReplyShape.sendsTrailers(exchange)
            if let length = exchange.pointee.response.declaredLength, !sendsTrailers {
                state.pointee.wire.append("content-length: ")
                state.pointee.wire.append(decimal: UInt(bitPattern: max(0, length)))
                state.pointee.wire.append("\r\n")
            } else if exchange.pointee.head.isHTTP10 {
                // The end of the connection is the end of the body.
                keepAlive = false
            } else {
                if sendsTrailers {
                    state.pointee.wire.append("trailer: ")
                    state.pointee.wire.append(exchange.pointee.response.trailerNames)
                    state.pointee.wire.append("\r\n")
                }
                state.pointee.wire.append("transfer-encoding: chunked\r\n")
                isChunked = true
            }
        }
        writeConnection(exchange, keepAlive: keepAlive)
        exchange.pointee.response.isSent = true
        return isChunked
    }

    /// The body writer's bytes as a chunk (RFC 9112 section 7.1), with the last chunk and the trailers behind them.
    static func writeChunk(_ exchange: UnsafeMutablePointer<Exchange>, isLast: Bool) {
        let loop = exchange.pointee.loop
        let count = loop.state.pointee.body.count
        if count > 0 {
            var digits = 1
            while digits < 16, count >> (digits &* 4) != 0 { digits &+= 1 }
            let hex: StaticString = "0123456789abcdef"
            for place in (0..<digits).reversed() {
                loop.state.pointee.wire.append(hex.utf8Start[(count >> (place &* 4)) & 15])
            }
            loop.state.pointee.wire.append("\r\n")
            loop.state.pointee.wire.append(loop.state.pointee.body.bytes)
            loop.state.pointee.wire.append("\r\n")
        }
        guard isLast else { return }
        loop.state.pointee.wire.append("0\r\n")
        if ReplyShape.sendsTrailers(exchange) {
            loop.state.pointee.wire.append(exchange.pointee.response.trailers.bytes)
        }
        loop.state.pointee.wire.append("\r\n")
    }

    @inline(__always) private static func writeHead(_ exchange: UnsafeMutablePointer<Exchange>, now: Int64) {
        let state = exchange.pointee.loop.state
        let status = exchange.pointee.response.status
        if status == 200 {
            state.pointee.wire.append("HTTP/1.1 200 OK\r\n")
        } else {
            state.pointee.wire.append("HTTP/1.1 ")
            state.pointee.wire.append(decimal: status, width: 3)
            state.pointee.wire.append(" ")
            state.pointee.wire.append(StatusLine.phrase(status))
            state.pointee.wire.append("\r\n")
        }
        exchange.pointee.response.write(into: &state.pointee.wire)
        state.pointee.wire.append("date: ")
        state.pointee.clock.write(dateAt: now, into: &state.pointee.wire)
        state.pointee.wire.append("\r\n")
    }

    @inline(__always) private static func writeConnection(
        _ exchange: UnsafeMutablePointer<Exchange>, keepAlive: Bool
    ) {
        let state = exchange.pointee.loop.state
        if !keepAlive {
            state.pointee.wire.append("connection: close\r\n")
        } else if exchange.pointee.head.isHTTP10 {
            state.pointee.wire.append("connection: keep-alive\r\n")
        }
        state.pointee.wire.append("\r\n")
    }
}
