/// An answer as a client reads it that takes nothing for granted (RFC 9112).
struct Reply: Sendable {
    private(set) var status = 0
    private(set) var phrase = ""
    /// Names in lower case.
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// The end came where the head said that it would.
    private(set) var isWhole = false

    /// Why bytes are no answer.
    struct Fault: Error, Equatable {
        let reason: String
    }

    /// The final answer, behind interim ones; nil if there is none, not even a part of its head.
    ///
    /// - Parameters:
    ///   - method: of the request.
    ///   - isOver: whether the end of the bytes is the end of the connection.
    static func read(_ bytes: [UInt8], method: String, isOver: Bool) throws(Fault) -> Reply? {
        var reader = Reader(bytes: bytes)
        while !reader.isAtEnd {
            guard let reply = try reader.next(method: method, isOver: isOver) else { return nil }
            if reply.status < 200 { continue }
            if !reader.isAtEnd { throw Fault(reason: "bytes follow the answer") }
            return reply
        }
        return nil
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        var isAtEnd: Bool { at >= bytes.count }

        mutating func next(method: String, isOver: Bool) throws(Fault) -> Reply? {
            var reply = Reply()
            guard let line = try line() else { return nil }
            let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].elementsEqual("HTTP/1.1".utf8), parts[1].count == 3,
                let status = Self.number(parts[1]), (100...599).contains(status)
            else { throw Fault(reason: "the status line is `\(Self.text(line))`") }
            reply.status = status
            reply.phrase = Self.text(parts[2])
            while true {
                guard let line = try self.line() else { return nil }
                if line.isEmpty { break }
                reply.fields.append(try Self.field(line))
            }
            if status < 200 || status == 204 {
                if reply.has("content-length") || reply.has("transfer-encoding") {
                    throw Fault(reason: "an answer with status \(status) says how long its body is")
                }
                reply.isWhole = true
            } else if status == 304 || method.utf8.elementsEqual("HEAD".utf8) {
                reply.isWhole = true
            } else {
                try readBody(&reply, isOver: isOver)
            }
            return reply
        }

        private static func field(_ line: ArraySlice<UInt8>) throws(Fault) -> (name: String, value: String) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { throw Fault(reason: "a header line is `\(text(line))`") }
            var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
            return (text(line[..<colon]).lowercased(), text(value))
        }

        // MARK: The body

        private mutating func readBody(_ reply: inout Reply, isOver: Bool) throws(Fault) {
            let lengths = reply.values(of: "content-length")
            let codings = reply.values(of: "transfer-encoding")
            guard lengths.count + codings.count <= 1 else {
                throw Fault(reason: "two header fields say how long the body is")
            }
            if let coding = codings.first {
                guard coding.utf8.elementsEqual("chunked".utf8) else {
                    throw Fault(reason: "the coding is `\(coding)`")
                }
                try readChunks(&reply)
            } else if let length = lengths.first {
                let digits = Array(length.utf8)
                guard let count = Self.number(digits[...]) else { throw Fault(reason: "the length is `\(length)`") }
                reply.isWhole = count <= bytes.count - at
                take(count, into: &reply)
            } else if isOver, reply.values(of: "connection").contains(where: { $0.utf8.elementsEqual("close".utf8) }) {
                // The end of the connection is the end of the body (RFC 9112 section 6.3).
                take(bytes.count - at, into: &reply)
                reply.isWhole = true
            } else {
                throw Fault(reason: "nothing says how long the body is")
            }
        }

        private mutating func readChunks(_ reply: inout Reply) throws(Fault) {
            while let line = try line() {
                let digits = line.prefix { $0 != UInt8(ascii: ";") }
                guard let count = Self.number(digits, radix: 16) else {
                    throw Fault(reason: "the size of a chunk is `\(Self.text(line))`")
                }
                if count == 0 { return try readTrailers(&reply) }
                guard take(count, into: &reply) else { return }
                guard let end = try self.line() else { return }
                guard end.isEmpty else { throw Fault(reason: "a chunk is longer than its size") }
            }
        }

        private mutating func readTrailers(_ reply: inout Reply) throws(Fault) {
            while let line = try line() {
                if line.isEmpty {
                    reply.isWhole = true
                    return
                }
                _ = try Self.field(line)
            }
        }

        /// Takes as many bytes as there are; false if those were too few.
        @discardableResult
        private mutating func take(_ count: Int, into reply: inout Reply) -> Bool {
            let taken = min(count, bytes.count - at)
            reply.body += bytes[at..<at + taken]
            at += taken
            return taken == count
        }

        // MARK: Lines

        /// Up to CR LF, without it; nil if the bytes end before.
        private mutating func line() throws(Fault) -> ArraySlice<UInt8>? {
            guard let end = bytes[at...].firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) else {
                at = bytes.count
                return nil
            }
            guard bytes[end] == 0x0D else { throw Fault(reason: "a line ends without CR") }
            guard end + 1 < bytes.count else {
                at = bytes.count
                return nil
            }
            guard bytes[end + 1] == 0x0A else { throw Fault(reason: "a CR stands alone") }
            defer { at = end + 2 }
            return bytes[at..<end]
        }

        /// Digits and nothing else.
        private static func number(_ digits: ArraySlice<UInt8>, radix: Int = 10) -> Int? {
            let isDigit: (UInt8) -> Bool = { byte in
                (0x30...0x39).contains(byte) || radix == 16 && (0x61...0x66).contains(byte | 0x20)
            }
            guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
            return Int(text(digits), radix: radix)
        }

        private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    }

    private func has(_ name: String) -> Bool { fields.contains { $0.name.utf8.elementsEqual(name.utf8) } }

    private func values(of name: String) -> [String] {
        fields.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.value)
    }
}
