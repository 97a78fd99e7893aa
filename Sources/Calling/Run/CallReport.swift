import Diagnostics
import JSON
import Pipeline
import Protobuf

/// Where a call writes to, and how.
package struct CallOutput {
    package enum Format: String, CaseIterable, Sendable {
        case pretty
        case json
    }

    /// Answers; false if nobody reads them any more.
    package var answer: (String) -> Bool
    /// All else.
    package var note: (String) -> Void
    package var format = Format.pretty
    package var isVerbose = false
    package var writesDefaults = false
    /// Of notes.
    package var inColour = false

    package init(answer: @escaping (String) -> Bool, note: @escaping (String) -> Void) {
        self.answer = answer
        self.note = note
    }
}

/// Tells what becomes of one call.
struct CallReport {
    let output: CallOutput
    let method: CalledMethod
    private var requestID: String?

    init(_ output: CallOutput, _ method: CalledMethod) {
        self.output = output
        self.method = method
    }

    // MARK: What is sent

    func sent(_ request: WireRequest) {
        guard output.isVerbose else { return }
        note("> ", "\(request.method) \(request.path)")
        for field in request.fields { note("> ", "\(field.name): \(field.value)") }
    }

    func sent(_ message: Message) {
        guard output.isVerbose else { return }
        note("> ", text(.binary(method.codec.encode(message)), as: method.input, format: .json))
    }

    // MARK: What comes

    /// False if nobody reads it any more.
    mutating func tell(_ reply: CallReply) -> Bool {
        switch reply {
        case .metadata(let status, let fields):
            note(fields, "HTTP \(status)")
        case .message(let message):
            return output.answer(text(message, as: method.output, format: output.format) + "\n")
        case .trailers(let fields): note(fields, "trailers")
        case .end(let end): if end.code != .ok { tell(end) }
        }
        return true
    }

    private mutating func note(_ fields: CallFields, _ title: String) {
        requestID = fields.first { $0.name == "x-request-id" }?.value ?? requestID
        guard output.isVerbose else { return }
        note("< ", title)
        for field in fields { note("< ", "\(field.name): \(field.value)") }
    }

    private func note(_ mark: String, _ text: String) {
        output.note(painted(mark + HumanRenderer.safe(text), "2") + "\n")
    }

    // MARK: Failures

    private func tell(_ end: CallEnd) {
        if output.format == .json { return tellJSON(end) }
        var text = painted("\(end.code.name)", "1;31")
        if !end.message.isEmpty { text += ": " + HumanRenderer.safe(end.message) }
        text += "\n"
        for detail in end.details {
            text += painted(HumanRenderer.safe(detail.type), "1") + " "
            text += self.text(detail, format: .pretty) + "\n"
        }
        if let requestID { text += painted("request id: \(HumanRenderer.safe(requestID))", "2") + "\n" }
        output.note(text)
    }

    private func tellJSON(_ end: CallEnd) {
        var members: [(key: String, value: JSONValue)] = [
            ("code", .string("\(end.code.name)")), ("message", .string(end.message)),
        ]
        if !end.details.isEmpty {
            members.append(
                (
                    "details",
                    .array(
                        end.details.map { detail in
                            let json = try? JSONReader.read(Array(text(detail, format: .json).utf8)).get()
                            return .object([("type", .string(detail.type)), ("value", json ?? .null)])
                        })
                ))
        }
        if let requestID { members.append(("requestId", .string(requestID))) }
        var out = ByteWriter(capacity: 256)
        JSONValue.object(members).write(to: &out)
        output.note(String(decoding: out.bytes, as: UTF8.self) + "\n")
    }

    private func text(_ detail: CallEnd.Detail, format: CallOutput.Format) -> String {
        guard case .binary(let bytes) = detail.content else {
            return Self.text(json: detail.content, format)
        }
        for codec in [StatusDetails.codec, method.codec] {
            if let type = codec.pool.messageIndex(named: detail.type),
                let text = Self.text(bytes, as: type, codec, writesDefaults: false, format)
            {
                return text
            }
        }
        var out = ByteWriter(capacity: 256)
        bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
        return "\"" + String(decoding: out.bytes, as: UTF8.self) + "\""
    }

    // MARK: Messages

    private func text(_ message: CallMessage, as type: Int, format: CallOutput.Format) -> String {
        switch message {
        case .binary(let bytes):
            if let text = Self.text(bytes, as: type, method.codec, writesDefaults: output.writesDefaults, format) {
                return text
            }
            output.note("radicled: a message is no \(method.codec.pool.messages[type].fullName)\n")
            return "null"
        case .json(let bytes):
            if output.writesDefaults, let json = try? JSONReader.read(bytes).get(),
                case .success(let read) = MessageJSONReader(method.codec, ignoresUnknown: true).read(json, as: type),
                let text = Self.text(method.codec.encode(read), as: type, method.codec, writesDefaults: true, format)
            {
                return text
            }
            return Self.text(json: message, format)
        }
    }

    private static func text(
        _ bytes: [UInt8], as type: Int, _ codec: MessageCodec, writesDefaults: Bool, _ format: CallOutput.Format
    ) -> String? {
        guard case .success(let message) = codec.decode(bytes, as: type) else { return nil }
        var out = ByteWriter(capacity: 1024)
        let writer = MessageJSONWriter(codec, writesDefaults: writesDefaults, writesUnknownTypes: true)
        guard case .success = writer.write(message, to: &out) else { return nil }
        return text(json: .json(Array(out.bytes)), format)
    }

    private static func text(json message: CallMessage, _ format: CallOutput.Format) -> String {
        guard case .json(let bytes) = message else { return "" }
        guard let json = try? JSONReader.read(bytes, limits: JSONLimits(depth: 1000, allowsRepeatedKeys: true)).get()
        else { return HumanRenderer.safe(String(decoding: bytes, as: UTF8.self)) }
        var out = ByteWriter(capacity: bytes.count * 2)
        if format == .pretty { json.write(indentedTo: &out) } else { json.write(to: &out) }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private func painted(_ text: String, _ style: String) -> String {
        output.inColour ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
    }
}
