import Diagnostics
import JSON
import Pipeline
package import Transport

/// `/debug/connections`: who is connected, since when, and what is being done for them.
package struct ConnectionsEndpoint: Endpoint {
    package let path = "/debug/connections"
    package let about = "open connections, the oldest first: peer, age, requests, what each is doing (?limit=500)"
    private let server: Server

    /// How many are shown, unless `?limit=` says.
    private static let usual = 500
    private static let most = 10_000

    package init(_ server: Server) { self.server = server }

    package func reply(to request: AdminRequest) -> AdminReply {
        var limit = Self.usual
        if let text = request["limit"] {
            guard let number = Int(text), (1...Self.most).contains(number) else {
                return .refused(Failure(.invalidArgument, "`limit` is a number from 1 to \(Self.most)"))
            }
            limit = number
        }
        let isJSON = request.form(.text, .json) == .json
        let clock = request.clock
        return .later { [server, limit] done in
            server.connections(atMost: limit, clock: clock) { connections in
                done(isJSON ? Self.json(connections) : Self.text(connections))
            }
        }
    }

    private static func json(_ connections: Server.Connections) -> AdminAnswer {
        .json(
            .object([
                ("total", .int(Int64(connections.total))),
                ("silent_loops", .array(connections.silentLoops.map { .int(Int64($0)) })),
                ("connections", .array(connections.described.map { $0.json })),
            ]))
    }

    private static func text(_ connections: Server.Connections) -> AdminAnswer {
        let shown = connections.described
        var head = "\(connections.total) connection\(connections.total == 1 ? "" : "s")"
        if shown.count < connections.total { head += ", \(shown.count) of them here" }
        head +=
            "\n" + connections.silentLoops.map { "loop \($0) does not answer, its connections are not here\n" }.joined()
        if shown.isEmpty { return .text(head) }
        let rows = [["PEER", "LISTENER", "LOOP", "AGE", "REQUESTS", "STATE", "HTTP", "TLS", "CALL"]] + shown.map(\.row)
        return .text(head + TextTable.text(rows))
    }
}

extension ConnectionSnapshot {
    fileprivate var row: [String] {
        var shown = calls.prefix(Self.shownCalls).map { call in
            "\(call.method) \(call.route.isEmpty ? "(no route)" : call.route), \(Self.seconds(call.age)), "
                + "\(call.received) bytes in, \(call.sent) out"
        }
        if calls.count > shown.count { shown.append("and \(calls.count - shown.count) more") }
        return [
            peer.isEmpty ? "-" : peer, listener, String(loop), Self.seconds(age), String(requests), state.rawValue,
            version.number.description, tls?.description ?? "-", shown.isEmpty ? "-" : shown.joined(separator: "; "),
        ]
    }

    fileprivate var json: JSONValue {
        .object([
            ("peer", peer.isEmpty ? .null : .string(peer)), ("listener", .string(listener)),
            ("loop", .int(Int64(loop))), ("age", .double(Double(age) / 1e9)), ("requests", .int(Int64(requests))),
            ("state", .string(state.rawValue)),
            (
                "protocol", .string(version.name.description)
            ),
            ("tls", tls.map { .string($0.description) } ?? .null),
            // The oldest call, and all of them: there is one at most but over HTTP/2.
            ("call", calls.first.map(Self.json) ?? .null), ("calls", .array(calls.map(Self.json))),
        ])
    }

    private static func json(_ call: Call) -> JSONValue {
        .object([
            ("method", .string(call.method)), ("route", call.route.isEmpty ? .null : .string(call.route)),
            ("age", .double(Double(call.age) / 1e9)), ("received", .int(Int64(call.received))),
            ("sent", .int(Int64(call.sent))),
        ])
    }

    /// Calls of one connection in a line of text.
    private static let shownCalls = 3

    private static func seconds(_ nanoseconds: Int64) -> String {
        let tenths = max(0, nanoseconds) / 100_000_000
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
