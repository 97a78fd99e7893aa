package import JSON

/// One of the two forms of OTLP over HTTP (opentelemetry-proto, `trace/v1/trace.proto`).
package enum OTLPFormat: Sendable, Hashable {
    case protobuf
    case json

    /// By its name in `OTEL_EXPORTER_OTLP_PROTOCOL`.
    package init?(protocol name: String) {
        switch name {
        case "http/protobuf": self = .protobuf
        case "http/json": self = .json
        default: return nil
        }
    }

    package var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }
}

/// Writes spans into bytes as a collector wants them.
package struct OTLPWriter: ~Copyable {
    let format: OTLPFormat
    package internal(set) var out: ByteWriter
    /// Whether the next of a JSON array's elements is its first.
    var isFirst = true

    package init(_ format: OTLPFormat, capacity: Int = 1024) {
        self.format = format
        out = ByteWriter(capacity: capacity)
    }

    package var bytes: UnsafeBufferPointer<UInt8> { out.bytes }

    package mutating func clear() {
        out.clear()
        isFirst = true
    }

    /// What a span is, but for its attributes and events.
    package struct Span {
        package var traceHigh: UInt64
        package var traceLow: UInt64
        package var id: UInt64
        package var parent: UInt64
        package var flags: UInt8
        /// Nanoseconds since the Unix epoch.
        package var start: UInt64
        package var end: UInt64
        package var kind = Kind.server
        /// Whether the parent, if there is one, is another process's.
        package var isParentRemote = true
        package var status: Status
        /// Why the status is an error; empty if that is not known.
        package var message = ""
        package var dropped = Dropped()

        /// By its number in `trace.proto`.
        package enum Kind: UInt64, Sendable {
            case `internal` = 1
            case server
            case client
            case producer
            case consumer
        }

        /// By its number in `trace.proto`.
        package enum Status: UInt64, Sendable {
            case unset
            case ok
            case error
        }

        /// How many there was no room for.
        package struct Dropped: Sendable {
            package var attributes = 0
            package var events = 0
            package var links = 0

            package init() {}
        }

        package init(
            traceHigh: UInt64, traceLow: UInt64, id: UInt64, parent: UInt64, flags: UInt8, start: UInt64, end: UInt64,
            status: Status
        ) {
            self.traceHigh = traceHigh
            self.traceLow = traceLow
            self.id = id
            self.parent = parent
            self.flags = flags
            self.start = start
            self.end = end
            self.status = status
        }

        /// Whether the parent is remote is known (trace.proto, SpanFlags).
        fileprivate var allFlags: UInt32 { UInt32(flags) | 0x100 | (parent != 0 && isParentRemote ? 0x200 : 0) }
    }

    /// Writes a span: as field 2 of ScopeSpans, or as an object.
    /// - Parameters:
    ///   - state: the caller's `tracestate`; empty if there is none.
    ///   - attributes: calls `attribute`.
    ///   - events: calls `event`.
    ///   - links: calls `link`; nil if there are none.
    package mutating func span(
        _ span: Span, state: UnsafeBufferPointer<UInt8>, name: UnsafeBufferPointer<UInt8>,
        attributes: (inout OTLPWriter) -> Void, events: (inout OTLPWriter) -> Void,
        links: ((inout OTLPWriter) -> Void)? = nil
    ) {
        switch format {
        case .protobuf:
            let start = begin(2)
            bytes16(1, span.traceHigh, span.traceLow)
            bytes8(2, span.id)
            if !state.isEmpty { field(3, state) }
            if span.parent != 0 { bytes8(4, span.parent) }
            text(5, name)
            varint(6, span.kind.rawValue)
            fixed64(7, span.start)
            fixed64(8, span.end)
            attributes(&self)
            count(10, span.dropped.attributes)
            events(&self)
            count(12, span.dropped.events)
            links?(&self)
            count(14, span.dropped.links)
            writeStatus(span)
            tag(16, 5)
            fixed32(span.allFlags)
            end(start)
        case .json:
            out.append("{\"traceId\":\"")
            out.append(hex: span.traceHigh)
            out.append(hex: span.traceLow)
            out.append("\",\"spanId\":\"")
            out.append(hex: span.id)
            if !state.isEmpty {
                out.append("\",\"traceState\":\"")
                out.append(jsonEscaped: state)
            }
            if span.parent != 0 {
                out.append("\",\"parentSpanId\":\"")
                out.append(hex: span.parent)
            }
            out.append("\",\"flags\":")
            out.append(decimal: UInt(span.allFlags))
            out.append(",\"name\":\"")
            out.append(jsonEscaped: name)
            out.append("\",\"kind\":")
            out.append(decimal: UInt(span.kind.rawValue))
            out.append(",\"startTimeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: span.start))
            out.append("\",\"endTimeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: span.end))
            out.append("\"")
            list("attributes", attributes)
            count("droppedAttributesCount", span.dropped.attributes)
            list("events", events)
            count("droppedEventsCount", span.dropped.events)
            if let links { list("links", links) }
            count("droppedLinksCount", span.dropped.links)
            writeStatus(span)
            out.append("}")
        }
    }

    private mutating func writeStatus(_ span: Span) {
        var message = span.message
        switch format {
        case .protobuf:
            guard span.status != .unset else { return }
            let status = begin(15)
            if !message.isEmpty { message.withUTF8 { text(2, Self.cut($0)) } }
            varint(3, span.status.rawValue)
            end(status)
        case .json:
            out.append(",\"status\":{")
            if span.status != .unset {
                out.append("\"code\":")
                out.append(decimal: UInt(span.status.rawValue))
                if !message.isEmpty {
                    out.append(",\"message\":\"")
                    message.withUTF8 { out.append(jsonEscaped: Self.cut($0)) }
                    out.append("\"")
                }
            }
            out.append("}")
        }
    }

    // MARK: Parts of JSON

    /// A further member of an object, whose value is an array.
    mutating func list(_ key: StaticString, _ elements: (inout OTLPWriter) -> Void) {
        out.append(",\"")
        out.append(key)
        out.append("\":[")
        let outer = isFirst
        isFirst = true
        elements(&self)
        isFirst = outer
        out.append("]")
    }

    /// A further member of an object, unless the number is 0.
    mutating func count(_ key: StaticString, _ number: Int) {
        guard number > 0 else { return }
        out.append(",\"")
        out.append(key)
        out.append("\":")
        out.append(decimal: number)
    }

    mutating func separate() {
        if !isFirst { out.append(",") }
        isFirst = false
    }

    // MARK: Attributes and events

    package mutating func attribute(_ key: StaticString, _ value: UnsafeBufferPointer<UInt8>) {
        attribute(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount), in: 9, value)
    }

    package mutating func attribute(_ key: StaticString, _ value: StaticString) {
        attribute(key, UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    package mutating func attribute(_ key: StaticString, _ value: Int) {
        switch format {
        case .protobuf:
            let start = begin(9)
            field(1, UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
            let inner = begin(2)
            varint(3, UInt64(bitPattern: Int64(value)))
            end(inner)
            end(start)
        case .json:
            separate()
            out.append("{\"key\":\"")
            out.append(key)
            out.append("\",\"value\":{\"intValue\":\"")
            out.append(decimal: value)
            out.append("\"}}")
        }
    }

    package mutating func event(_ name: StaticString, at time: UInt64) {
        switch format {
        case .protobuf:
            let start = begin(11)
            fixed64(1, time)
            field(2, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            end(start)
        case .json:
            separate()
            out.append("{\"timeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: time))
            out.append("\",\"name\":\"")
            out.append(name)
            out.append("\"}")
        }
    }

    /// - Parameters:
    ///   - key: UTF-8.
    ///   - number: the field of the message that holds it: 9 of a span, 1 of a resource.
    private mutating func attribute(
        _ key: UnsafeBufferPointer<UInt8>, in number: Int, _ value: UnsafeBufferPointer<UInt8>
    ) {
        let value = Self.cut(value)
        switch format {
        case .protobuf:
            let start = begin(number)
            field(1, key)
            let inner = begin(2)
            text(1, value)
            end(inner)
            end(start)
        case .json:
            separate()
            out.append("{\"key\":\"")
            out.append(jsonEscaped: key)
            out.append("\",\"value\":{\"stringValue\":\"")
            out.append(jsonEscaped: value)
            out.append("\"}}")
        }
    }

    /// As much of a text as is kept: what a client sent may be long, and many spans may wait.
    static func cut(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text.prefix(2048))
    }

    // MARK: The request around them

    /// An ExportTraceServiceRequest of one resource.
    ///
    /// - Parameter spans: one behind the other; with commas between them where it is JSON.
    package static func request(
        _ format: OTLPFormat, resource: [(key: String, value: String)], version: String, spans: [UInt8]
    ) -> [UInt8] {
        var writer = OTLPWriter(format, capacity: spans.count + 512)
        let scope = "radicled"
        switch format {
        case .protobuf:
            let resourceSpans = writer.begin(1)
            let resourceStart = writer.begin(1)
            for (key, value) in resource { writer.resourceAttribute(key, value) }
            writer.end(resourceStart)
            let scopeSpans = writer.begin(2)
            let scopeStart = writer.begin(1)
            writer.field(1, scope)
            writer.field(2, version)
            writer.end(scopeStart)
            writer.out.append(spans)
            writer.end(scopeSpans)
            writer.end(resourceSpans)
        case .json:
            writer.out.append("{\"resourceSpans\":[{\"resource\":{\"attributes\":[")
            for (key, value) in resource { writer.resourceAttribute(key, value) }
            writer.out.append("]},\"scopeSpans\":[{\"scope\":{\"name\":")
            writer.out.append(jsonString: scope)
            writer.out.append(",\"version\":")
            writer.out.append(jsonString: version)
            writer.out.append("},\"spans\":[")
            writer.out.append(spans)
            writer.out.append("]}]}]}")
        }
        return Array(writer.bytes)
    }

    private mutating func resourceAttribute(_ key: String, _ value: String) {
        let key = Array(key.utf8)
        let value = Array(value.utf8)
        key.withUnsafeBufferPointer { key in
            value.withUnsafeBufferPointer { value in attribute(key, in: 1, value) }
        }
    }
}
