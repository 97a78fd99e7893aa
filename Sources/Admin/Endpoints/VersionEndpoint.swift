import Compiler
import JSON

/// `/version`: which radicled this is, and what it serves since when.
package struct VersionEndpoint: Endpoint {
    package let path = "/version"
    package let about = "version, name and generation of what runs"
    private let served: Served
    private let uptime: @Sendable () -> Int64

    /// - Parameter uptime: nanoseconds since the server was started.
    package init(_ served: Served, uptime: @escaping @Sendable () -> Int64) {
        self.served = served
        self.uptime = uptime
    }

    package func reply(to request: AdminRequest) -> AdminReply {
        let facts = served.facts
        let seconds = uptime() / 1_000_000_000
        if request.form(.json, .text) == .text {
            return .now(
                .text("radicled \(Release.version), \(facts.name), generation \(facts.generation), up \(seconds)s\n"))
        }
        return .now(
            .json(
                .object([
                    ("program", .string("radicled")), ("version", .string(Release.version)),
                    ("name", .string(facts.name)), ("generation", .int(Int64(facts.generation))),
                    ("uptime", .int(seconds)),
                ])))
    }
}
