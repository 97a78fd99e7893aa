import JSON
package import Pipeline
import Protobuf

/// `grpc.health.v1.Health` (gRPC health checking protocol, and A90 for `List`).
package enum HealthService {
    package static let name = "grpc.health.v1.Health"
    static let file = "grpc/health/v1/health.proto"

    static func responder(_ method: RPCMethod, _ state: HealthState) -> (any Responder)? {
        switch method.name {
        case "Check": HealthCheck(state)
        case "List": HealthList(state)
        case "Watch": HealthWatch(state)
        default: nil
        }
    }

    /// The name of the service that the request asks for.
    fileprivate static func asked(_ exchange: borrowing Exchange) -> String {
        guard let method = exchange.route.pointee.rpc, let bytes = exchange.message,
            case .success(let message) = method.codec.decode(Array(bytes), as: method.input),
            case .string(let name)? = message[1]
        else { return "" }
        return String(decoding: name, as: UTF8.self)
    }

    /// A `HealthCheckResponse`: field 1, a varint.
    fileprivate static func write(_ status: HealthState.Status, _ exchange: inout Exchange) {
        exchange.answer(with: [0x08, status.rawValue])
    }
}

/// Says of one service whether it takes calls.
private final class HealthCheck: Responder {
    let intake = Intake.wholeBody
    private let state: HealthState

    init(_ state: HealthState) { self.state = state }

    func start(_ exchange: inout Exchange) -> Step {
        let service = HealthService.asked(exchange)
        let status = state.status(of: service)
        if status == .serviceUnknown {
            exchange.fail(Failure(.notFound, "unknown service \(service)"))
            return .fail
        }
        HealthService.write(status, &exchange)
        return .done
    }
}

/// Says it of all services.
private final class HealthList: Responder {
    let intake = Intake.wholeBody
    private let state: HealthState

    init(_ state: HealthState) { self.state = state }

    func start(_ exchange: inout Exchange) -> Step {
        guard let method = exchange.route.pointee.rpc,
            let type = method.codec.pool.messageIndex(named: "grpc.health.v1.HealthCheckResponse")
        else {
            exchange.fail(Failure(.internal, "the descriptor of the health service is not there"))
            return .fail
        }
        var statuses: [MapKey: FieldValue] = [:]
        for service in state.services {
            var message = Message(type: type)
            message[1] = .enum(Int32(state.status(of: service).rawValue))
            statuses[.string(Array(service.utf8))] = .message(message)
        }
        var answer = Message(type: method.output)
        answer[1] = .map(statuses)
        exchange.answer(with: method.codec.encode(answer))
        return .done
    }
}

/// Says of one service whether it takes calls, and again whenever that changes.
private final class HealthWatch: Responder {
    let intake = Intake.wholeBody
    private let state: HealthState

    init(_ state: HealthState) { self.state = state }

    func start(_ exchange: inout Exchange) -> Step {
        // First, so that no change falls between the two.
        state.watch(Waiter(&exchange, turn: .max))
        exchange.response.isStreaming = true
        return resume(&exchange)
    }

    /// `phase` is the status that was told last.
    func resume(_ exchange: inout Exchange) -> Step {
        let status = state.status(of: HealthService.asked(exchange))
        if exchange.phase != Int(status.rawValue) {
            exchange.phase = Int(status.rawValue)
            HealthService.write(status, &exchange)
        }
        if state.isOver {
            exchange.fail(Failure(.unavailable, "the server goes down"))
            return .fail
        }
        exchange.wakeAt = .max
        return .wait
    }
}

/// Lets go of calls that watched.
package final class HealthWatchers: Middleware {
    package let moments: Moments = [.finish]
    private let state: HealthState

    package init(_ state: HealthState) { self.state = state }

    package func finish(_ exchange: inout Exchange, _ outcome: Outcome) { state.forget(exchange.ticket) }
}
