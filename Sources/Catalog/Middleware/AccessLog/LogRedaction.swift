import JSON
import Pipeline

/// What the access log keeps to itself.
struct LogRedaction: Sendable {
    /// A key of the line that can be hidden.
    struct Keys: OptionSet, Sendable {
        let rawValue: UInt8

        static let path = Keys(rawValue: 1)
        static let query = Keys(rawValue: 2)
        static let client = Keys(rawValue: 4)
        static let userAgent = Keys(rawValue: 8)
        static let server = Keys(rawValue: 16)
        static let peer = Keys(rawValue: 32)

        fileprivate init?(named name: String) {
            switch name {
            case "url.path": self = .path
            case "url.query": self = .query
            case "client.address": self = .client
            case "user_agent.original": self = .userAgent
            case "server.address": self = .server
            case "network.peer.address": self = .peer
            default: return nil
            }
        }

        init(rawValue: UInt8) { self.rawValue = rawValue }
    }

    static let mark: StaticString = "REDACTED"

    private let hidden: Keys
    private let query: RedactedQuery

    /// - Parameter names: of keys of the line, and of query parameters.
    init(_ names: [String]) {
        hidden = names.compactMap { Keys(named: $0) }.reduce([]) { $0.union($1) }
        query = RedactedQuery(alsoHiding: names)
    }

    @inline(__always) func hides(_ key: Keys) -> Bool { !hidden.isDisjoint(with: key) }

    /// The query, its secrets replaced.
    func write(
        query head: borrowing Head, into out: inout ByteWriter,
        _ escape: (inout ByteWriter, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if hides(.query) { return out.append(Self.mark) }
        query.write(head.slice(head.query), into: &out, escape)
    }

    /// The target of the request line as it came, but for what is hidden.
    func write(
        target head: borrowing Head, into out: inout ByteWriter,
        _ escape: (inout ByteWriter, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if hides(.path) {
            out.append(Self.mark)
        } else {
            let end = head.query.isEmpty ? head.target.start &+ head.target.count : head.query.start &- 1
            escape(&out, head.slice(ByteRange(start: Int(head.target.start), end: Int(end))))
        }
        guard !head.query.isEmpty else { return }
        out.append("?")
        write(query: head, into: &out, escape)
    }

    /// The client's address, or `-` for none.
    func write(client exchange: borrowing Exchange, into out: inout ByteWriter) {
        if exchange.clientAddress.isEmpty {
            out.append("-")
        } else if hides(.client) {
            out.append(Self.mark)
        } else {
            out.append(exchange.clientAddress)
        }
    }
}
