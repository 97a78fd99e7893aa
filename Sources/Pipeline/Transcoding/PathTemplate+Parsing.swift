extension PathTemplate {
    /// Why a text is no template.
    package struct Fault: Error, Equatable, Sendable {
        /// Lower case, no full stop.
        package let message: String
        /// What is wrong, in bytes of the text.
        package let range: Range<Int>
        package let help: String
        /// What would stand there instead.
        package var suggestion: String?
    }

    package static func parse(_ text: String) -> Result<PathTemplate, Fault> { parse(Array(text.utf8)) }

    package static func parse(_ text: [UInt8]) -> Result<PathTemplate, Fault> {
        var parser = TemplateParser(text)
        do throws(Fault) {
            return .success(try parser.template())
        } catch {
            return .failure(error)
        }
    }
}

/// Reads one template, from left to right.
private struct TemplateParser {
    typealias Fault = PathTemplate.Fault

    private let bytes: [UInt8]
    private var segments: [PathTemplate.Segment] = []
    private var variables: [PathTemplate.Variable] = []
    /// Where a `**` stands, which must be the last segment.
    private var rest: Range<Int>?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func first(_ scalar: Unicode.Scalar, in range: Range<Int>) -> Int? {
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
    private mutating func plain(_ range: Range<Int>) throws(Fault) {
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

    private mutating func append(_ segment: PathTemplate.Segment) throws(Fault) {
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
        var out: [UInt8] = []
        var at = range.lowerBound
        while at < range.upperBound {
            guard bytes[at] == UInt8(ascii: "%") else {
                out.append(bytes[at])
                at += 1
                continue
            }
            guard range.upperBound - at > 2, let high = PathEscapes.value(bytes[at + 1]),
                let low = PathEscapes.value(bytes[at + 2])
            else {
                throw Fault(
                    message: "a `%` needs two hexadecimal digits after it", range: at..<min(at + 3, range.upperBound),
                    help: "write %25 for the character itself")
            }
            guard high | low != 0 else {
                throw Fault(
                    message: "the path has a zero byte", range: at..<at + 3,
                    help: "no request with %00 is served, leave it out")
            }
            out.append(high << 4 | low)
            at += 3
        }
        return out
    }

    // MARK: Variables

    /// Reads `{path}` or `{path=segments}`; the place behind it.
    private mutating func variable(_ open: Int) throws(Fault) -> Int {
        guard let close = first("}", in: open..<bytes.count) else {
            throw Fault(
                message: "the variable is not closed",
                range: open..<(first("/", in: open..<bytes.count) ?? bytes.count), help: "end it with `}`")
        }
        let whole = open..<close + 1
        if let inner = first("{", in: open + 1..<close) {
            throw Fault(
                message: "a variable cannot stand within a variable", range: inner..<close + 1,
                help: "write a pattern of `*`, `**` and text, as in `{name=shelves/*}`")
        }
        let equals = first("=", in: open + 1..<close)
        let place = open + 1..<(equals ?? close)
        let path = try fieldPath(place, whole)
        if variables.contains(where: { $0.path.elementsEqual(path) }) {
            throw Fault(
                message: "the variable `\(text(place))` stands twice in the path", range: place,
                help: "each field has one value")
        }
        let start = segments.count
        if let equals {
            try pattern(equals + 1..<close, whole, name: text(place))
        } else {
            try append(.one)
        }
        variables.append(
            PathTemplate.Variable(
                path: path, place: place, segments: start..<segments.count,
                isMultiSegment: segments.count > start + 1 || segments.last == .rest))
        return close + 1
    }

    private mutating func pattern(_ range: Range<Int>, _ whole: Range<Int>, name: String) throws(Fault) {
        guard !range.isEmpty else {
            throw Fault(
                message: "the variable has no pattern behind the `=`", range: whole,
                help: "write `{\(name)}` for one segment", suggestion: "{\(name)}")
        }
        var at = range.lowerBound
        while true {
            let end = first("/", in: at..<range.upperBound) ?? range.upperBound
            try plain(at..<end)
            if end == range.upperBound { return }
            at = end + 1
        }
    }

    private func fieldPath(_ range: Range<Int>, _ whole: Range<Int>) throws(Fault) -> [String] {
        let name = text(range)
        if name.utf8.reversed().starts(with: "...".utf8) {
            let meant = "{\(name.dropLast(3))=**}"
            throw Fault(
                message: "`\(text(whole))` is how routes take the rest", range: whole, help: "write `\(meant)`",
                suggestion: meant)
        }
        if let colon = first(":", in: range), FieldName.isIdentifier(bytes[range.lowerBound..<colon]) {
            let meant = "{\(text(range.lowerBound..<colon))}"
            throw Fault(
                message: "a variable has no regular expression", range: colon..<whole.upperBound - 1,
                help: "write `\(meant)`; the field's type checks what it is", suggestion: "")
        }
        let names = bytes[range].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard names.allSatisfy({ FieldName.isIdentifier($0) }) else {
            throw Fault(
                message: range.isEmpty ? "the variable has no name" : "`\(name)` is not the path of a field",
                range: range.isEmpty ? whole : range,
                help: "name a field of the request's message, as in `{name}` or `{book.name}`")
        }
        return names.map { String(decoding: $0, as: UTF8.self) }
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

/// A name of protobuf (language specification, "Identifiers").
enum FieldName {
    static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return bytes.allSatisfy { RouteParser.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }
}
