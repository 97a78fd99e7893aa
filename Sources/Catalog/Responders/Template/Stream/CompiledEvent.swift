import CEL
import Diagnostics
import JSON
import Manifests

/// A server-sent event, ready to be written.
struct CompiledEvent: Sendable {
    private var event: TemplateProgram?
    private var id: TemplateProgram?
    private var retry: EventRetry.Time?
    private var data: StreamText?

    init(data: StreamText) { self.data = data }

    init(_ section: Event, _ scope: CompileScope, _ findings: inout Findings) {
        event = Self.line("event", section.event, scope, &findings)
        id = Self.line("id", section.id, scope, &findings)
        retry = section.retry.flatMap { $0.compiled(scope, &findings) }
        data = section.data.flatMap { StreamText(data: $0, scope, &findings) }
    }

    /// Checks a field that must stay on its line, and says which one does not.
    private static func line(
        _ name: String, _ template: Template?, _ scope: CompileScope, _ findings: inout Findings
    ) -> TemplateProgram? {
        guard let template else { return nil }
        var found = Findings()
        let program = scope.check(template, .eventField, &found)
        for finding in found.ordered() {
            guard finding.rule.id == ExpressionRules.eventField.id else {
                findings.report(finding)
                continue
            }
            findings.report(
                finding.rule, "the `\(name)` of an event cannot hold a line break or NUL", at: finding.range,
                label: finding.label, help: finding.help, suggestion: finding.suggestion, related: finding.related)
        }
        return program
    }

    /// Appends the fields that are there and the empty line behind them; nothing if none is.
    func write(_ context: Context, _ scratch: inout ByteWriter, _ out: inout ByteWriter) -> StreamFault? {
        let start = out.count
        if let fault = writeFields(context, &scratch, &out) {
            out.truncate(to: start)
            return fault
        }
        if out.count > start { out.append("\n") }
        return nil
    }

    private func writeFields(
        _ context: Context, _ scratch: inout ByteWriter, _ out: inout ByteWriter
    ) -> StreamFault? {
        if let event, let fault = Self.write("event: ", event, context, &out) { return fault }
        if let id, let fault = Self.write("id: ", id, context, &out) { return fault }
        switch retry {
        case nil: break
        case .milliseconds(let time): out.append(retry: time)
        case .program(let program):
            if let error = program.evaluate(context).writeRetry(&out) {
                return StreamFault(error, readsClient: program.readsClient)
            }
        }
        guard let data else { return nil }
        scratch.clear()
        switch data.write(context, &scratch) {
        case .written: out.append(data: scratch.bytes)
        case .absent: break
        case .failed(let fault): return fault
        }
        return nil
    }

    /// One field on its line; none if its value is one hole that gives nothing.
    private static func write(
        _ name: StaticString, _ program: TemplateProgram, _ context: Context, _ out: inout ByteWriter
    ) -> StreamFault? {
        let start = out.count
        out.append(name)
        switch program.writeText(context, &out) {
        case .written: out.append("\n")
        case .absent: out.truncate(to: start)
        case .failed(let error): return StreamFault(error, readsClient: program.readsClient)
        }
        return nil
    }
}

// An event that an expression gives: a map of just these keys, or else the data itself.
extension Value {
    /// Appends it as an event. What was written before a failure is for the caller to take back.
    func writeEvent(_ scratch: inout ByteWriter, _ out: inout ByteWriter) -> EvaluationError? {
        let start = out.count
        if case .optional(let wrapped) = self { return wrapped?.writeEvent(&scratch, &out) }
        if case .map(let map) = self, map.hasOnlyFieldsOfAnEvent {
            if let error = map.value(for: "event")?.writeLine("event: ", &out) { return error }
            if let error = map.value(for: "id")?.writeLine("id: ", &out) { return error }
            if let error = map.value(for: "retry")?.writeRetry(&out) { return error }
            if let error = map.value(for: "data")?.writeDataLines(&scratch, &out) { return error }
        } else if let error = writeDataLines(&scratch, &out) {
            return error
        }
        if out.count > start { out.append("\n") }
        return nil
    }

    private func writeDataLines(_ scratch: inout ByteWriter, _ out: inout ByteWriter) -> EvaluationError? {
        scratch.clear()
        switch writeData(&scratch) {
        case .written: out.append(data: scratch.bytes)
        case .absent: break
        case .failed(let error): return error
        }
        return nil
    }

    private func writeLine(_ name: StaticString, _ out: inout ByteWriter) -> EvaluationError? {
        switch self {
        case .null, .optional(nil): return nil
        default:
            out.append(name)
            if let error = write(&out, .eventField) { return error }
            out.append("\n")
            return nil
        }
    }

    /// `retry` as milliseconds; nothing where the value is none.
    func writeRetry(_ out: inout ByteWriter) -> EvaluationError? {
        switch self {
        case .null, .optional(nil): return nil
        case .optional(let wrapped?): return wrapped.writeRetry(&out)
        case .int(let count) where count >= 0: out.append(retry: count)
        case .duration(let span) where span.nanoseconds >= 0:
            out.append(retry: EventRetry.milliseconds(span.nanoseconds))
        case .error(let error): return error
        default: return EventRetry.wrong
        }
        return nil
    }
}

extension MapValue {
    fileprivate var hasOnlyFieldsOfAnEvent: Bool {
        guard !isEmpty else { return false }
        return keys.allSatisfy { key in
            guard case .string(let name) = key else { return false }
            return Event.fields.contains { name.utf8.elementsEqual($0.name.utf8) }
        }
    }
}

extension ByteWriter {
    fileprivate mutating func append(retry milliseconds: Int64) {
        append("retry: ")
        append(decimal: Int(milliseconds))
        append("\n")
    }
}
