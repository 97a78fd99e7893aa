/// What a strict client makes of the bytes that a server sent.
struct WireAnswer: Equatable {
    var status = 0
    var fields: [[String]] = []
    var body: [UInt8] = []
    /// What came behind the body.
    var trailers: [[String]] = []
    /// The end came where the head said that it would.
    var isWhole = false

    var text: String { String(decoding: body, as: UTF8.self) }
    var saysClose: Bool { self["connection"] == "close" }

    subscript(name: String) -> String? {
        let found = fields.filter { $0[0] == name }
        return found.count == 1 ? found[0][1] : nil
    }
}

/// Reads answers as RFC 9112 has them, and takes nothing that it does not ask for.
struct WireReading {
    private(set) var answers: [WireAnswer] = []
    private(set) var fault: String?
    private let bytes: [UInt8]
    private var at = 0

    /// - Parameters:
    ///   - methods: of the requests in their order.
    ///   - isOver: no more will come.
    init(_ bytes: [UInt8], methods: [String], isOver: Bool) {
        self.bytes = bytes
        var number = 0
        while at < bytes.count, fault == nil {
            guard let answer = next(method: number < methods.count ? methods[number] : nil, isOver: isOver) else {
                break
            }
            if answer.status != 100 { number += 1 }
            answers.append(answer)
            if !answer.isWhole { break }
            if answer.saysClose, at < bytes.count { fault = "bytes behind the last answer" }
        }
    }

    /// Whether the bytes end with the end of an answer.
    var isWhole: Bool { fault == nil && answers.allSatisfy(\.isWhole) }

    private mutating func next(method: String?, isOver: Bool) -> WireAnswer? {
        guard let line = line() else { return fail("no status line") }
        var answer = WireAnswer()
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "HTTP/1.1", parts[1].utf8.count == 3, let status = Int(parts[1]),
            (100...599).contains(status), !parts[2].isEmpty
        else { return fail("status line: \(line)") }
        answer.status = status
        while true {
            guard let field = self.line() else { return fail("the head does not end") }
            if field.isEmpty { break }
            guard let colon = field.utf8.firstIndex(of: UInt8(ascii: ":")) else { return fail("field: \(field)") }
            let name = String(field[..<colon])
            let rest = field[field.utf8.index(after: colon)...]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte), rest.hasPrefix(" "),
                rest.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 })
            else { return fail("field: \(field)") }
            answer.fields.append([name, String(rest.dropFirst())])
        }
        if status == 100 {
            answer.isWhole = true
            return answer.fields.isEmpty ? answer : fail("fields in 100")
        }
        guard let method else { return fail("an answer that nobody asked for") }
        guard answer["date"]?.utf8.count == 29 else { return fail("no date, or several") }
        return readBody(&answer, method: method, isOver: isOver)
    }

    private mutating func readBody(_ answer: inout WireAnswer, method: String, isOver: Bool) -> WireAnswer? {
        let lengths = answer.fields.filter { $0[0] == "content-length" }
        let codings = answer.fields.filter { $0[0] == "transfer-encoding" }
        guard lengths.count + codings.count <= 1 else { return fail("two framings") }
        if answer.status == 204 || answer.status == 304 {
            answer.isWhole = true
            return lengths.isEmpty && codings.isEmpty ? answer : fail("a framing in \(answer.status)")
        }
        if method == "HEAD" {
            answer.isWhole = true
            return answer
        }
        if let length = lengths.first?[1] {
            guard let count = Int(length), String(count) == length else { return fail("length: \(length)") }
            let end = min(bytes.count, at + count)
            answer.body = Array(bytes[at..<end])
            answer.isWhole = at + count <= bytes.count
            at = end
        } else if let coding = codings.first?[1] {
            guard coding == "chunked" else { return fail("coding: \(coding)") }
            answer.isWhole = readChunks(&answer)
        } else {
            guard answer.saysClose else { return fail("nothing says where the body ends") }
            answer.body = Array(bytes[at...])
            answer.isWhole = isOver
            at = bytes.count
        }
        return answer
    }

    private mutating func readChunks(_ answer: inout WireAnswer) -> Bool {
        while let size = line() {
            guard let count = Int(size, radix: 16), String(count, radix: 16) == size else {
                _ = fail("chunk size: \(size)")
                return false
            }
            if count == 0 { return readTrailers(&answer) }
            guard at + count + 2 <= bytes.count else {
                answer.body += bytes[at...].prefix(count)
                at = bytes.count
                return false
            }
            answer.body += bytes[at..<at + count]
            guard bytes[at + count] == 13, bytes[at + count + 1] == 10 else {
                _ = fail("a chunk's end")
                return false
            }
            at += count + 2
        }
        at = bytes.count
        return false
    }

    private mutating func readTrailers(_ answer: inout WireAnswer) -> Bool {
        while let line = line() {
            if line.isEmpty { return true }
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
                _ = fail("trailer: \(line)")
                return false
            }
            let rest = line[line.utf8.index(after: colon)...]
            guard rest.hasPrefix(" "), line[..<colon].utf8.allSatisfy(Self.isNameByte) else {
                _ = fail("trailer: \(line)")
                return false
            }
            answer.trailers.append([String(line[..<colon]), String(rest.dropFirst())])
        }
        at = bytes.count
        return false
    }

    /// Up to CRLF, without it.
    private mutating func line() -> String? {
        var end = at
        while end + 1 < bytes.count {
            if bytes[end] == 13, bytes[end + 1] == 10 {
                let line = String(decoding: bytes[at..<end], as: UTF8.self)
                at = end + 2
                return line
            }
            if bytes[end] == 13 || bytes[end] == 10 { return nil }
            end += 1
        }
        return nil
    }

    private mutating func fail(_ reason: String) -> WireAnswer? {
        fault = fault ?? reason
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
    }
}
