import Calling
import Codings
import JSON
import Transport

// Compressed messages, which clients of the four protocols ask for and send in different ways.
extension Desk {
    /// Whether a long answer to who takes gzip comes in it, and is the shorter for that. gRPC answers in it who asks in it.
    func isAnswerCompressed() throws -> Bool {
        let call = try dialled()
        let plain = try send(call)
        let takes = hasEnvelopes ? "grpc-accept-encoding" : "accept-encoding"
        let answer = try sendCompressed(call, fields: [(takes, "gzip")])
        let coding = answer.field("grpc-encoding") ?? answer.field("content-encoding")
        return coding == "gzip" && answer.body.count < plain.body.count / 2
    }

    /// Whether a message in gzip is read.
    func takesCompressedRequest() throws -> Bool {
        try sendCompressed(try dialled(), fields: []).names == ["Hello Ann"]
    }

    private var hasEnvelopes: Bool { speech == .grpc || speech == .grpcWeb }

    private func sendCompressed(_ call: MemoryCall, fields: [(name: String, value: String)]) throws -> Answer {
        guard hasEnvelopes else {
            return try send(call, fields: fields + [("content-encoding", "gzip")], body: Self.gzip(call.body))
        }
        let message = Self.gzip(Array(call.body.dropFirst(5)))
        var body: [UInt8] = [1]
        for shift in [24, 16, 8, 0] { body.append(UInt8(truncatingIfNeeded: message.count >> shift)) }
        return try send(call, fields: fields + [("grpc-encoding", "gzip")], body: body + message)
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var out = ByteWriter(capacity: 256)
        bytes.withUnsafeBufferPointer { Deflater(.gzip, level: 6)?.compress($0, isLast: true, into: &out) }
        return Array(out.bytes)
    }
}
