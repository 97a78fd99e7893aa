import JSON
import Pipeline
import Protobuf

/// `grpc.reflection.v1.ServerReflection`, and `v1alpha`, which differs in its name alone: what is served, for clients that
/// have no `.proto` (gRPC server reflection protocol).
package final class ReflectionService: Sendable {
    package static let names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]
    static let files = ["grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"]

    private let services: [String]
    private let pools: [DescriptorPool]

    /// - Parameters:
    ///   - services: the full names of those that are served.
    ///   - pools: where they are described, each once.
    init(services: [String], pools: [DescriptorPool]) {
        self.services = services
        self.pools = pools
    }

    /// What answers a request.
    enum Answer {
        /// Encoded `FileDescriptorProto`s.
        case files([[UInt8]])
        case extensionNumbers(of: String, [Int32])
        case services([String])
        case unknown(String)
    }

    func file(named path: String) -> Answer {
        for pool in pools {
            if let file = pool.fileIndex(ProtoPath(path)) { return files(file, pool) }
        }
        return .unknown("unknown file \(path)")
    }

    func file(declaring symbol: String) -> Answer {
        for pool in pools {
            if let file = pool.file(declaring: symbol) { return files(file, pool) }
        }
        return .unknown("unknown symbol \(symbol)")
    }

    func file(extending type: String, number: Int32) -> Answer {
        for pool in pools {
            if let message = pool.messageIndex(named: type),
                let found = pool.extensionField(of: message, numbered: number)
            {
                return files(found.file, pool)
            }
        }
        return .unknown("unknown extension \(number) of \(type)")
    }

    func extensionNumbers(of type: String) -> Answer {
        var numbers: Set<Int32> = []
        var isKnown = false
        for pool in pools {
            guard let message = pool.messageIndex(named: type) else { continue }
            isKnown = true
            numbers.formUnion(pool.extensionNumbers(of: message))
        }
        return isKnown ? .extensionNumbers(of: type, numbers.sorted()) : .unknown("unknown type \(type)")
    }

    var list: Answer { .services(services) }

    /// A file, and behind it what it imports.
    private func files(_ file: Int, _ pool: DescriptorPool) -> Answer {
        var order = [file]
        var at = 0
        while at < order.count {
            for next in pool.files[order[at]].dependencies where !order.contains(next) { order.append(next) }
            at += 1
        }
        let writer = DescriptorWriter(pool)
        return .files(order.map { writer.file(pool.files[$0]) })
    }

    func responder() -> any Responder { Reflection(self) }
}

/// Answers request by request.
private final class Reflection: Responder {
    let intake = Intake.messages
    private let service: ReflectionService

    init(_ service: ReflectionService) { self.service = service }

    func start(_ exchange: inout Exchange) -> Step {
        exchange.response.isStreaming = true
        return .needInput
    }

    func input(_ exchange: inout Exchange) -> Step {
        guard let method = exchange.route.pointee.rpc, let bytes = exchange.message else {
            return exchange.inputEnded ? .done : .needInput
        }
        guard case .success(let request) = method.codec.decode(Array(bytes), as: method.input) else {
            exchange.fail(Failure(.internal, "the request is no message"))
            return .fail
        }
        exchange.answer(with: method.codec.encode(answer(request, method)))
        return .needInput
    }

    func resume(_ exchange: inout Exchange) -> Step { .needInput }

    private func answer(_ request: Message, _ method: RPCMethod) -> Message {
        var message = Message(type: method.output)
        message[1] = request[1]
        message[2] = .message(request)
        let (number, value) = value(of: found(request), method)
        message[number] = value
        return message
    }

    private func found(_ request: Message) -> ReflectionService.Answer {
        func text(_ number: Int32, of message: Message) -> String? {
            guard case .string(let bytes)? = message[number] else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        if let path = text(3, of: request) { return service.file(named: path) }
        if let symbol = text(4, of: request) { return service.file(declaring: symbol) }
        if case .message(let wanted)? = request[5] {
            guard case .int32(let number)? = wanted[2] else { return .unknown("no extension has the number 0") }
            return service.file(extending: text(1, of: wanted) ?? "", number: number)
        }
        if let type = text(6, of: request) { return service.extensionNumbers(of: type) }
        if text(7, of: request) != nil { return service.list }
        return .unknown("the request asks for nothing that is known here")
    }

    /// The field of the answer, and what it holds.
    private func value(of answer: ReflectionService.Answer, _ method: RPCMethod) -> (Int32, FieldValue) {
        func message(in number: Int32, _ fill: (inout Message) -> Void) -> (Int32, FieldValue) {
            let field = method.codec.pool.messages[method.output].field(numbered: number)
            guard case .message(let type)? = field?.reference else { return (number, .bytes([])) }
            var message = Message(type: type)
            fill(&message)
            return (number, .message(message))
        }
        switch answer {
        case .files(let files):
            return message(in: 4) { $0[1] = .list(files.map { .bytes($0) }) }
        case .extensionNumbers(let type, let numbers):
            return message(in: 5) {
                $0[1] = .string(Array(type.utf8))
                $0[2] = .list(numbers.map { .int32($0) })
            }
        case .services(let names):
            return message(in: 6) { list in
                let field = method.codec.pool.messages[list.type].field(numbered: 1)
                guard case .message(let type)? = field?.reference else { return }
                list[1] = .list(
                    names.map { name in
                        var service = Message(type: type)
                        service[1] = .string(Array(name.utf8))
                        return .message(service)
                    })
            }
        case .unknown(let text):
            return message(in: 7) {
                $0[1] = .int32(Int32(Code.notFound.rawValue))
                $0[2] = .string(Array(text.utf8))
            }
        }
    }
}
