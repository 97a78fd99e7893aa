import Diagnostics
import Glibc
package import Manifests
package import Pipeline

/// `limits`: what a connection may take, and how long.
package struct Limits: ManifestSection {
    package var headerField = Size.kibibytes(16)
    package var headerTotal = Size.kibibytes(64)
    package var headerCount = 100
    package var headerTimeout = Timespan.seconds(10)
    package var bodyGap = Timespan.seconds(30)
    package var sendStall = Timespan.seconds(30)
    package var idle = Timespan.seconds(75)
    package var requestsPerConnection = 10_000
    package var connections: Int?
    package var connectionAge = Switchable<Timespan>.off
    package var streams = 100
    package var streamWindow = Size.kibibytes(64)
    package var connectionWindow = Size.mebibytes(1)
    package var pingInterval = Timespan.milliseconds(500)

    package init() {}

    package static let key = "limits"
    package static let doc = "What a connection may take, and how long it may take for it."
    package static let fields: [Field<Limits>] = [
        Field(
            "header_field", \.headerField, doc: "The longest header line, and the longest target (414).",
            example: "16KiB", check: within(Size(bytes: 64)...Size.mebibytes(1))),
        Field(
            "header_total", \.headerTotal, doc: "The largest head of a request (431).", example: "64KiB",
            check: within(Size(bytes: 256)...Size.mebibytes(8))),
        Field(
            "header_count", \.headerCount, doc: "The most header fields of a request (431).", example: "100",
            check: within(1...Head.fieldCapacity)),
        Field(
            "header_timeout", \.headerTimeout, doc: "How long a head may take from its first byte (408).",
            example: "10s", check: positive),
        Field(
            "body_gap", \.bodyGap, doc: "How long a body may pause (408).", example: "30s", check: positive),
        Field(
            "send_stall", \.sendStall, doc: "How long a client may stop reading before its connection is closed.",
            example: "30s", check: positive),
        Field(
            "idle", \.idle, doc: "How long a connection may rest between requests.", example: "75s", check: positive
        ),
        Field(
            "requests_per_connection", \.requestsPerConnection, doc: "After so many requests a connection ends.",
            example: "10000", check: within(1...1_000_000_000)),
        Field(
            "connections", \.connections,
            doc: "The most connections at once; without it four fifths of the open files that the system allows.",
            example: "10000", check: within(1...10_000_000)),
        Field(
            "connection_age", \.connectionAge,
            doc: "After this a connection ends after its current request; a tenth of it is drawn by chance.",
            example: "1h"),
        Field(
            "streams", \.streams, doc: "The most requests at once on an HTTP/2 connection.", example: "100",
            check: within(1...1000)),
        Field(
            "stream_window", \.streamWindow,
            doc: "How much of one request's body an HTTP/2 client may send ahead of what is taken.", example: "64KiB",
            check: within(Size.kibibytes(1)...Size.mebibytes(16))),
        Field(
            "connection_window", \.connectionWindow,
            doc: "How much of all bodies together an HTTP/2 client may send ahead of what is taken, on one connection.",
            example: "1MiB", check: within(Size.kibibytes(64)...Size.mebibytes(256))),
        Field(
            "ping_interval", \.pingInterval,
            doc: """
                How far apart the PINGs of an HTTP/2 client are while nothing is sent to it; the third in a row that comes \
                sooner ends its connection (`too_many_pings`).
                """,
            example: "5m", check: positive),
    ]

    private static let positive: @Sendable (Timespan, Node, inout Findings) -> Bool = { value, node, findings in
        if value.nanoseconds > 0 { return true }
        findings.report(
            CatalogRules.badTimeout, "a limit of no time would close every connection", at: node.range,
            help: "write a time such as `10s`")
        return false
    }

    /// Open files that are left for logs, listeners and the admin pages where the system allows few.
    private static let reservedFiles = 32

    /// The most connections that so many open files leave room for, whatever the manifest says.
    package static func roomForConnections(openFiles: Int) -> Int { max(16, openFiles - reservedFiles) }

    /// The limits as connections use them.
    /// - Parameter openFiles: how many files the process may have open.
    package func connectionLimits(openFiles: Int) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.headerField = headerField.bytes
        limits.headerTotal = headerTotal.bytes
        limits.headerCount = headerCount
        limits.headerTimeout = headerTimeout.nanoseconds
        limits.bodyGap = bodyGap.nanoseconds
        limits.sendStall = sendStall.nanoseconds
        limits.idle = idle.nanoseconds
        limits.requestsPerConnection = requestsPerConnection
        let room = Self.roomForConnections(openFiles: openFiles)
        limits.connections = min(connections ?? openFiles / 5 * 4, room)
        limits.connectionAge = connectionAge.value?.nanoseconds ?? .max
        limits.streams = streams
        limits.streamWindow = streamWindow.bytes
        limits.connectionWindow = connectionWindow.bytes
        limits.pingInterval = pingInterval.nanoseconds
        return limits
    }
}
