import CEL
import Diagnostics
import JSON
import Manifests
import Pipeline

/// Lets fields follow the body of an answer, evaluated when the body is whole (RFC 9110 section 6.5).
///
/// They go to every client that can be sent any, whether or not it says `TE: trailers`: docs/decisions/0016.
final class TrailingResponder: Responder {
    let intake: Intake
    private let inner: any Responder
    private let fields: [CompiledHeaderField]
    /// As `Trailer` says them.
    private let names: [UInt8]

    init(_ inner: any Responder, _ fields: [CompiledHeaderField]) {
        self.inner = inner
        self.intake = inner.intake
        self.fields = fields
        var names: [[UInt8]] = []
        for field in fields where !names.contains(field.name) { names.append(field.name) }
        self.names = Array(names.joined(separator: Array(", ".utf8)))
    }

    func start(_ exchange: inout Exchange) -> Step {
        // What cannot be sent is not evaluated, so it cannot fail either.
        if exchange.head.method != .head, !exchange.head.isHTTP10 { exchange.response.trailerNames = names }
        return finish(inner.start(&exchange), &exchange)
    }

    func input(_ exchange: inout Exchange) -> Step { finish(inner.input(&exchange), &exchange) }

    func resume(_ exchange: inout Exchange) -> Step { finish(inner.resume(&exchange), &exchange) }

    private func finish(_ step: Step, _ exchange: inout Exchange) -> Step {
        guard step == .done, !exchange.response.trailerNames.isEmpty, exchange.response.allowsBody else { return step }
        for field in fields {
            switch field.value(&exchange) {
            case .success(let value):
                exchange.response.trailers.append(field.name)
                exchange.response.trailers.append(": ")
                exchange.response.trailers.append(value)
                exchange.response.trailers.append("\r\n")
            case .failure(let error):
                _ = exchange.failEvaluation(error, readsClient: field.program.readsClient)
                return exchange.response.isSent ? .breakOff : .fail
            }
        }
        return .done
    }
}

/// The names that may follow a body.
enum TrailerName {
    /// What a recipient must know before it reads the body: framing, routing, modifiers of the request, authentication,
    /// control data of the answer, and what says how to read the content (RFC 9110 section 6.5.1; listed in RFC 7230
    /// section 4.1.2).
    static let forbidden: Set<String> = [
        "host", "expect", "max-forwards", "pragma", "range", "cookie",
        "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
        "authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "set-cookie",
        "age", "cache-control", "expires", "location", "retry-after", "vary", "warning",
        "content-encoding", "content-type", "content-range",
    ]

    static func check(_ text: PlacedText, _ findings: inout Findings) {
        guard HeaderName.checkOwn(text, &findings), forbidden.contains(text.string.lowercased()) else { return }
        findings.report(
            CatalogRules.forbiddenTrailer, "`\(text.string)` cannot come after the body", at: text.whole,
            help: "write it under `headers`: clients look for it before they read the body")
    }
}
