import Synchronization
package import Tracing

/// A span of a library: kept until it ends, then written. One that is not sampled keeps nothing.
package final class LibrarySpan: Span {
    package let context: ServiceContext
    /// Takes it when it ends; nil where nothing is kept.
    private let tracer: LibraryTracer?
    private let state: Mutex<State>

    private struct State {
        var record: Record
        var hasEnded: Bool
    }

    init(_ record: Record, in context: ServiceContext, endingIn tracer: LibraryTracer) {
        self.context = context
        self.tracer = tracer
        state = Mutex(State(record: record, hasEnded: false))
    }

    /// One that is not recorded.
    init(named name: String, in context: ServiceContext) {
        self.context = context
        tracer = nil
        let nowhere = TracePlace(trace: TraceContext(), state: "")
        let record = Record(named: name, kind: .internal, start: 0, at: nowhere, isParentRemote: false)
        state = Mutex(State(record: record, hasEnded: true))
    }

    deinit {
        // Never to end is its library's mistake; nothing is made up for it.
        if let tracer, isRecording { tracer.take(nil) }
    }

    package var isRecording: Bool { state.withLock { !$0.hasEnded } }

    package var operationName: String {
        get { state.withLock { $0.record.name } }
        set { change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.record.attributes } }
        set { change { $0.replaceAttributes(by: newValue) } }
    }

    package func setStatus(_ status: SpanStatus) { change { $0.settle(on: status) } }

    package func addEvent(_ event: SpanEvent) { change { $0.add(event) } }

    package func addLink(_ link: SpanLink) { change { $0.add(link) } }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        // OpenTelemetry semantic conventions, exceptions on spans. What the library says goes before.
        var all: SpanAttributes = [
            "exception.type": .string(String(reflecting: type(of: error))),
            "exception.message": .string(String(describing: error)),
        ]
        all.merge(attributes)
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let time = instant().nanosecondsSinceEpoch
        let record = state.withLock { state -> Record? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            state.record.end = max(time, state.record.start)
            return state.record
        }
        if let record { tracer?.take(record) }
    }

    /// What is known of it so far.
    var record: Record { state.withLock { $0.record } }

    private func change(_ body: (inout Record) -> Void) {
        state.withLock { if !$0.hasEnded { body(&$0.record) } }
    }
}

extension LibrarySpan {
    /// What is known of a span.
    struct Record: Sendable {
        /// Of attributes, events and links each, and of what an event or a link has (OpenTelemetry specification, Span
        /// Limits); of an array's elements too.
        static let limit = 128

        fileprivate(set) var name: String
        private let kind: SpanKind
        private let place: TracePlace
        let isParentRemote: Bool
        /// Nanoseconds since the Unix epoch.
        let start: UInt64
        fileprivate(set) var end: UInt64
        private var status: SpanStatus?
        private(set) var attributes = SpanAttributes()
        private var events: [SpanEvent] = []
        private var links: [SpanLink] = []
        private var dropped = OTLPWriter.Span.Dropped()

        init(named name: String, kind: SpanKind, start: UInt64, at place: TracePlace, isParentRemote: Bool) {
            self.name = name
            self.kind = kind
            self.start = start
            end = start
            self.place = place
            self.isParentRemote = isParentRemote
        }

        /// An `ok` stands (OpenTelemetry specification, Set Status).
        mutating func settle(on status: SpanStatus) {
            if self.status?.code != .ok { self.status = status }
        }

        mutating func add(_ event: SpanEvent) {
            if events.count < Self.limit { events.append(event) } else { dropped.events += 1 }
        }

        mutating func add(_ link: SpanLink) {
            // What leads to no span is no link.
            guard link.context.place != nil else { return }
            if links.count < Self.limit { links.append(link) } else { dropped.links += 1 }
        }

        /// Of too many those that were there before stay, and then the first by name.
        mutating func replaceAttributes(by new: SpanAttributes) {
            guard new.count > Self.limit else {
                attributes = new
                return
            }
            let all = Self.sorted(new)
            let known = all.filter { attributes.get($0.name) != nil }
            let others = all.filter { attributes.get($0.name) == nil }
            var kept = SpanAttributes()
            for (name, value) in (known + others).prefix(Self.limit) { kept.set(name, value: value) }
            dropped.attributes += new.count - kept.count
            attributes = kept
        }

        private static func sorted(_ attributes: SpanAttributes) -> [(name: String, value: SpanAttribute)] {
            var all: [(name: String, value: SpanAttribute)] = []
            attributes.forEach { all.append(($0, $1)) }
            return all.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }
}

// MARK: Writing

extension LibrarySpan.Record {
    func write(into writer: inout OTLPWriter) {
        let trace = place.trace
        var span = OTLPWriter.Span(
            traceHigh: trace.high, traceLow: trace.low, id: trace.span, parent: trace.parent, flags: trace.flags,
            start: start, end: end, status: .unset)
        span.kind =
            switch kind {
            case .internal: .internal
            case .server: .server
            case .client: .client
            case .producer: .producer
            case .consumer: .consumer
            }
        span.isParentRemote = isParentRemote
        if let status {
            span.status = status.code == .ok ? .ok : .error
            // A reason is for errors alone.
            if status.code == .error { span.message = status.message ?? "" }
        }
        span.dropped = dropped
        var (name, state) = (name, place.state)
        name.withUTF8 { name in
            state.withUTF8 { state in
                writer.span(
                    span, state: state, name: OTLPWriter.cut(name),
                    attributes: { Self.write(attributes, of: .span, into: &$0) }, events: { writeEvents(into: &$0) },
                    links: links.isEmpty ? nil : { writeLinks(into: &$0) })
            }
        }
    }

    private func writeEvents(into writer: inout OTLPWriter) {
        for event in events {
            writer.event(event.name, at: event.nanosecondsSinceEpoch, dropped: Self.excess(event.attributes)) {
                Self.write(event.attributes, of: .event, into: &$0)
            }
        }
    }

    private func writeLinks(into writer: inout OTLPWriter) {
        for link in links {
            guard let place = link.context.place else { continue }
            writer.link(to: place, dropped: Self.excess(link.attributes)) {
                Self.write(link.attributes, of: .link, into: &$0)
            }
        }
    }

    private static func excess(_ attributes: SpanAttributes) -> Int { max(0, attributes.count - limit) }

    private static func write(_ attributes: SpanAttributes, of owner: OTLPWriter.Owner, into writer: inout OTLPWriter) {
        for (name, attribute) in sorted(attributes).prefix(limit) {
            if let value = OTLPValue(attribute) { writer.attribute(name, value, of: owner) }
        }
    }
}

extension OTLPValue {
    /// Nil for a kind of value that is not known.
    fileprivate init?(_ attribute: SpanAttribute) {
        func list<Element>(_ values: [Element], _ one: (Element) -> OTLPValue) -> OTLPValue {
            .list(values.prefix(LibrarySpan.Record.limit).map(one))
        }
        switch attribute {
        case .int32(let value): self = .integer(Int64(value))
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .text(value)
        case .stringConvertible(let value): self = .text("\(value)")
        case .int32Array(let values): self = list(values) { .integer(Int64($0)) }
        case .int64Array(let values): self = list(values) { .integer($0) }
        case .doubleArray(let values): self = list(values) { .double($0) }
        case .boolArray(let values): self = list(values) { .bool($0) }
        case .stringArray(let values): self = list(values) { .text($0) }
        case .stringConvertibleArray(let values): self = list(values) { .text("\($0)") }
        default: return nil
        }
    }
}
