/// Reads one template, from left to right.
struct TemplateParser {
    typealias Fault = PathTemplate.Fault

    let bytes: [UInt8]
    var segments: [PathTemplate.Segment] = []
    var variables: [PathTemplate.Variable] = []
    /// Where a `**` stands, which must be the last segment.
    private var rest: Range<Int>?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func first(_ scalar: Unicode.Scalar, in range: Range<Int>) -> Int? {
        bytes[range].firstIndex(of: UInt8(ascii: scalar))
    }

    mutating func template() throws(Fault) -> PathTemplate {
        guard bytes.first == UInt8(ascii: "/") else {
            let meant = "/" + text(0..<bytes.count)
            throw Fault(
                message: bytes.isEmpty ? "the path template is empty" : "a path template starts with `/`",
                range: 0..<bytes.count, help: bytes.isEmpty ? "write a path, as in `/v1/{name}`" : "write `\(meant)`",
                suggestion: bytes.isEmpty ? nil : meant)
        }
        try checkCharacters()
        var at = 1
        var verb: [UInt8]?
        while bytes.count > 1 {
            let end = try segment(at)
            if end == bytes.count { break }
            if bytes[end] == UInt8(ascii: ":") {
                verb = try self.verb(end)
                break
            }
            at = end + 1
            guard at < bytes.count else {
                throw Fault(
                    message: "a path template does not end in `/`", range: end..<at,
                    help: "leave the slash out; write `/**` for all that is below", suggestion: "")
            }
        }
        let wildcards = segments.count { $0 == .one || $0 == .rest }
        guard segments.count <= RoutePattern.maxSegments, wildcards <= RoutePattern.maxWildcards else {
            let isLong = segments.count > RoutePattern.maxSegments
            throw Fault(
                message: isLong
                    ? "the path has more than \(RoutePattern.maxSegments) segments"
                    : "the path has \(wildcards) wildcards, more than \(RoutePattern.maxWildcards)",
                range: 0..<bytes.count, help: "take several segments at once with `**`")
        }
        return PathTemplate(segments: segments, variables: variables, verb: verb)
    }

    private func checkCharacters() throws(Fault) {
        for (at, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: " "):
                throw Fault(
                    message: "the path has a space", range: at..<at + 1,
                    help: "write %20 for a space that belongs to the path", suggestion: "%20")
            case ...0x1F, 0x7F:
                throw Fault(
                    message: "the path has a control character", range: at..<at + 1,
                    help: "no request has one in its path; an escape such as %09 stands for it")
            case UInt8(ascii: "?"), UInt8(ascii: "#"):
                throw Fault(
                    message: "a path template ends before a `\(Unicode.Scalar(byte))`", range: at..<bytes.count,
                    help: "leave it out: fields that the path does not have are query parameters")
            default: continue
            }
        }
    }

    /// Reads what stands between two slashes, or a whole variable; the place behind it, where a slash, a verb or the end is.
    private mutating func segment(_ start: Int) throws(Fault) -> Int {
        if bytes[start] == UInt8(ascii: "{") {
            let end = try variable(start)
            guard end == bytes.count || "/:".utf8.contains(bytes[end]) else {
                throw Fault(
                    message: "a variable is one or more whole segments",
                    range: end..<(first("/", in: end..<bytes.count) ?? bytes.count),
                    help: "nothing may follow but `/` or a verb, as in `{name}:cancel`")
            }
            return end
        }
        var end = first("/", in: start..<bytes.count) ?? bytes.count
        if bytes[start] == UInt8(ascii: "*"), let colon = first(":", in: start..<end) { end = colon }
        try plain(start..<end)
        return end
    }

    /// Reads `*`, `**` or a literal.
    mutating func plain(_ range: Range<Int>) throws(Fault) {
        guard !range.isEmpty else {
            throw Fault(
                message: "the path has an empty segment", range: range.lowerBound - 1..<range.lowerBound,
                help: "leave one slash out", suggestion: "")
        }
        switch text(range) {
        case "*": try append(.one)
        case "**":
            try append(.rest)
            rest = range
        default: try append(.literal(try literal(range)))
        }
    }

    mutating func append(_ segment: PathTemplate.Segment) throws(Fault) {
        if let rest {
            throw Fault(
                message: "`**` can stand only at the end", range: rest, help: "write `*` for one segment",
                suggestion: "*")
        }
        segments.append(segment)
    }

    private func literal(_ range: Range<Int>) throws(Fault) -> [UInt8] {
        for at in range {
            switch bytes[at] {
            case UInt8(ascii: "*"):
                throw Fault(
                    message: "a wildcard is a whole segment", range: at..<at + 1,
                    help: "write %2A for a `*` that belongs to the path", suggestion: "%2A")
            case UInt8(ascii: "{"):
                throw Fault(
                    message: "a variable is one or more whole segments",
                    range: at..<((first("}", in: at..<range.upperBound) ?? range.upperBound - 1) + 1),
                    help: "take the whole segment, as in `/{name}`")
            case UInt8(ascii: "}"):
                throw Fault(
                    message: "the `}` ends nothing", range: at..<at + 1,
                    help: "write %7D for a `}` that belongs to the path", suggestion: "%7D")
            default: continue
            }
        }
        if bytes[range.lowerBound] == UInt8(ascii: ":") {
            let name = range.lowerBound + 1..<range.upperBound
            let isName = FieldName.isIdentifier(bytes[name])
            throw Fault(
                message: "a segment does not start with a colon", range: range,
                help: isName ? "write `{\(text(name))}` for a variable" : "write something before the verb",
                suggestion: isName ? "{\(text(name))}" : nil)
        }
        let decoded = try decoded(range)
        guard decoded != [UInt8(ascii: ".")], decoded != [UInt8](repeating: UInt8(ascii: "."), count: 2) else {
            throw Fault(
                message: "a dot segment never matches", range: range,
                help: "leave it out: requests are redirected to the path without dot segments")
        }
        return decoded
    }

    private func decoded(_ range: Range<Int>) throws(Fault) -> [UInt8] {
        do throws(PathEscapes.BadEscape) {
            return try PathEscapes.decoded(bytes, range)
        } catch {
            throw Fault(message: error.message, range: error.range, help: error.help)
        }
    }

    // MARK: Verb

    private func verb(_ colon: Int) throws(Fault) -> [UInt8] {
        let range = colon + 1..<bytes.count
        guard !range.isEmpty else {
            throw Fault(
                message: "the verb is empty", range: colon..<bytes.count,
                help: "write it after the colon, as in `{name}:cancel`")
        }
        if let slash = first("/", in: range) {
            throw Fault(
                message: "a verb stands only at the end", range: colon..<slash,
                help: "write it after the last segment")
        }
        if let bad = range.first(where: { ":{}*".utf8.contains(bytes[$0]) }) {
            throw Fault(
                message: "the verb has a `\(Unicode.Scalar(bytes[bad]))`", range: bad..<bad + 1,
                help: "a verb is text; what stands behind the last colon of the path is compared with it")
        }
        return try decoded(range)
    }
}
