import JSON
package import Pipeline

/// A gRPC call as a client's bytes over HTTP/2, and its answer read back, for who drives a connection without a socket.
package enum InMemoryCall {
    /// Fields in the order in which they came, names in lower case.
    package typealias Fields = [(name: String, value: [UInt8])]

    package struct Reply: Sendable {
        package fileprivate(set) var fields: Fields = []
        /// Encoded, and not compressed: the call asks for nothing else.
        package fileprivate(set) var messages: [[UInt8]] = []
        /// All of it, as it came.
        package fileprivate(set) var body: [UInt8] = []
        package fileprivate(set) var trailers: Fields = []
        /// The stream came to its end, and was not reset.
        package fileprivate(set) var isWhole = false

        /// What ends a call: behind the messages, or in the head where there are none (Trailers-Only).
        package func ending(_ name: String) -> [UInt8]? {
            (trailers + fields).first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        }
    }

    private static let stream: UInt32 = 1

    /// The limits of a connection that such a call comes over: it waits for no window.
    package static func unhindered(_ limits: ConnectionLimits) -> ConnectionLimits {
        var limits = limits
        limits.streamWindow = HTTP2.most
        limits.connectionWindow = HTTP2.most
        return limits
    }

    /// All that a client sends that makes one call.
    ///
    /// - Parameter fields: metadata, names in lower case.
    package static func request(
        scheme: String = "http", path: String, authority: String, fields: Fields, messages: [[UInt8]]
    ) -> [UInt8] {
        let head: Fields = [
            (":method", Array("POST".utf8)), (":scheme", Array(scheme.utf8)), (":path", Array(path.utf8)),
            (":authority", Array(authority.utf8)), ("te", Array("trailers".utf8)),
            ("content-type", Array("application/grpc".utf8)),
        ]
        var body = ByteWriter(capacity: 256)
        for message in messages {
            body.append(0)
            body.append(word: UInt32(truncatingIfNeeded: message.count))
            body.append(message)
        }
        return request(head + fields, body: Array(body.bytes))
    }

    /// All that a client sends that makes one request, of gRPC or not.
    ///
    /// - Parameter fields: those with a colon in front first, names in lower case.
    package static func request(_ fields: Fields, body: [UInt8]) -> [UInt8] {
        var out = ByteWriter(capacity: 1024)
        out.append(HTTP2.preface)
        out.append(frame: FrameKind.settings, stream: 0, length: 6)
        out.append(setting: 4, HTTP2.most)
        out.append(frame: FrameKind.settings, .ack, stream: 0, length: 0)
        out.append(windowUpdate: 0, HTTP2.most - HTTP2.initialWindow)
        let start = out.count
        out.append(frame: FrameKind.headers, .endHeaders, stream: stream, length: 0)
        var encoder = HPACKEncoder()
        encoder.begin(into: &out)
        for (name, value) in fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                value.withUnsafeBufferPointer { encoder.write(name, $0, into: &out) }
            }
        }
        out.close(headersAt: start)
        var at = 0
        repeat {
            let count = min(HTTP2.frameSize, body.count - at)
            let isLast = at + count == body.count
            out.append(frame: FrameKind.data, isLast ? .endStream : [], stream: stream, length: count)
            out.append(Array(body[at..<at + count]))
            at += count
        } while at < body.count
        return Array(out.bytes)
    }

    /// What a server has sent back; nil if it is no answer of HTTP/2.
    package static func reply(_ bytes: [UInt8]) -> Reply? {
        bytes.withUnsafeBufferPointer { bytes in
            var reply = Reply()
            var reader = FrameReader()
            var decoder = HPACKDecoder()
            var block = ByteWriter(capacity: 256)
            var endsStream = false
            var at = 0
            while case .frame(let header, let payload) = reader.next(bytes, &at) {
                switch header.kind {
                case FrameKind.headers, FrameKind.continuation:
                    if header.kind == FrameKind.headers { endsStream = header.flags.contains(.endStream) }
                    block.append(payload)
                    guard header.flags.contains(.endHeaders) else { continue }
                    guard let fields = self.fields(block.bytes, &decoder) else { return nil }
                    block.clear()
                    if reply.fields.isEmpty { reply.fields = fields } else { reply.trailers = fields }
                    if endsStream { reply.isWhole = true }
                case FrameKind.data:
                    reply.body += payload
                    if header.flags.contains(.endStream) { reply.isWhole = true }
                case FrameKind.reset where !reply.isWhole: return reply.fields.isEmpty ? nil : reply
                default: break
                }
            }
            guard !reply.fields.isEmpty else { return nil }
            reply.messages = self.messages(reply.body[...])
            return reply
        }
    }

    private static func fields(_ block: UnsafeBufferPointer<UInt8>, _ decoder: inout HPACKDecoder) -> Fields? {
        var fields: Fields = []
        var text = ByteWriter(capacity: 256)
        var at = 0
        while true {
            switch decoder.next(block, &at, into: &text) {
            case .end: return fields
            case .broken: return nil
            case .field(let field):
                let name = String(decoding: text.bytes[field.name.range], as: UTF8.self)
                fields.append((name, Array(text.bytes[field.value.range])))
            }
        }
    }

    /// The messages behind their prefixes; one that is not whole is left out.
    private static func messages(_ body: ArraySlice<UInt8>) -> [[UInt8]] {
        var rest = body
        var messages: [[UInt8]] = []
        while rest.count >= 5 {
            let count = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard rest.count - 5 >= count else { break }
            messages.append(Array(rest.dropFirst(5).prefix(count)))
            rest = rest.dropFirst(5 + count)
        }
        return messages
    }
}
