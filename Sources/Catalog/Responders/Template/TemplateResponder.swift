import CEL
import JSON
import Pipeline

/// Status and fields of a written answer.
struct TemplateHead: ~Copyable, Sendable {
    enum Status: Sendable {
        /// The one that is set already.
        case kept
        case fixed(Int)
        case program(Program)
    }

    let status: Status
    /// Fields that are the same for each call.
    private let block: FieldBlock
    private let changing: [CompiledHeaderField]

    init(status: Status, fields: [CompiledHeaderField]) {
        self.status = status
        // In the order of the manifest: what follows a field that changes is written behind it.
        let fixed = fields.prefix { $0.program.constant != nil }
        block = FieldBlock(fixed.map { ($0.name, $0.program.constant ?? []) })
        changing = Array(fields[fixed.count...])
    }

    /// Sets the response's head; on failure the step to return.
    @inline(__always) func apply(_ exchange: inout Exchange) -> Step? {
        switch status {
        case .kept: break
        case .fixed(let status): exchange.response.status = status
        case .program(let program):
            if let step = Self.apply(program, &exchange) { return step }
        }
        exchange.response.add(block)
        if !changing.isEmpty { return applyChanging(&exchange) }
        return nil
    }

    private static func apply(_ program: Program, _ exchange: inout Exchange) -> Step? {
        switch program.evaluate(exchange.context) {
        case .int(let status) where (200...599).contains(status):
            exchange.response.status = Int(status)
            return nil
        case .error(let error): return exchange.failEvaluation(error, readsClient: program.readsClient)
        default:
            return exchange.failEvaluation(
                EvaluationError("the status must be a number from 200 to 599"), readsClient: program.readsClient)
        }
    }

    private func applyChanging(_ exchange: inout Exchange) -> Step? {
        let state = exchange.loop.state
        for field in changing {
            state.pointee.scratch.clear()
            if let error = field.program.write(exchange.context, &state.pointee.scratch) {
                return exchange.failEvaluation(error, readsClient: field.program.readsClient)
            }
            let value = state.pointee.scratch.bytes
            field.name.withUnsafeBufferPointer { name in
                exchange.response.add(name) { $0.append(value) }
            }
        }
        return nil
    }
}

/// The body of a written answer.
enum TemplateBody: Sendable {
    case none
    case bytes([UInt8])
    case text(TemplateProgram)
    case json(JSONTree)
}

/// Fills the holes and copies the rest.
final class TemplateResponder: Responder {
    let intake = Intake.nothing
    let answersAlone = true
    private let head: TemplateHead
    private let body: TemplateBody

    init(head: consuming TemplateHead, body: TemplateBody) {
        self.head = head
        self.body = body
    }

    func start(_ exchange: inout Exchange) -> Step {
        if let step = head.apply(&exchange) { return step }
        let state = exchange.loop.state
        switch body {
        case .none: return .done
        case .bytes(let bytes):
            state.pointee.body.append(bytes)
            return .done
        case .text(let program):
            if let error = program.write(exchange.context, &state.pointee.body) {
                return exchange.failEvaluation(error, readsClient: program.readsClient)
            }
            return .done
        case .json(let tree):
            if let (error, readsClient) = tree.write(exchange.context, &state.pointee.body) {
                return exchange.failEvaluation(error, readsClient: readsClient)
            }
            state.pointee.body.append(UInt8(ascii: "\n"))
            return .done
        }
    }
}
