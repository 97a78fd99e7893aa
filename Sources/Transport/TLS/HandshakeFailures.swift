import Synchronization

/// Handshakes that came to nothing, counted by what was wrong.
package final class HandshakeFailures: Sendable {
    package enum Reason: Int, Sendable, CaseIterable {
        /// It took too long.
        case timeout
        /// What came is HTTP without TLS.
        case plainHTTP
        /// What came is something else.
        case notTLS
        /// The peer went away.
        case left
        /// No version, no cipher or no certificate that suits both.
        case refused

        package var name: StaticString {
            switch self {
            case .timeout: "timeout"
            case .plainHTTP: "plain_http"
            case .notTLS: "not_tls"
            case .left: "left"
            case .refused: "refused"
            }
        }
    }

    private let counts = Mutex([Int](repeating: 0, count: Reason.allCases.count))
    /// Told of each, with the peer and the library's word for it.
    private let note: @Sendable (_ peer: String, _ reason: String) -> Void

    package init(_ note: @escaping @Sendable (_ peer: String, _ reason: String) -> Void = { _, _ in }) {
        self.note = note
    }

    package func count(_ reason: Reason) -> Int { counts.withLock { $0[reason.rawValue] } }

    func add(_ reason: Reason, of peer: Peer, _ detail: String) {
        counts.withLock { $0[reason.rawValue] += 1 }
        note(peer.withPort, detail)
    }
}
