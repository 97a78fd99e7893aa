import JSON
import Testing

@testable import Telemetry

/// The collector's view, by another's decoder, is in the end-to-end tests; here is what they do not reach.
@Suite struct OTLPWriterTests {
    private func request(_ format: OTLPFormat, name: [UInt8], path: [UInt8], state: [UInt8] = []) -> [UInt8] {
        var writer = OTLPWriter(format)
        let span = OTLPWriter.Span(
            traceHigh: 0x0af7_6519_16cd_43dd, traceLow: 0x8448_eb21_1c80_319c, id: 0xb7ad_6b71_6920_3331, parent: 0,
            flags: 3, start: 1, end: 2, status: .error)
        name.withUnsafeBufferPointer { name in
            path.withUnsafeBufferPointer { path in
                state.withUnsafeBufferPointer { state in
                    writer.span(
                        span, state: state, name: name, attributes: { $0.attribute("url.path", path) },
                        events: { $0.event("radicled.parked", at: 7) })
                }
            }
        }
        return OTLPWriter.request(
            format, resource: [("service.name", "s")], version: "1", spans: Array(writer.bytes))
    }

    @Test func theJSONFormIsOneObject() throws {
        let bytes = request(.json, name: Array("GET /a\"b".utf8), path: [0x2F, 0xFF], state: Array("k=\"v".utf8))
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},\
                "scopeSpans":[{"scope":{"name":"radicled","version":"1"},"spans":[{"traceId":\
                "0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","traceState":"k=\\"v","flags":259,\
                "name":"GET /a\\"b","kind":2,"startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[{"key":\
                "url.path","value":{"stringValue":"/\u{FFFD}"}}],"events":[{"timeUnixNano":"7","name":\
                "radicled.parked"}],"status":{"code":2}}]}]}]}
                """)
    }

    @Test func aLongTextIsCut() {
        let path = [UInt8](repeating: 0x61, count: 10_000)
        #expect(request(.json, name: [], path: path).count < 3000)
        #expect(request(.protobuf, name: [], path: path).count < 3000)
    }

    /// A string that is no UTF-8 would make the collector refuse the whole request.
    @Test func noStringIsWithoutItsUTF8() {
        let bytes = request(.protobuf, name: [0x47, 0xFF], path: [0x2F, 0xC3])
        #expect(bytes.firstRange(of: Array("G\u{FFFD}".utf8)) != nil)
        #expect(bytes.firstRange(of: Array("/\u{FFFD}".utf8)) != nil)
    }
}
