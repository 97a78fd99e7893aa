import JSON
import Testing

@testable import Telemetry

@Suite struct TraceContextTests {
    private static let id = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    private func read(_ text: String) -> TraceContext? {
        Array(text.utf8).withUnsafeBufferPointer { TraceContext(traceparent: $0) }
    }

    @Test func itReadsATraceparent() throws {
        let trace = try #require(read("00-\(Self.id)-\(Self.span)-01"))
        #expect(trace.high == 0x0af7_6519_16cd_43dd)
        #expect(trace.low == 0x8448_eb21_1c80_319c)
        #expect(trace.parent == 0xb7ad_6b71_6920_3331)
        #expect(trace.isSampled)
        var out = ByteWriter()
        trace.write(traceID: &out)
        trace.write(flags: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == Self.id + "01")
    }

    @Test(arguments: [("00", UInt8(0)), ("01", 1), ("02", 2), ("03", 3), ("ff", 3), ("fc", 0)])
    func flagsThatAreNotKnownAreNotHandedOn(text: String, flags: UInt8) {
        #expect(read("00-\(Self.id)-\(Self.span)-\(text)")?.flags == flags)
    }

    @Test(arguments: ["01-\(id)-\(span)-01", "cc-\(id)-\(span)-01-more", "cc-\(id)-\(span)-01-"])
    func aHigherVersionIsReadAsFarAsItIsKnown(text: String) { #expect(read(text)?.isSampled == true) }

    @Test(arguments: [
        "", "00", "00-\(id)-\(span)-0", "00-\(id)-\(span)-01-", "00-\(id)-\(span)-01-more", "ff-\(id)-\(span)-01",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(id)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-\(span)-01", "0g-\(id)-\(span)-01", "00-\(id)-\(span)-0x",
        "00_\(id)_\(span)_01", " 00-\(id)-\(span)-01", "cc-\(id)-\(span)-01more", "00-\(id)-\(span)-01 ",
    ])
    func whatIsNotOneInEveryDetailIsNone(text: String) { #expect(read(text) == nil) }

    @Test(arguments: [
        ("", true), ("a=1", true), ("a=1,b=2", true), ("a=1 , b=2", true), ("a=1,,b=2", true),
        ("tenant@vendor=x", true), ("0a=1", true), ("a=1,a=2", false), ("A=1", false), ("a", false), ("a=", false),
        ("a=b=c", false), ("=1", false), ("a=\u{7F}", false), ("_a=1", false),
    ])
    func tracestateIsHandedOnIfItIsValid(text: String, isValid: Bool) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { TraceState.isValid($0) } == isValid)
    }

    @Test func tracestateHasAtMost32Members() {
        func list(_ count: Int) -> [UInt8] { Array((0..<count).map { "k\($0)=v" }.joined(separator: ",").utf8) }
        #expect(list(32).withUnsafeBufferPointer { TraceState.isValid($0) })
        #expect(!list(33).withUnsafeBufferPointer { TraceState.isValid($0) })
    }
}
