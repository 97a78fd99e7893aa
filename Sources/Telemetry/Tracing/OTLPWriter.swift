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
    private let format: OTLPFormat
    package private(set) var out: ByteWriter
    private var isFirst = true

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
        package var isError: Bool

        package init(
            traceHigh: UInt64, traceLow: UInt64, id: UInt64, parent: UInt64, flags: UInt8, start: UInt64, end: UInt64,
            isError: Bool
        ) {
            self.traceHigh = traceHigh
            self.traceLow = traceLow
            self.id = id
            self.parent = parent
            self.flags = flags
            self.start = start
            self.end = end
            self.isError = isError
        }
    }

    /// Writes a span of kind SERVER: as field 2 of ScopeSpans, or as an object.
    /// - Parameters:
    ///   - state: the caller's `tracestate`; empty if there is none.
    ///   - attributes: calls `attribute`.
    ///   - events: calls `event`.
    package mutating func span(
        _ span: Span, state: UnsafeBufferPointer<UInt8>, name: UnsafeBufferPointer<UInt8>,
        attributes: (inout OTLPWriter) -> Void, events: (inout OTLPWriter) -> Void
    ) {
        switch format {
        case .protobuf:
            let start = begin(2)
            bytes16(1, span.traceHigh, span.traceLow)
            bytes8(2, span.id)
            if !state.isEmpty { field(3, state) }
            if span.parent != 0 { bytes8(4, span.parent) }
            text(5, name)
            varint(6, 2)
            fixed64(7, span.start)
            fixed64(8, span.end)
            attributes(&self)
            events(&self)
            if span.isError {
                let status = begin(15)
                varint(3, 2)
                end(status)
            }
            tag(16, 5)
            // Whether the parent is remote is known, and it is (trace.proto, SpanFlags).
            fixed32(UInt32(span.flags) | 0x100 | (span.parent != 0 ? 0x200 : 0))
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
            out.append(decimal: UInt(span.flags) | 0x100 | (span.parent != 0 ? 0x200 : 0))
            out.append(",\"name\":\"")
            out.append(jsonEscaped: name)
            out.append("\",\"kind\":2,\"startTimeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: span.start))
            out.append("\",\"endTimeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: span.end))
            out.append("\",\"attributes\":[")
            isFirst = true
            attributes(&self)
            out.append("],\"events\":[")
            isFirst = true
            events(&self)
            out.append(span.isError ? "],\"status\":{\"code\":2}}" : "],\"status\":{}}")
        }
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

    /// - Parameter number: the field of the message that holds it: 9 of a span, 1 of a resource.
    private mutating func attribute(
        _ key: UnsafeBufferPointer<UInt8>, in number: Int, _ value: UnsafeBufferPointer<UInt8>
    ) {
        // What a client sent may be long, and many spans may wait.
        let value = UnsafeBufferPointer(rebasing: value.prefix(Self.longest))
        switch format {
        case .protobuf:
            let start = begin(number)
            text(1, key)
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

    /// How much of a text is kept, in bytes.
    private static let longest = 2048

    private mutating func separate() {
        if !isFirst { out.append(",") }
        isFirst = false
    }

    // MARK: The request around them

    /// An ExportTraceServiceRequest of one resource.
    package static func request(
        _ format: OTLPFormat, resource: [(key: String, value: String)], version: String, spans: [[UInt8]]
    ) -> [UInt8] {
        var writer = OTLPWriter(format, capacity: spans.reduce(512) { $0 + $1.count + 1 })
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
            for span in spans { writer.out.append(span) }
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
            for (index, span) in spans.enumerated() {
                if index > 0 { writer.out.append(",") }
                writer.out.append(span)
            }
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

    // MARK: Protobuf's wire format (protobuf.dev, Encoding)

    private mutating func tag(_ number: Int, _ type: UInt64) { varint(UInt64(number) << 3 | type) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func varint(_ number: Int, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    private mutating func fixed64(_ number: Int, _ value: UInt64) {
        tag(number, 1)
        for shift in 0..<8 { out.append(UInt8(truncatingIfNeeded: value >> (shift &* 8))) }
    }

    private mutating func fixed32(_ value: UInt32) {
        for shift in 0..<4 { out.append(UInt8(truncatingIfNeeded: value >> (shift &* 8))) }
    }

    private mutating func field(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        tag(number, 2)
        varint(UInt64(bytes.count))
        out.append(bytes)
    }

    private mutating func field(_ number: Int, _ text: String) {
        tag(number, 2)
        varint(UInt64(text.utf8.count))
        out.append(text)
    }

    /// A string must be UTF-8, or the collector refuses all that is with it.
    private mutating func text(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        if UTF8Scanner.firstInvalid(bytes) == nil {
            field(number, bytes)
        } else {
            field(number, String(decoding: bytes, as: UTF8.self))
        }
    }

    private mutating func bytes8(_ number: Int, _ value: UInt64) {
        tag(number, 2)
        varint(8)
        bigEndian(value)
    }

    private mutating func bytes16(_ number: Int, _ high: UInt64, _ low: UInt64) {
        tag(number, 2)
        varint(16)
        bigEndian(high)
        bigEndian(low)
    }

    private mutating func bigEndian(_ value: UInt64) {
        for shift in (0..<8).reversed() { out.append(UInt8(truncatingIfNeeded: value >> (shift &* 8))) }
    }

    /// Begins a message or a text whose length is known when it ends. Returns where its contents begin.
    private mutating func begin(_ number: Int) -> Int {
        tag(number, 2)
        return out.count
    }

    /// Puts the length before the contents. They are moved by a byte or two, which costs less than to measure them first.
    private mutating func end(_ start: Int) {
        let count = out.count &- start
        var width = 1
        while count >> (7 &* width) != 0 { width &+= 1 }
        out.insert(width, at: start)
        var rest = count
        for index in 0..<width {
            let more: UInt8 = index &+ 1 < width ? 0x80 : 0
            out.replace(at: start &+ index, with: UInt8(truncatingIfNeeded: rest & 0x7F) | more)
            rest >>= 7
        }
    }
}
