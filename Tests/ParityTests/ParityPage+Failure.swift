import Calling
import JSON
import Pipeline

// Where each protocol puts the parts of an answer: looked for in one call that fails, and in one that does not.
extension ParityPage {
    private static let failing = """
        template:
          metadata: { x-before: metadata-value }
          trailers: { x-after: trailer-value }
          error:
            code: NOT_FOUND
            message: nobody here
            details: [{ google.rpc.ErrorInfo: { reason: LOST } }]
        """
    private static let answering = """
        template: { message: { name: a }, metadata: { x-before: metadata-value }, trailers: { x-after: trailer-value } }
        """
    private static let streaming = """
        template:
          messages: [{ name: a }]
          trailers: { x-after: trailer-value }
          error: { code: NOT_FOUND, message: nobody here }
        """

    /// A part of an answer, and the texts that it can be recognised by.
    private static let parts: [(name: String, marks: [String])] = [
        ("the code", ["NOT_FOUND", "not_found", "\"code\":5", "grpc-status: 5"]),
        ("its message", ["nobody here", "nobody%20here"]),
        ("its details", ["google.rpc.ErrorInfo", "grpc-status-details-bin"]),
        ("`metadata`", ["metadata-value"]),
        ("`trailers`", ["trailer-value"]),
    ]

    var failure: String {
        var page = """

            ## What differs: where things are found

            A code is a number in gRPC, a word in Connect and a status of HTTP besides; metadata is in the head everywhere, and
            what comes last is where the protocol has room for it. These were looked for in three answers: of a call that fails
            with NOT_FOUND, of one that answers, and of a stream that fails behind a message.


            """
        for (title, method, keys) in [
            ("a call that fails", "Unary", Self.failing), ("a call that answers", "Unary", Self.answering),
            ("a stream that fails behind a message", "Down", Self.streaming),
        ] {
            page += Self.head(title)
            let places = CallProtocol.allCases.map { Self.places($0, method, keys) }
            for (row, name) in (["status of HTTP", "content type"] + Self.parts.map(\.name)).enumerated()
            where places.contains(where: { $0[row] != "" }) {
                page += "| \(name) |" + places.map { " \($0[row].isEmpty ? "—" : $0[row]) |" }.joined() + "\n"
            }
            page += "\n"
        }
        page.removeLast()
        return page
    }

    private static func places(_ speech: CallProtocol, _ method: String, _ keys: String) -> [String] {
        guard let desk = try? Desk(speech, method, keys), let answer = try? desk.call() else {
            return ["?", "?"] + parts.map { _ in "?" }
        }
        return [answer.field(":status") ?? "", "`\(answer.field("content-type") ?? "")`"]
            + parts.map { part in place(of: part.marks, in: answer) }
    }

    private static func place(of marks: [String], in answer: Desk.Answer) -> String {
        func has(_ text: String) -> Bool { marks.contains { text.contains($0) } }
        for (kind, fields) in [("header", answer.fields), ("trailer", answer.httpTrailers)] {
            if let field = fields.first(where: { has("\($0.name): \($0.value)") }) { return "\(kind) `\(field.name)`" }
        }
        let body = String(decoding: answer.body, as: UTF8.self)
        guard has(body) else { return "" }
        // What stands in a line `name: value` is named by it; bytes of a prefix may stand before the first.
        for line in body.split(whereSeparator: { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }) where has(String(line)) {
            guard !line.contains("{"), let colon = line.firstRange(of: ": ") else { continue }
            let name = line[..<colon.lowerBound].reversed().prefix { $0 == "-" || $0.isASCII && $0.isLowercase }
            return "body, last frame: `\(String(name.reversed()))`"
        }
        return member(of: marks, in: body)
    }

    /// The path of the member of the last JSON object of a body that has it.
    private static func member(of marks: [String], in body: String) -> String {
        for start in body.indices where body[start] == "{" {
            guard let json = try? JSONReader.read(Array(body[start...].utf8)).get() else { continue }
            if let path = path(of: marks, in: json) { return "body: `\(path)`" }
        }
        return "body"
    }

    private static func path(of marks: [String], in json: JSONValue) -> String? {
        guard case .object(let members) = json else { return nil }
        for (key, value) in members {
            if let path = path(of: marks, in: value) { return "\(key).\(path)" }
            var out = ByteWriter(capacity: 256)
            JSONValue.object([(key, value)]).write(to: &out)
            let text = String(decoding: out.bytes, as: UTF8.self)
            if marks.contains(where: { text.contains($0) }) { return key }
        }
        return nil
    }
}
