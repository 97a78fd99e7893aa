package import JSON
import Protobuf

// Messages of a method as ProtoJSON.
extension RPCMethod {
    /// Why a text is no message, or a message has no text.
    package struct JSONMistake: Error, Equatable, Sendable {
        package let message: String
    }

    /// Appends the request's message, encoded. Members that no field has are passed over, as Connect's own servers do: a client
    /// with a newer `.proto` may send them, as it may in protobuf.
    package func encode(
        requestInJSON text: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter
    ) -> Result<Void, JSONMistake> {
        codec.encode(json: text, as: input, ignoresUnknown: true, into: &out).mapError { error in
            JSONMistake(message: error.path.isEmpty ? error.message : "\(error.path): \(error.message)")
        }
    }

    /// Appends a message of the answer.
    package func writeJSON(
        ofAnswer message: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter
    ) -> Result<Void, JSONMistake> {
        if codec.write(plain: message, as: output, toJSON: &out) { return .success(()) }
        return switch codec.decode(Array(message), as: output) {
        case .failure(let error): .failure(JSONMistake(message: error.message))
        case .success(let message):
            MessageJSONWriter(codec).write(message, to: &out).mapError { JSONMistake(message: $0.message) }
        }
    }
}
