import JSON
import Pipeline

/// Apache's and nginx's combined format:
/// `127.0.0.1 - - [25/Nov/2026:09:22:37 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8.5.0"`.
struct CombinedLine: AccessLine {
    private let redaction: LogRedaction

    init(_ redaction: LogRedaction) { self.redaction = redaction }

    func write(_ exchange: inout Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        redaction.write(client: exchange, into: &out)
        out.append(" - - [")
        writeTime(exchange, outcome, into: &out)
        out.append("] \"")
        if !exchange.head.methodName.isEmpty {
            Self.append(escaped: exchange.head.slice(exchange.head.methodName), to: &out)
            out.append(" ")
            redaction.write(target: exchange.head, into: &out) { Self.append(escaped: $1, to: &$0) }
            out.append(Self.protocol(exchange.head.version))
        }
        out.append("\" ")
        out.append(decimal: outcome.status, width: 3)
        out.append(" ")
        out.append(decimal: UInt(bitPattern: outcome.bodyBytes))
        out.append(" \"")
        writeField(exchange, exchange.head.value(of: .referer), into: &out)
        out.append("\" \"")
        if redaction.hides(.userAgent) {
            out.append(LogRedaction.mark)
        } else {
            writeField(exchange, exchange.head.value(of: .userAgent), into: &out)
        }
        out.append("\"\n")
    }

    /// As nginx writes it, so that what reads its logs reads ours.
    private static func `protocol`(_ version: Version) -> StaticString {
        switch version {
        case .http11: " HTTP/1.1"
        case .http10: " HTTP/1.0"
        case .http2: " HTTP/2.0"
        }
    }

    private func writeField(_ exchange: borrowing Exchange, _ value: ByteRange?, into out: inout ByteWriter) {
        guard let value, !value.isEmpty else { return out.append("-") }
        Self.append(escaped: exchange.head.slice(value), to: &out)
    }

    /// `25/Nov/2026:09:22:37 +0000`, from `Wed, 25 Nov 2026 09:22:37 GMT`.
    private func writeTime(_ exchange: borrowing Exchange, _ outcome: Outcome, into out: inout ByteWriter) {
        _ = exchange.loop.state.pointee.clock.wall(outcome.ended)
        let date = exchange.loop.state.pointee.clock.date.bytes
        for index in 5..<25 {
            switch index {
            case 7, 11: out.append(UInt8(ascii: "/"))
            case 16: out.append(UInt8(ascii: ":"))
            default: out.append(date[index])
            }
        }
        out.append(" +0000")
    }

    /// Quotes, backslashes and what is not printable as `\xHH`, as nginx does it: a line stays a line.
    private static func append(escaped bytes: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter) {
        let digits: StaticString = "0123456789ABCDEF"
        for byte in bytes {
            if byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                out.append(byte)
            } else {
                out.append("\\x")
                out.append(digits.utf8Start[Int(byte >> 4)])
                out.append(digits.utf8Start[Int(byte & 15)])
            }
        }
    }
}
