package import JSON
import Protobuf

extension HTTPBinding {
    /// What an answer's message gives.
    package enum Reply: Sendable, Equatable {
        /// JSON, which is written.
        case json
        /// What a `google.api.HttpBody` holds, by its places in the message; empty where it says nothing.
        case raw(contentType: Range<Int>, data: Range<Int>)
    }

    /// Writes the body of an answer, if it is JSON.
    ///
    /// - Parameter message: encoded.
    package func reply(
        _ message: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter
    ) -> Result<Reply, TranscodingError> {
        switch selection {
        case .raw: return .success(Self.raw(message, [0..<message.count]))
        case .rawField(let number): return .success(Self.raw(message, Self.places(of: number, in: message)))
        case .whole: if codec.write(plain: message, as: output, toJSON: &out) { return .success(.json) }
        case .field: break
        }
        guard case .success(let decoded) = codec.decode(Array(message), as: output) else {
            return .failure(TranscodingError("the answer is no `\(codec.pool.messages[output].fullName)`"))
        }
        let writer = MessageJSONWriter(codec)
        let written =
            if case .field(let number) = selection {
                writer.write(field: number, of: decoded, to: &out)
            } else {
                writer.write(decoded, to: &out)
            }
        switch written {
        case .success: return .success(.json)
        case .failure(let error): return .failure(TranscodingError("the answer has no form in JSON: \(error.message)"))
        }
    }

    /// A message that comes in pieces is merged: of each field the last holds.
    private static func raw(_ message: UnsafeBufferPointer<UInt8>, _ pieces: [Range<Int>]) -> Reply {
        var contentType = 0..<0
        var data = 0..<0
        for piece in pieces {
            var scanner = WireScanner(message, piece)
            while scanner.next() {
                guard scanner.wire == .lengthDelimited else { continue }
                if scanner.number == 1 { contentType = scanner.range }
                if scanner.number == 2 { data = scanner.range }
            }
        }
        return .raw(contentType: contentType, data: data)
    }

    private static func places(of number: Int32, in message: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var scanner = WireScanner(message)
        while scanner.next() {
            guard scanner.number == number, scanner.wire == .lengthDelimited || scanner.wire == .startGroup else {
                continue
            }
            places.append(scanner.range)
        }
        return places
    }
}
