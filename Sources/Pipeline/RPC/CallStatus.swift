package import JSON

/// What a call's trailers say of its failure (PROTOCOL-HTTP2.md, "Responses"), as values of their fields.
package enum CallStatus {
    /// Of `grpc-message`, as it is written. Clients drop what has more than 8 KiB of trailers, and the status with it.
    package static let messageLimit = 4 * 1024
    /// Of message and details together.
    package static let limit = 8 * 1024

    /// The text percent-encoded (PROTOCOL-HTTP2.md, "Percent-Encoded"), cut in front of the scalar that is too much.
    package static func write(_ message: String, into out: inout ByteWriter) {
        let start = out.count
        for scalar in message.unicodeScalars {
            let mark = out.count
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                    out.append(byte)
                } else {
                    out.append(percentEscape: byte)
                }
            }
            if out.count &- start > messageLimit { return out.truncate(to: mark) }
        }
    }

    /// Whether there is more to say than code and message.
    package static func hasDetails(_ failure: Failure) -> Bool {
        !failure.details.isEmpty || failure.retryAfter != nil || !failure.violated.isEmpty
    }

    /// The failure as google.rpc.Status in base64 without padding. Details that do not fit are left out; false if that
    /// is all of them, and nothing is written.
    ///
    /// - Parameter messageSize: what `grpc-message` takes of the limit.
    package static func write(detailsOf failure: Failure, messageSize: Int, into out: inout ByteWriter) -> Bool {
        var status = ByteWriter(capacity: 256)
        status.append(0x08)
        status.append(failure.code.rawValue)
        status.append(field: 2, Array(failure.message.utf8))
        var hasOne = false
        for detail in all(failure) {
            let mark = status.count
            var any = ByteWriter(capacity: 256)
            any.append(field: 1, Array("type.googleapis.com/\(detail.type)".utf8))
            any.append(field: 2, detail.bytes)
            status.append(field: 3, Array(any.bytes))
            if messageSize &+ (status.count &* 4 &+ 2) / 3 <= limit {
                hasOne = true
            } else {
                status.truncate(to: mark)
            }
        }
        guard hasOne else { return false }
        Base64.encode(status.bytes, isPadded: false, into: &out)
        return true
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
