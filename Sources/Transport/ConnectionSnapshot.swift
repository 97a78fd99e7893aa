package import Pipeline

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
        /// TLS is not agreed on yet.
        case handshaking
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
    package let version: Version
    /// The version of TLS; nil without.
    package let tls: StaticString?
    /// What is being answered; several at once over HTTP/2 alone.
    package let calls: [Call]
}

extension ConnectionFacts {
    /// The client with its port, as a connection is shown; empty for a Unix socket.
    var shownClient: String {
        let address = String(decoding: clientAddress, as: UTF8.self)
        let isIPv6 = address.utf8.contains(UInt8(ascii: ":"))
        return address.isEmpty ? "" : "\(isIPv6 ? "[\(address)]" : address):\(clientPort)"
    }
}

extension ConnectionSnapshot.Call {
    init(_ exchange: UnsafeMutablePointer<Exchange>, _ now: Int64) {
        self.init(
            method: String(decoding: exchange.pointee.head.slice(exchange.pointee.head.methodName), as: UTF8.self),
            route: exchange.pointee.route.pointee.pattern, age: now &- exchange.pointee.started,
            received: exchange.pointee.received, sent: exchange.pointee.sent)
    }
}

extension HTTP1Connection {
    func snapshot(now: Int64) -> ConnectionSnapshot {
        ConnectionSnapshot(
            peer: facts.pointee.shownClient,
            listener: String(decoding: facts.pointee.localAddress, as: UTF8.self), loop: loop.state.pointee.index,
            age: now &- opened, requests: requests, state: state,
            version: exchange?.pointee.head.version ?? .http11, tls: facts.pointee.tls?.version,
            calls: calls(now))
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

    private func calls(_ now: Int64) -> [ConnectionSnapshot.Call] {
        guard let exchange, phase != .head, phase != .idle else { return [] }
        return [ConnectionSnapshot.Call(exchange, now)]
    }
}

extension HTTP2Connection {
    func snapshot(now: Int64) -> ConnectionSnapshot {
        var calls: [ConnectionSnapshot.Call] = []
        for index in 0..<streams.count {
            if let exchange = streams[index]?.pointee.exchange { calls.append(ConnectionSnapshot.Call(exchange, now)) }
        }
        return ConnectionSnapshot(
            peer: facts.pointee.shownClient, listener: String(decoding: facts.pointee.localAddress, as: UTF8.self),
            loop: loop.state.pointee.index, age: now &- opened, requests: requests, state: state, version: .http2,
            tls: facts.pointee.tls?.version, calls: calls)
    }

    /// That of the stream which has come furthest: streams differ, and a connection with one that is blocked may be at
    /// work for others.
    private var state: ConnectionSnapshot.State {
        if closing != .open { return .closing }
        if streams.count == 0 { return .idle }
        var found = ConnectionSnapshot.State.blocked
        for index in 0..<streams.count {
            switch streams[index]?.pointee.phase {
            case .streaming: return .streaming
            case .body, .draining: found = .readingBody
            case .parked, .parkedLate, .held, .waiting: if found == .blocked { found = .waiting }
            case .blocked, .full, .ending, .free, nil: break
            }
        }
        return found
    }
}
