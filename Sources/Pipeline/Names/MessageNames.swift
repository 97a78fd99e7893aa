import CEL
import JSON
import Protobuf

extension Names {
    /// `request` on a method: the message that the client sent.
    static func request(of method: RPCMethod) -> Root {
        Root(
            "request", .dyn,
            whole: ValueReader { exchange in
                guard let bytes = exchange.pointee.message else { return nil }
                guard case .success(let message) = method.codec.decode(Array(bytes), as: method.input) else {
                    return nil
                }
                var out = ByteWriter(capacity: 256)
                guard case .success = MessageJSONWriter(method.codec).write(message, to: &out),
                    case .success(let json) = JSONReader.read(out.bytes)
                else { return nil }
                return Value(json)
            }, fields: .none, sentByClient: true, noun: "field")
    }
}
