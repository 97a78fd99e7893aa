extension TemplateParser {
    /// Reads `{path}` or `{path=segments}`; the place behind it.
    mutating func variable(_ open: Int) throws(Fault) -> Int {
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
}

/// A name of protobuf (language specification, "Identifiers").
enum FieldName {
    static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return bytes.allSatisfy { RouteParser.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }
}
