import Pipeline

/// A connection as it was at one moment, for whoever looks at the server.
package struct ConnectionSnapshot: Sendable {
    /// The request that is being answered.
    package struct Call: Sendable {
        package let method: String
        /// The pattern that matched; empty if none did, or if the head is not whole yet.
        package let route: String
        /// Nanoseconds since it began.
        package let age: Int64
        /// Bytes of its body that have come, and of the answer's that have left.
        package let received: Int
        package let sent: Int
    }

    package enum State: String, Sendable {
        case idle
        case readingHead = "reading_head"
        case readingBody = "reading_body"
        case waiting
        case streaming
        /// The client does not read what is to be sent.
        case blocked
        case closing
    }

    /// With its port; empty for a Unix socket.
    package let peer: String
    /// Where it came in.
    package let listener: String
    /// The event loop that serves it.
    package let loop: Int
    /// Nanoseconds since it was taken.
    package let age: Int64
    /// Requests so far, the one in progress included.
    package let requests: Int
    package let state: State
    package let call: Call?
}

extension HTTP1Connection {
    func snapshot(now: Int64) -> ConnectionSnapshot {
        let address = String(decoding: facts.pointee.clientAddress, as: UTF8.self)
        let isIPv6 = address.utf8.contains(UInt8(ascii: ":"))
        return ConnectionSnapshot(
            peer: address.isEmpty ? "" : "\(isIPv6 ? "[\(address)]" : address):\(facts.pointee.clientPort)",
            listener: String(decoding: facts.pointee.localAddress, as: UTF8.self), loop: loop.state.pointee.index,
            age: now &- opened, requests: requests, state: state, call: call(now))
    }

    private var state: ConnectionSnapshot.State {
        if closing != .open { return .closing }
        return switch phase {
        case .idle: .idle
        case .head: .readingHead
        case .body, .draining: .readingBody
        case .parked, .parkedLate, .waiting: .waiting
        case .streaming: .streaming
        case .blocked: .blocked
        case .lingering, .closed: .closing
        }
    }

    private func call(_ now: Int64) -> ConnectionSnapshot.Call? {
        guard let exchange, phase != .head, phase != .idle else { return nil }
        return ConnectionSnapshot.Call(
            method: String(decoding: exchange.pointee.head.slice(exchange.pointee.head.methodName), as: UTF8.self),
            route: exchange.pointee.route.pointee.pattern, age: now &- exchange.pointee.started,
            received: exchange.pointee.received, sent: exchange.pointee.sent)
    }
}
