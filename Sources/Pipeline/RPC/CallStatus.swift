package import JSON

/// What a call's trailers say of its failure (PROTOCOL-HTTP2.md, "Responses"), as values of their fields.
package enum CallStatus {
    /// Of `grpc-message`, as it is written. Clients drop what has more than 8 KiB of trailers, and the status with it.
    package static let messageLimit = 4 * 1024
    /// Of message and details together. grpc-core counts all fields of the head or the trailers, 32 bytes more for each, and
    /// above 8 KiB refuses one call or another by chance: the others need their share.
    package static let limit = 7 * 1024

    /// The text percent-encoded (PROTOCOL-HTTP2.md, "Percent-Encoded"), cut in front of the scalar that is too much.
    package static func write(_ message: String, into out: inout ByteWriter) {
        for byte in shown(message).utf8 {
            if isEscaped(byte) { out.append(percentEscape: byte) } else { out.append(byte) }
        }
    }

    /// The fields that say what became of a call, in their order.
    ///
    /// - Parameter scratch: for the values; each is valid until the next one.
    package static func forEachField(
        of failure: Failure, _ scratch: inout ByteWriter, _ body: (StaticString, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        scratch.clear()
        scratch.append(decimal: UInt(failure.code.rawValue))
        body("grpc-status", scratch.bytes)
        scratch.clear()
        if !failure.message.isEmpty {
            write(failure.message, into: &scratch)
            body("grpc-message", scratch.bytes)
        }
        guard hasDetails(failure) else { return }
        scratch.clear()
        if write(detailsOf: failure, into: &scratch) {
            body("grpc-status-details-bin", scratch.bytes)
        }
        guard let seconds = failure.retryAfter else { return }
        // gRFC A6: how long the client should let the server be.
        scratch.clear()
        scratch.append(decimal: seconds)
        scratch.append("000")
        body("grpc-retry-pushback-ms", scratch.bytes)
    }

    /// The same as lines of gRPC-Web's last frame.
    static func write(linesOf failure: Failure?, into out: inout ByteWriter) {
        guard let failure else { return out.append("grpc-status: 0\r\n") }
        var scratch = ByteWriter(capacity: 256)
        forEachField(of: failure, &scratch) { name, value in
            out.append(name)
            out.append(": ")
            out.append(value)
            out.append("\r\n")
        }
        if failure.acceptsEncodings { out.append("grpc-accept-encoding: identity,deflate,gzip\r\n") }
    }

    /// The message as every face tells it: cut where `grpc-message` ends, which escapes make longer.
    static func shown(_ message: String) -> String {
        guard message.utf8.count * 3 > messageLimit else { return message }
        var size = 0
        let end = message.unicodeScalars.indices.first { index in
            for byte in UTF8.encode(message.unicodeScalars[index]) ?? UTF8.encodedReplacementCharacter {
                size += isEscaped(byte) ? 3 : 1
            }
            return size > messageLimit
        }
        return end.map { String(message.unicodeScalars[..<$0]) } ?? message
    }

    private static func isEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "%") }

    /// Whether there is more to say than code and message.
    package static func hasDetails(_ failure: Failure) -> Bool {
        !failure.details.isEmpty || failure.retryAfter != nil || !failure.violated.isEmpty
    }

    /// The failure as google.rpc.Status in base64 without padding. Details that do not fit are left out; false if that
    /// is all of them, and nothing is written.
    package static func write(detailsOf failure: Failure, into out: inout ByteWriter) -> Bool {
        let details = details(failure)
        guard !details.isEmpty else { return false }
        var status = ByteWriter(capacity: 256)
        status.append(codeAndMessage(failure))
        for detail in details { status.append(field: 3, any(detail)) }
        Base64.encode(status.bytes, isPadded: false, into: &out)
        return true
    }

    /// google.rpc.Status without its details.
    private static func codeAndMessage(_ failure: Failure) -> [UInt8] {
        var status = ByteWriter(capacity: 256)
        status.append(0x08)
        status.append(failure.code.rawValue)
        status.append(field: 2, Array(shown(failure.message).utf8))
        return Array(status.bytes)
    }

    /// As google.protobuf.Any.
    private static func any(_ detail: ErrorDetail) -> [UInt8] {
        var any = ByteWriter(capacity: 256)
        any.append(field: 1, Array("type.googleapis.com/\(detail.type)".utf8))
        any.append(field: 2, detail.bytes)
        return Array(any.bytes)
    }

    /// Those details that fit behind `grpc-message` and the rest of the status, the same on every face; each that does not is left
    /// out.
    static func details(_ failure: Failure) -> [ErrorDetail] {
        guard hasDetails(failure) else { return [] }
        var message = ByteWriter(capacity: 256)
        write(failure.message, into: &message)
        var size = codeAndMessage(failure).count
        return all(failure).filter { detail in
            var field = ByteWriter(capacity: 256)
            field.append(field: 3, any(detail))
            guard message.count &+ ((size &+ field.count) &* 4 &+ 2) / 3 <= limit else { return false }
            size &+= field.count
            return true
        }
    }

    /// The failure's own details, and those that its other words stand for.
    private static func all(_ failure: Failure) -> [ErrorDetail] {
        var all = failure.details
        if let seconds = failure.retryAfter, !all.contains(where: { $0.type == "google.rpc.RetryInfo" }) {
            var delay = ByteWriter(capacity: 16)
            if seconds != 0 {
                delay.append(0x08)
                delay.append(varint: UInt64(bitPattern: Int64(seconds)))
            }
            var info = ByteWriter(capacity: 16)
            info.append(field: 1, Array(delay.bytes))
            all.append(ErrorDetail(type: "google.rpc.RetryInfo", bytes: Array(info.bytes)))
        }
        if !failure.violated.isEmpty, !all.contains(where: { $0.type == "google.rpc.QuotaFailure" }) {
            var quota = ByteWriter(capacity: 64)
            for name in failure.violated {
                var violation = ByteWriter(capacity: 64)
                violation.append(field: 1, name)
                quota.append(field: 1, Array(violation.bytes))
            }
            all.append(ErrorDetail(type: "google.rpc.QuotaFailure", bytes: Array(quota.bytes)))
        }
        return all
    }
}

extension ByteWriter {
    /// A field of protobuf that has a length.
    fileprivate mutating func append(field number: UInt8, _ bytes: [UInt8]) {
        append(number << 3 | 2)
        append(varint: UInt64(bytes.count))
        append(bytes)
    }
}
