package import JSON
import Protobuf

/// Why a request is no message of its method, or an answer's message is not sent.
package struct TranscodingError: Error, Equatable, Sendable {
    /// The parameter, the variable or the place in the body that is wrong, where it is one.
    package let field: String?
    /// Names it too: lower case, no full stop.
    package let message: String

    init(_ message: String, field: String? = nil) {
        self.field = field
        self.message = message
    }
}

extension HTTPBinding {
    /// The encoded message of a request. What the path says comes last: it holds whatever the body has.
    ///
    /// - Parameters:
    ///   - captured: the bytes that a wildcard of the pattern took, with their escapes; none past the last.
    ///   - query: without the `?`.
    ///   - contentType: the field's value; only `google.api.HttpBody` has a place for it.
    ///   - out: where the message is appended, if it is one.
    package func message(
        captured: (Int) -> UnsafeBufferPointer<UInt8>, query: UnsafeBufferPointer<UInt8>,
        body: UnsafeBufferPointer<UInt8>, contentType: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter
    ) -> Result<Void, TranscodingError> {
        let start = out.count
        do throws(TranscodingError) {
            try read(body, contentType, &out)
            if !query.isEmpty { out.append(try read(query: query, hasBody: !body.isEmpty)) }
            for variable in variables { out.append(try variable.encoded(captured)) }
            return .success(())
        } catch {
            out.truncate(to: start)
            return .failure(error)
        }
    }

    // MARK: The body

    private func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ contentType: UnsafeBufferPointer<UInt8>, _ out: inout ByteWriter
    ) throws(TranscodingError) {
        switch body {
        case .none:
            // Clients send an empty object where they have nothing to say.
            guard bytes.isEmpty || bytes.elementsEqual("{}".utf8) else {
                throw TranscodingError("the request has a body, and this method takes none over HTTP")
            }
        case .raw: append(bytes, contentType, &out)
        case .rawField(let field):
            if bytes.isEmpty, contentType.isEmpty { return }
            var inner = ByteWriter(capacity: bytes.count + contentType.count + 24)
            append(bytes, contentType, &inner)
            Self.append(field, inner.bytes, &out)
        case .whole:
            if bytes.isEmpty || codec.encode(plainJSON: bytes, as: input, into: &out) { return }
            out.append(codec.encode(try reading(MessageJSONReader(codec).read(try json(bytes), as: input))))
        case .field(let field):
            if bytes.isEmpty { return }
            if !field.isRepeated, case .message(let type) = field.reference {
                var inner = ByteWriter(capacity: bytes.count)
                if codec.encode(plainJSON: bytes, as: type, into: &inner) {
                    return Self.append(field, inner.bytes, &out)
                }
            }
            out.append(
                codec.encode(
                    try reading(MessageJSONReader(codec).read(try json(bytes), field: field.number, of: input))))
        }
    }

    private func json(_ bytes: UnsafeBufferPointer<UInt8>) throws(TranscodingError) -> JSONValue {
        switch JSONReader.read(bytes) {
        case .success(let value): return value
        case .failure(let error):
            throw TranscodingError("the body is no JSON: \(error.message) at byte \(error.offset)")
        }
    }

    private func reading(_ read: Result<Message, MessageJSONReader.Unreadable>) throws(TranscodingError) -> Message {
        switch read {
        case .success(let message): return message
        case .failure(let error):
            guard !error.path.isEmpty else { throw TranscodingError("body: \(error.message)") }
            let path = Self.short(error.path)
            throw TranscodingError("body, `\(path)`: \(error.message)", field: path)
        }
    }

    /// A `google.api.HttpBody`: `content_type` and `data`.
    private func append(
        _ data: UnsafeBufferPointer<UInt8>, _ contentType: UnsafeBufferPointer<UInt8>, _ out: inout ByteWriter
    ) {
        for (number, value) in [(1, contentType), (2, data)] as [(UInt64, UnsafeBufferPointer<UInt8>)]
        where !value.isEmpty {
            out.append(varint: number << 3 | UInt64(WireType.lengthDelimited.rawValue))
            out.append(varint: UInt64(value.count))
            out.append(value)
        }
    }

    private static func append(
        _ field: FieldDescriptor, _ message: UnsafeBufferPointer<UInt8>, _ out: inout ByteWriter
    ) {
        let number = UInt64(UInt32(bitPattern: field.number)) << 3
        if field.isDelimited {
            out.append(varint: number | UInt64(WireType.startGroup.rawValue))
            out.append(message)
            out.append(varint: number | UInt64(WireType.endGroup.rawValue))
        } else {
            out.append(varint: number | UInt64(WireType.lengthDelimited.rawValue))
            out.append(varint: UInt64(message.count))
            out.append(message)
        }
    }

    /// What a client has sent, short enough for a message.
    static func short(_ text: String) -> String {
        text.utf8.count <= 100 ? text : String(text.unicodeScalars.prefix(60)) + "…"
    }
}

// MARK: The path

extension HTTPBinding.Variable {
    func encoded(_ captured: (Int) -> UnsafeBufferPointer<UInt8>) throws(TranscodingError) -> [UInt8] {
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let bytes): text += bytes
            case .capture(let number): append(captured(number), to: &text)
            case .rest(let number):
                let taken = captured(number)
                if taken.isEmpty { continue }
                text.append(UInt8(ascii: "/"))
                append(taken, to: &text)
            }
        }
        do throws(MessageJSONReader.Unreadable) {
            return try field.encoded(text)
        } catch {
            throw TranscodingError("path variable `\(name)`: \(error.message)", field: name)
        }
    }

    /// Decodes escapes, but where slashes separate segments not those of slashes (http.proto, "Path template syntax").
    private func append(_ bytes: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]) {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "%"), bytes.count - at > 1, let high = PathEscapes.value(bytes[at]),
                let low = PathEscapes.value(bytes[at + 1])
            else {
                text.append(byte)
                continue
            }
            let decoded = high << 4 | low
            if decoded == UInt8(ascii: "/"), keepsSlashes {
                text += [byte, bytes[at], bytes[at + 1]]
            } else {
                text.append(decoded)
            }
            at += 2
        }
    }
}
