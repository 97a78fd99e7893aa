import Compiler
import JSON
import Pipeline

// The body of a request that is asked about, and the message of a call in it.
extension Rehearsal {
    /// False if it is refused.
    func takeBody(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) -> Bool {
        let body = decision.request.body
        exchange.pointee.inputEnded = true
        var failure = exchange.pointee.refusalOfLength()
        exchange.pointee.received = body.count
        if failure == nil, body.count > exchange.pointee.bodyLimit { failure = exchange.pointee.bodyTooLarge }
        if let failure {
            exchange.pointee.fail(failure)
        } else if body.isEmpty || exchange.pointee.route.pointee.intake != .wholeBody {
            return true
        } else if exchange.pointee.prepareBody(), body.withUnsafeBufferPointer({ exchange.pointee.keep($0) }),
            exchange.pointee.endBody()
        {
            return true
        }
        let isTooLarge = exchange.pointee.failure?.status == 413
        decision.refusedBy = isTooLarge ? "body_limit" : "content-encoding"
        if isTooLarge, let place = decision.stages.firstIndex(where: { $0.summary.name == "body_limit" }) {
            decision.stages[place].act = .refuses
        }
        return false
    }

    /// The message of a call. That of gRPC may be given as JSON.
    func takeMessage(_ exchange: UnsafeMutablePointer<Exchange>, _ decision: inout RouteDecision) -> Bool {
        if exchange.pointee.face == .grpc, let method = decision.route?.method {
            let body = decision.request.body
            var message = ByteWriter(capacity: body.count)
            let read = body.withUnsafeBufferPointer { method.encode(requestInJSON: $0, to: &message) }
            if case .failure(let error) = body.isEmpty ? .success(()) : read {
                exchange.pointee.fail(Failure(.internal, "the body is no message as JSON: \(error.message)"))
                decision.refusedBy = "message"
                return false
            }
            exchange.pointee.body.clear()
            exchange.pointee.body.append(message.bytes)
            if !method.clientStreams { exchange.pointee.message = exchange.pointee.body.bytes }
            return true
        }
        if exchange.pointee.takeCarriedRequest() { return true }
        decision.refusedBy = "message"
        return false
    }
}
