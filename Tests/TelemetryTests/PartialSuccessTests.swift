import Testing

@testable import Telemetry

@Suite struct PartialSuccessTests {
    @Test(arguments: [
        ("{}", 0), ("", 0), ("nonsense", 0), (#"{"partialSuccess":{}}"#, 0),
        (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}}"#, 3),
        (#"{"partialSuccess":{"rejectedSpans":4}}"#, 4), (#"{"partialSuccess":{"rejectedSpans":"x"}}"#, 0),
        (#"{"partialSuccess":7}"#, 0),
    ])
    func inJSON(body: String, rejected: Int) { #expect(PartialSuccess.rejected(Array(body.utf8), .json) == rejected) }

    @Test(
        arguments: [
            ([], 0), ([0x0A, 0x02, 0x08, 0x05], 5), ([0x0A, 0x00], 0), ([0x0A, 0x05, 0x08], 0), ([0xFF], 0),
            ([0x0A, 0x05, 0x12, 0x01, 0x78, 0x08, 0x02], 2), ([0x08, 0x01], 0),
            ([0x0A, 0x0B, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], Int.max),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00], 0),
        ] as [([UInt8], Int)])
    func inProtobuf(body: [UInt8], rejected: Int) { #expect(PartialSuccess.rejected(body, .protobuf) == rejected) }
}
