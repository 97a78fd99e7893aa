import CEL
import Protobuf

extension Names {
    /// `request` on a method: the message that is answered, typed by its descriptor and read where it lies.
    static func request(of method: RPCMethod) -> Root {
        method.types.root("request", of: method.input, sentByClient: true) { $0.exchange.pointee.message }
    }

    /// `requests`: the messages that the client has sent so far.
    static func requests(of method: RPCMethod) -> Root {
        let (types, type) = (method.types, method.input)
        return Root(
            "requests", .list(.message(method.codec.pool.messages[type].fullName)),
            whole: ValueReader { exchange in
                .list(
                    exchange.pointee.memo.pointee.requests.map { bytes in
                        bytes.withUnsafeBufferPointer { types.value($0, as: type) }
                    })
            }, fields: .none, sentByClient: true, noun: "field")
    }
}
