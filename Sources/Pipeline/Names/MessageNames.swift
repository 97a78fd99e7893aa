import CEL
import JSON
import Protobuf

extension Names {
    /// `request` on a method: the message that the client sent.
    static func request(of method: RPCMethod) -> Root {
        Root(
            "request", .dyn,
            whole: ValueReader { exchange in exchange.pointee.message.flatMap { value(of: Array($0), method) } },
            fields: .none, sentByClient: true, noun: "field")
    }

    /// A message of the client's as a value.
    static func value(of bytes: [UInt8], _ method: RPCMethod) -> Value? {
        guard case .success(let message) = method.codec.decode(bytes, as: method.input) else { return nil }
        var out = ByteWriter(capacity: 256)
        guard case .success = MessageJSONWriter(method.codec).write(message, to: &out),
            case .success(let json) = JSONReader.read(out.bytes)
        else { return nil }
        return Value(json)
    }
}
