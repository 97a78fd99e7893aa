import JSON
import Manifests
import Pipeline

/// Answers preflights, and says on every other answer who may read it.
final class CORSStage: Middleware, OriginPolicy {
    let moments: Moments = [.admit, .decorate]
    private let origins: [OriginPattern]
    /// The answer is the same for every origin, so it may say so to everybody, and caches need not tell them apart (Fetch
    /// standard, CORS protocol and HTTP caches).
    private let isForAll: Bool
    private let hasCredentials: Bool
    private let methods: [UInt8]?
    private let headers: [UInt8]?
    private let exposed: [UInt8]
    private let maxAge: Int
    private let hasPrivateNetwork: Bool

    /// - Parameter isOfMethod: whether pages call a method, whose status may stand in fields.
    init(_ section: CORS, isOfMethod: Bool) {
        origins = section.origins.values.map(\.value)
        hasCredentials = section.credentials
        isForAll = !section.credentials && origins.contains { $0.kind == .any }
        methods = section.methods.map { Self.list($0.map(\.value.name)) }
        headers = section.headers.map { Self.list($0.map(\.value.name)) }
        // PROTOCOL-WEB.md: without these a page cannot read what became of a call that has no messages.
        let status = isOfMethod ? ["grpc-status", "grpc-message", "grpc-status-details-bin"] : []
        let named = section.expose.map(\.value.name)
        exposed = Self.list(named + (named.contains("*") ? [] : status.filter { !named.contains($0) }))
        maxAge = Int(section.maxAge.nanoseconds / 1_000_000_000)
        hasPrivateNetwork = section.privateNetwork
    }

    private static func list(_ names: [String]) -> [UInt8] { Array(names.joined(separator: ", ").utf8) }

    var originPolicy: (any OriginPolicy)? { self }

    func admits(_ origin: UnsafeBufferPointer<UInt8>) -> Bool {
        // One header field has one origin; anything longer is no browser's.
        guard !origin.isEmpty, origin.count <= 300 else { return false }
        for pattern in origins where pattern.admits(origin) { return true }
        return false
    }

    func admit(_ exchange: inout Exchange) -> Verdict {
        guard exchange.isPreflight else { return .proceed }
        exchange.response.status = 204
        return .answer
    }

    func decorate(_ exchange: inout Exchange) {
        let isPreflight = exchange.isPreflight && exchange.failure == nil
        if isPreflight {
            exchange.vary(on: "access-control-request-method")
            if headers == nil { exchange.vary(on: "access-control-request-headers") }
            if hasPrivateNetwork { exchange.vary(on: "access-control-request-private-network") }
        }
        let origin = exchange.head.onlyValue(of: .origin).map { exchange.head.slice($0) }
        let mayRead = origin.map(admits) ?? false
        // What a template says itself would be a second one, and browsers refuse two.
        exchange.response.remove("access-control-allow-origin")
        if isForAll {
            exchange.response.add("access-control-allow-origin") { $0.append("*") }
        } else {
            exchange.vary(on: "origin")
            guard mayRead, let origin else { return }
            exchange.response.add("access-control-allow-origin") { $0.append(origin) }
            if hasCredentials {
                exchange.response.remove("access-control-allow-credentials")
                exchange.response.add("access-control-allow-credentials") { $0.append("true") }
            }
        }
        if !isPreflight {
            if !exposed.isEmpty { exchange.response.add("access-control-expose-headers") { $0.append(exposed) } }
        } else if mayRead, let origin {
            allow(origin, &exchange)
        }
    }

    /// What the page may send.
    private func allow(_ origin: UnsafeBufferPointer<UInt8>, _ exchange: inout Exchange) {
        var list = ByteWriter(capacity: 256)
        if methods == nil { exchange.append(methodsFor: origin, to: &list) }
        exchange.response.add("access-control-allow-methods") { $0.append(methods ?? Array(list.bytes)) }
        if let headers {
            if !headers.isEmpty { exchange.response.add("access-control-allow-headers") { $0.append(headers) } }
        } else if let asked = value("access-control-request-headers", exchange), asked.allSatisfy(Self.isOfList) {
            exchange.response.add("access-control-allow-headers") { $0.append(asked) }
        }
        exchange.response.add("access-control-max-age") { $0.append(decimal: maxAge) }
        if hasPrivateNetwork,
            value("access-control-request-private-network", exchange)?.elementsEqual("true".utf8) == true
        {
            exchange.response.add("access-control-allow-private-network") { $0.append("true") }
        }
    }

    private func value(_ name: String, _ exchange: borrowing Exchange) -> UnsafeBufferPointer<UInt8>? {
        guard let range = exchange.head.field(.other, Array(name.utf8)), !range.isEmpty else { return nil }
        return exchange.head.slice(range)
    }

    private static func isOfList(_ byte: UInt8) -> Bool {
        FieldToken.contains(byte) || byte == UInt8(ascii: ",") || byte == 0x20
    }
}
