import JSON
import Pipeline

// From bytes to a request: the head is gathered, parsed, and the exchange begins.
extension HTTP1Connection {
    mutating func receiveHead(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ now: Int64) {
        let exchange: UnsafeMutablePointer<Exchange>
        if let current = self.exchange {
            exchange = current
        } else {
            exchange = beginHead(now)
        }
        // Bodies and further requests may follow: copy no more than a head is likely to need at a time.
        let before = exchange.pointee.head.bytes.count
        let taken = min(bytes.count &- at, 4096)
        exchange.pointee.head.bytes.append(UnsafeBufferPointer(rebasing: bytes[at..<at &+ taken]))
        let headLimits = HeadLimits(field: limits.headerField, total: limits.headerTotal, count: limits.headerCount)
        switch HeadParser.parse(&exchange.pointee.head, limits: headLimits, scanned: &scanned) {
        case .complete(let length):
            exchange.pointee.head.bytes.truncate(to: length)
            at &+= max(0, length &- before)
            // Who has begun to send the body does not wait to be asked for it.
            continueOwed = exchange.pointee.head.expectsContinue && at == bytes.count
            beginRequest(exchange, now)
        case .incomplete:
            at &+= taken
        case .refused(let status, let reason):
            at &+= taken
            refuseHead(status, reason, .malformed, now)
        }
    }

    @inline(__always) private mutating func beginHead(_ now: Int64) -> UnsafeMutablePointer<Exchange> {
        let exchange = loop.state.pointee.take(loop)
        exchange.pointee.connection = facts
        self.exchange = exchange
        phase = .head
        headSince = now
        scanned = 0
        return exchange
    }

    /// Answers a connection that has just begun, whatever its client wants.
    mutating func refuseAll(_ message: StaticString, _ now: Int64) {
        _ = beginHead(now)
        refuseHead(505, message, .malformed, now)
    }

    mutating func refuseHead(_ status: Int, _ message: StaticString, _ reason: Reason, _ now: Int64) {
        guard let exchange else { return }
        keepAlive = false
        bodyEnded = false
        bodyLeft = .max
        exchange.pointee.head.framing = .none
        exchange.pointee.beginRefused(
            now: now,
            Failure(Code.forStatus(status), String(describing: message), status: status, reason: reason))
        exchange.pointee.parker = parker
        phase = .body
        refuse(exchange, nil, now)
    }

    mutating func beginRequest(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        requests &+= 1
        exchange.pointee.parker = parker
        exchange.pointee.begin(now: now)
        keepAlive =
            exchange.pointee.head.keepAlive && !isDraining && requests < limits.requestsPerConnection
            && now < later(opened, limits.connectionAge)
        switch exchange.pointee.head.framing {
        case .none:
            bodyEnded = true
            bodyLeft = 0
        case .length(let length):
            bodyLeft = length
            bodyEnded = length == 0
        case .chunked:
            chunks = ChunkDecoder()
            bodyLeft = .max
            bodyEnded = false
        }
        exchange.pointee.inputEnded = bodyEnded
        since = now
        follow(exchange.pointee.admit(untilBody: true), exchange, now)
    }
}
