import Client
import JSON
import NIOCore
import Testing
import Tracing

@testable import Telemetry

/// What libraries trace by swift-distributed-tracing.
@Suite struct LibraryTracerTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"

    private struct Fields: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    /// Nobody listens there; what is not to be sent never asks for it.
    private static let nowhere = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"]

    private func exporters(_ variables: [String: String] = nowhere) -> SpanExporters {
        SpanExporters(environment: TracesEnvironment { variables[$0] }, version: "1", resource: [:])
    }

    private func tracer(_ variables: [String: String] = nowhere) -> LibraryTracer {
        LibraryTracer(exporters(variables), service: "s", resource: [:])
    }

    private func context(_ fields: [String: String], of tracer: LibraryTracer) -> ServiceContext {
        var context = ServiceContext.topLevel
        tracer.extract(fields, into: &context, using: Fields())
        return context
    }

    private func injected(_ context: ServiceContext, by tracer: LibraryTracer) -> [String: String] {
        var fields: [String: String] = [:]
        tracer.inject(context, into: &fields, using: Fields())
        return fields
    }

    private func start(
        _ name: String, in context: ServiceContext = .topLevel, kind: SpanKind = .internal, at time: UInt64 = 5,
        by tracer: LibraryTracer
    ) -> LibrarySpan {
        tracer.startSpan(
            name, context: context, ofKind: kind, at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: time))
    }

    private func end(_ span: LibrarySpan, at time: UInt64) {
        span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: time))
    }

    private func written(_ span: LibrarySpan, _ format: OTLPFormat) -> [UInt8] {
        var writer = OTLPWriter(format)
        span.record.write(into: &writer)
        return Array(writer.bytes)
    }

    /// Its one span, as field 2 of ScopeSpans.
    private func protobuf(_ span: LibrarySpan) throws -> ProtobufReader {
        try #require(ProtobufReader(written(span, .protobuf))?.messages(2).first)
    }

    private func json(_ span: LibrarySpan) throws -> JSONValue { try JSONReader.read(written(span, .json)).get() }

    // MARK: The context

    @Test func aCallersTraceGoesOn() throws {
        let tracer = tracer()
        let outer = context(
            ["traceparent": "00-\(Self.id)-\(Self.parent)-01", "tracestate": "vendor=x"], of: tracer)
        let span = start("outer", in: outer, by: tracer)
        let place = try #require(span.context.place)
        #expect(place.trace.high == 0x0af7_6519_16cd_43dd)
        #expect(place.trace.parent == 0xb7ad_6b71_6920_3331)
        #expect(span.record.isParentRemote)
        let inner = start("inner", in: span.context, by: tracer)
        #expect(inner.context.place?.trace.low == place.trace.low)
        #expect(inner.context.place?.trace.parent == place.trace.span)
        #expect(!inner.record.isParentRemote)
        let fields = injected(inner.context, by: tracer)
        let own = try #require(inner.context.place?.trace.span)
        let digits = String(own, radix: 16)
        #expect(
            fields == [
                "traceparent": "00-\(Self.id)-\(String(repeating: "0", count: 16 - digits.count))\(digits)-01",
                "tracestate": "vendor=x",
            ])
    }

    @Test func whereNoSpanIsMadeTheContextGoesThroughAsItCame() {
        let tracer = tracer([:])
        let fields = ["traceparent": "00-\(Self.id)-\(Self.parent)-01", "tracestate": "vendor=x"]
        let span = start("x", in: context(fields, of: tracer), by: tracer)
        #expect(!span.isRecording)
        #expect(injected(span.context, by: tracer) == fields)
    }

    @Test(arguments: [
        [:], ["traceparent": "nonsense"], ["traceparent": "00-\(id)-0000000000000000-01"],
        ["traceparent": "00-\(id.uppercased())-\(parent)-01"], ["tracestate": "vendor=x"],
    ])
    func withoutAValidParentATraceBegins(fields: [String: String]) throws {
        let tracer = tracer()
        let outer = context(fields, of: tracer)
        #expect(outer.isEmpty)
        #expect(injected(outer, by: tracer) == [:])
        let place = try #require(start("x", in: outer, by: tracer).context.place)
        #expect(place.trace.isThere && place.trace.span != 0 && place.trace.parent == 0)
        #expect(place.trace.flags == TraceContext.random | TraceContext.sampled)
        #expect(place.state == "")
    }

    @Test func aStateThatIsNotValidIsNotHandedOn() {
        let tracer = tracer()
        let fields = ["traceparent": "00-\(Self.id)-\(Self.parent)-00", "tracestate": "a=1,a=2"]
        #expect(injected(context(fields, of: tracer), by: tracer).keys.sorted() == ["traceparent"])
    }

    // MARK: Sampling

    @Test(
        arguments: [
            // The trace's last 56 bits are 0x48eb…, a little less than three tenths.
            (nil, nil, "01", true), (nil, nil, "00", false), ("always_on", nil, "00", true),
            ("always_off", nil, "01", false), ("parentbased_always_off", nil, "01", true),
            ("parentbased_always_on", nil, "00", false), ("traceidratio", "0.8", "00", true),
            ("traceidratio", "0.5", "01", false), ("parentbased_traceidratio", "0.5", "01", true),
        ] as [(String?, String?, String, Bool)])
    func theEnvironmentsSamplerDecides(name: String?, argument: String?, flags: String, isSampled: Bool) {
        var variables = Self.nowhere
        variables["OTEL_TRACES_SAMPLER"] = name
        variables["OTEL_TRACES_SAMPLER_ARG"] = argument
        let exporters = exporters(variables)
        let tracer = LibraryTracer(exporters, service: "s", resource: [:])
        let span = start(
            "x", in: context(["traceparent": "00-\(Self.id)-\(Self.parent)-\(flags)"], of: tracer), by: tracer)
        #expect(span.isRecording == isSampled)
        #expect(span.context.place?.trace.isSampled == isSampled)
        #expect(exporters.tally.started(.sampled) == (isSampled ? 1 : 0))
        #expect(exporters.tally.started(.dropped) == (isSampled ? 0 : 1))
        #expect(exporters.tally.live(.sampled) == (isSampled ? 1 : 0))
    }

    @Test func aSpanThatNeverEndsIsNotLiveForEver() {
        let exporters = exporters()
        let tracer = LibraryTracer(exporters, service: "s", resource: [:])
        do { _ = start("x", by: tracer) }
        #expect(exporters.tally.started(.sampled) == 1)
        #expect(exporters.tally.live(.sampled) == 0)
        #expect(exporters.states.isEmpty, "no exporter for a span that was not ended")
    }

    // MARK: What is written

    @Test(arguments: [
        (SpanKind.internal, UInt64(1)), (.server, 2), (.client, 3), (.producer, 4), (.consumer, 5),
    ])
    func kindsHaveTheirNumbers(kind: SpanKind, number: UInt64) throws {
        let tracer = tracer()
        let span = start("x", kind: kind, by: tracer)
        #expect(try protobuf(span).number(6) == number)
        #expect(try json(span)["kind"] == .int(Int64(number)))
    }

    @Test(
        arguments: [
            ([], nil, nil), ([SpanStatus(code: .ok, message: "x")], 1, nil),
            ([SpanStatus(code: .error)], 2, nil), ([SpanStatus(code: .error, message: "no room")], 2, "no room"),
            ([SpanStatus(code: .error, message: "a"), SpanStatus(code: .error, message: "b")], 2, "b"),
            ([SpanStatus(code: .error, message: "a"), SpanStatus(code: .ok)], 1, nil),
            ([SpanStatus(code: .ok), SpanStatus(code: .error, message: "a")], 1, nil),
        ] as [([SpanStatus], Int?, String?)])
    func anOKStands(statuses: [SpanStatus], code: Int?, message: String?) throws {
        let tracer = tracer()
        let span = start("x", by: tracer)
        for status in statuses { span.setStatus(status) }
        let status = try protobuf(span).messages(15).first
        #expect(status?.number(3).map(Int.init) == code)
        #expect(status?.text(2) == message)
        #expect(try json(span)["status"]?["code"] == code.map { .int(Int64($0)) })
        #expect(try json(span)["status"]?["message"] == message.map { .string($0) })
    }

    private struct Named: CustomStringConvertible { let description = "named" }

    @Test(
        arguments: [
            ("s", #"{"stringValue":"s"}"#, "0a0173"), (.bool(true), #"{"boolValue":true}"#, "1001"),
            (.bool(false), #"{"boolValue":false}"#, "1000"),
            (.int32(-1), #"{"intValue":"-1"}"#, "18ffffffffffffffffff01"),
            (.int64(300), #"{"intValue":"300"}"#, "18ac02"), (0, #"{"intValue":"0"}"#, "1800"),
            (.double(0.5), #"{"doubleValue":0.5}"#, "21000000000000e03f"),
            (.double(.nan), #"{"doubleValue":"NaN"}"#, "21000000000000f87f"),
            (.double(-.infinity), #"{"doubleValue":"-Infinity"}"#, "21000000000000f0ff"),
            (.stringConvertible(Named()), #"{"stringValue":"named"}"#, "0a056e616d6564"),
            (
                .stringArray(["a", "b"]), #"{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}"#,
                "2a0a0a030a01610a030a0162"
            ),
            (.boolArray([true]), #"{"arrayValue":{"values":[{"boolValue":true}]}}"#, "2a040a021001"),
            (.int64Array([]), #"{"arrayValue":{"values":[]}}"#, "2a00"),
            (.int32Array([7]), #"{"arrayValue":{"values":[{"intValue":"7"}]}}"#, "2a040a021807"),
            (.doubleArray([2]), #"{"arrayValue":{"values":[{"doubleValue":2}]}}"#, "2a0b0a09210000000000000040"),
        ] as [(SpanAttribute, String, String)])
    func attributesKeepTheirKinds(value: SpanAttribute, text: String, hex: String) throws {
        let tracer = tracer()
        let span = start("x", by: tracer)
        span.attributes["k"] = value
        let wire = String(decoding: written(span, .json), as: UTF8.self)
        #expect(wire.contains(#""attributes":[{"key":"k","value":\#(text)}]"#))
        let attribute = try #require(protobuf(span).messages(9).first)
        #expect(attribute.text(1) == "k")
        let bytes = try #require(attribute.bytes(2))
        #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex)
    }

    private struct Failed: Error, CustomStringConvertible { let description = "it \"failed\"" }

    @Test func theWholeOfASpan() throws {
        let tracer = tracer()
        let outer = context(
            ["traceparent": "00-\(Self.id)-\(Self.parent)-01", "tracestate": "v=\"x"], of: tracer)
        let span = start("old", in: outer, kind: .client, by: tracer)
        span.operationName = "SELECT"
        span.addEvent(
            SpanEvent(
                name: "sent", at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 6), attributes: ["bytes": 3]))
        span.recordError(
            Failed(), attributes: ["where": "here"], at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 7))
        span.addLink(SpanLink(context: outer, attributes: ["why": "because"]))
        span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        end(span, at: 9)
        // What comes behind the end is too late.
        span.operationName = "late"
        span.attributes["late"] = true
        span.addEvent("late")
        end(span, at: 10)

        let id = try #require(span.context.place?.trace.span)
        let digits = String(id, radix: 16)
        let type = String(reflecting: Failed.self)
        #expect(
            String(decoding: written(span, .json), as: UTF8.self) == """
                {"traceId":"\(Self.id)","spanId":"\(String(repeating: "0", count: 16 - digits.count))\(digits)",\
                "traceState":"v=\\"x","parentSpanId":"\(Self.parent)","flags":769,"name":"SELECT","kind":3,\
                "startTimeUnixNano":"5","endTimeUnixNano":"9","attributes":[],"events":[{"timeUnixNano":"6","name":\
                "sent","attributes":[{"key":"bytes","value":{"intValue":"3"}}]},{"timeUnixNano":"7","name":"exception",\
                "attributes":[{"key":"exception.message","value":{"stringValue":"it \\"failed\\""}},{"key":\
                "exception.type","value":{"stringValue":"\(type)"}},{"key":"where","value":{"stringValue":"here"}}]}],\
                "links":[{"traceId":"\(Self.id)","spanId":"\(Self.parent)","traceState":"v=\\"x","flags":769,\
                "attributes":[{"key":"why","value":{"stringValue":"because"}}]}],"status":{}}
                """)

        let read = try protobuf(span)
        #expect(read.bytes(1)?.count == 16)
        #expect(read.bytes(2)?.reduce(0) { $0 << 8 | UInt64($1) } == id)
        #expect(read.text(3) == "v=\"x")
        #expect(read.bytes(4)?.reduce(0) { $0 << 8 | UInt64($1) } == 0xb7ad_6b71_6920_3331)
        #expect(read.text(5) == "SELECT")
        #expect(read.number(7) == 5)
        #expect(read.number(8) == 9)
        #expect(read.number(16) == 0x301)
        #expect(read.all(15).isEmpty)
        let events = read.messages(11)
        #expect(events.map { $0.text(2) } == ["sent", "exception"])
        #expect(events.map { $0.number(1) } == [6, 7])
        #expect(events.last?.messages(3).compactMap { $0.text(1) } == ["exception.message", "exception.type", "where"])
        let link = try #require(read.messages(13).first)
        #expect(link.bytes(1) == read.bytes(1))
        #expect(link.bytes(2) == read.bytes(4))
        #expect(link.text(3) == "v=\"x")
        #expect(link.messages(4).first?.text(1) == "why")
        #expect(link.number(6) == 0x301)
        #expect(read.messages(13).count == 1, "what leads to no span is no link")
    }

    @Test func anEndBeforeTheBeginningIsTheBeginning() throws {
        let tracer = tracer()
        let span = start("x", at: 100, by: tracer)
        end(span, at: 50)
        #expect(try protobuf(span).number(8) == 100)
    }

    // MARK: Bounds

    @Test func whatThereIsNoRoomForIsCounted() throws {
        let tracer = tracer()
        let span = start("x", by: tracer)
        span.attributes["z"] = "first"
        let many = SpanAttributes(
            Dictionary(uniqueKeysWithValues: (0..<140).map { ("a\($0 + 100)", SpanAttribute.int($0)) }))
        span.attributes.merge(many)
        for _ in 0..<130 { span.addEvent(SpanEvent(name: "e", attributes: many)) }
        for _ in 0..<135 { span.addLink(SpanLink(context: span.context, attributes: many)) }
        let read = try protobuf(span)
        let names = read.messages(9).compactMap { $0.text(1) }
        #expect(names.count == 128)
        #expect(names.contains("z"), "what was there before stays")
        #expect(names.first == "a100")
        #expect(names.contains("a226") && !names.contains("a227"))
        #expect(read.number(10) == 13)
        #expect(read.messages(11).count == 128)
        #expect(read.number(12) == 2)
        #expect(read.messages(13).count == 128)
        #expect(read.number(14) == 7)
        #expect(read.messages(11).first?.messages(3).count == 128)
        #expect(read.messages(11).first?.number(4) == 12)
        #expect(read.messages(13).first?.messages(4).count == 128)
        #expect(read.messages(13).first?.number(5) == 12)
        let written = try json(span)
        #expect(written["droppedAttributesCount"] == .int(13))
        #expect(written["droppedEventsCount"] == .int(2))
        #expect(written["droppedLinksCount"] == .int(7))
        guard case .array(let events) = written["events"], case .array(let links) = written["links"] else {
            Issue.record("no arrays")
            return
        }
        #expect(events.first?["droppedAttributesCount"] == .int(12))
        #expect(links.first?["droppedAttributesCount"] == .int(12))
    }

    @Test func longTextsAreCut() throws {
        let tracer = tracer()
        let long = String(repeating: "é", count: 5000)
        let span = start(long, by: tracer)
        span.attributes[long] = long
        span.attributes["list"] = SpanAttribute.stringArray(Array(repeating: "a", count: 1000))
        span.addEvent(SpanEvent(name: long))
        span.setStatus(SpanStatus(code: .error, message: long))
        let read = try protobuf(span)
        #expect(read.text(5)?.utf8.count == 2048)
        #expect(read.messages(11).first?.text(2)?.utf8.count == 2048)
        #expect(read.messages(15).first?.text(2)?.utf8.count == 2048)
        #expect(written(span, .protobuf).count < 16_000)
        #expect(written(span, .json).count < 20_000)
        let list = read.messages(9).first?.messages(2).first?.messages(5).first
        #expect(list?.all(1).count == 128)
    }

    // MARK: On their way

    @Test(arguments: ["http/protobuf", "http/json"])
    func aSpanThatEndsComesToTheCollector(form: String) async throws {
        let collector = try await CollectorStub()
        let variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)", "OTEL_EXPORTER_OTLP_PROTOCOL": form,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_BSP_SCHEDULE_DELAY": "10",
        ]
        let first = exporters(variables)
        let tracer = LibraryTracer(first, service: "shop", resource: ["team": "a"])
        #expect(first.states.isEmpty, "no thread before there is a span")
        tracer.withSpan("outer", ofKind: .server) { _ in tracer.withSpan("inner") { _ in } }
        var names: [String] = []
        while names.count < 2 {
            let body = try #require(await collector.nextBody())
            names += try form == "http/json" ? Self.names(inJSON: body) : Self.names(inProtobuf: body)
        }
        #expect(names == ["inner", "outer"])
        // The next manifest's spans go through the same exporter where nothing has changed.
        let second = SpanExporters(after: first)
        tracer.settle(on: second, service: "shop", resource: ["team": "a"])
        second.takeEffect()
        tracer.withSpan("after") { _ in }
        let body = try #require(await collector.nextBody())
        #expect(try (form == "http/json" ? Self.names(inJSON: body) : Self.names(inProtobuf: body)) == ["after"])
        #expect(second.states.count == 1)
        #expect(second.tally.started(.sampled) == 3)
        #expect(second.tally.live(.sampled) == 0)
        tracer.close()
        tracer.withSpan("closed") { _ in }
        #expect(second.close(within: .seconds(5)) == 0)
        #expect(second.states.map(\.counts) == [SpanCounts(exported: 3, failed: 0, dropped: 0)])
        try await collector.close()
    }

    private static func names(inProtobuf body: [UInt8]) throws -> [String] {
        let resource = try #require(ProtobufReader(body)?.messages(1).first)
        let attributes = resource.messages(1).first?.messages(1) ?? []
        #expect(attributes.contains { $0.text(1) == "service.name" && $0.messages(2).first?.text(1) == "shop" })
        #expect(attributes.contains { $0.text(1) == "team" })
        return resource.messages(2).flatMap { $0.messages(2) }.compactMap { $0.text(5) }
    }

    private static func names(inJSON body: [UInt8]) throws -> [String] {
        func elements(_ value: JSONValue?) -> [JSONValue] { if case .array(let values) = value { values } else { [] } }
        let request = try JSONReader.read(body).get()
        return elements(request["resourceSpans"]).flatMap { elements($0["scopeSpans"]) }
            .flatMap { elements($0["spans"]) }
            .compactMap { if case .string(let name) = $0["name"] { name } else { nil } }
    }
}
