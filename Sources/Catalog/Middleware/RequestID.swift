package import Diagnostics
import JSON
package import Manifests
package import Pipeline

/// `request_id`: a name for each call, in logs, errors and the answer.
package struct RequestID: ManifestSection, MiddlewareSection {
    package enum Trust: String, Choice {
        case always
        case never
        case proxies
    }

    package var header = HeaderName("x-request-id")
    package var trust = Trust.always

    package init() {}

    package static let key = "request_id"
    package static let doc = """
        Gives each call an identifier, shows it in logs and errors, and sends it back to the client.
        """
    package static let fields: [Field<RequestID>] = [
        Field(
            "header", \.header, doc: "The header that carries the identifier, in both directions.",
            example: "x-request-id"),
        Field(
            "trust", \.trust,
            doc: """
                Whether an identifier that the client sends is kept. `always` keeps one of up to 128 visible \
                ASCII characters; `never` makes a new one for each call; `proxies` keeps one only if the peer is one of \
                `trusted_proxies`.
                """,
            example: "always"),
    ]

    package func stage(_ scope: CompileScope, _ findings: inout Findings) -> (any Middleware)? {
        Stage(header: Array(header.name.utf8), trust: trust)
    }

    private final class Stage: Middleware {
        let moments: Moments = [.admit, .decorate]
        private let header: [UInt8]
        private let known: KnownField
        private let trust: Trust

        init(header: [UInt8], trust: Trust) {
            self.header = header
            self.known = header.withUnsafeBufferPointer { KnownField.named($0) }
            self.trust = trust
        }

        func admit(_ exchange: inout Exchange) -> Verdict {
            let start = exchange.arena.count
            if trust == .always || trust == .proxies && exchange.isFromProxy,
                let sent = exchange.head.field(known, header), Self.isAcceptable(exchange.head.slice(sent))
            {
                exchange.arena.append(exchange.head.slice(sent))
            } else {
                let first = exchange.loop.state.pointee.random.word()
                let second = exchange.loop.state.pointee.random.word()
                exchange.arena.append(hex: first)
                exchange.arena.append(hex: second)
            }
            exchange.requestID = ByteRange(start: start, end: exchange.arena.count)
            return .proceed
        }

        func decorate(_ exchange: inout Exchange) {
            let id = exchange.requestIDBytes
            header.withUnsafeBufferPointer { name in
                exchange.response.add(name) { $0.append(id) }
            }
        }

        /// Short and printable, so that it can stand in a log, a header and a page.
        private static func isAcceptable(_ sent: UnsafeBufferPointer<UInt8>) -> Bool {
            guard !sent.isEmpty, sent.count <= 128 else { return false }
            for byte in sent where byte <= 0x20 || byte >= 0x7F { return false }
            return true
        }
    }
}
