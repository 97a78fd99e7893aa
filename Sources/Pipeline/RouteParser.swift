import Diagnostics

/// Reads the text of one pattern, from left to right.
struct RouteParser {
    private let text: PlacedText
    let bytes: [UInt8]
    private let rule: Rule
    var names: [String] = []

    init(_ text: PlacedText, _ rule: Rule) {
        self.text = text
        self.bytes = text.bytes
        self.rule = rule
    }

    func refuse(
        _ message: String, _ range: Range<Int>, label: String? = nil, help: String? = nil, suggestion: String? = nil,
        _ findings: inout Findings
    ) {
        findings.report(rule, message, at: text.range(range), label: label, help: help, suggestion: suggestion)
    }

    mutating func pattern(_ findings: inout Findings) -> RoutePattern? {
        guard !bytes.isEmpty else {
            refuse("the route pattern is empty", 0..<0, help: "write a path, as in `GET /orders/{id}`", &findings)
            return nil
        }
        var method: String?
        var start = 0
        if let space = bytes.firstIndex(where: Self.isBlank) {
            guard let name = self.method(0..<space, &findings) else { return nil }
            method = name
            start = bytes[space...].firstIndex { !Self.isBlank($0) } ?? bytes.count
        }
        guard let slash = bytes[start...].firstIndex(of: UInt8(ascii: "/")) else {
            refuseMissingPath(start, method, &findings)
            return nil
        }
        var host: RouteHost?
        if slash > start {
            guard let named = RouteHost.parse(text.slice(start..<slash), rule, &findings) else { return nil }
            host = named
        }
        guard let segments = path(from: slash, isClean: method != "CONNECT", &findings) else { return nil }
        return RoutePattern(method: method, host: host, segments: segments)
    }

    private func method(_ range: Range<Int>, _ findings: inout Findings) -> String? {
        guard !range.isEmpty else {
            refuse(
                "the route pattern starts with a space", 0..<1, help: "start with the method or with '/'", &findings)
            return nil
        }
        if let bad = range.first(where: { !FieldToken.contains(bytes[$0]) }) {
            if bytes[bad] == UInt8(ascii: "/") {
                refuseBlank(range.upperBound, &findings)
            } else {
                refuse(
                    "the method has a character that no method has", bad..<RouteHost.scalarEnd(bytes, bad),
                    help: "one method stands before the path, as in `GET /orders`; without one, all methods are served",
                    &findings)
            }
            return nil
        }
        let name = String(decoding: bytes[range], as: UTF8.self)
        let upper = name.uppercased()
        if name != upper, RoutePattern.commonMethods.contains(upper) {
            refuse(
                "the method `\(name)` is not `\(upper)`: methods are case-sensitive", range,
                help: "write `\(upper)`", suggestion: upper, &findings)
            return nil
        }
        return name
    }

    private func refuseMissingPath(_ start: Int, _ method: String?, _ findings: inout Findings) {
        let rest = String(decoding: bytes[start...], as: UTF8.self)
        if rest.isEmpty || RoutePattern.commonMethods.contains(rest) {
            let name = method ?? rest
            refuse("the route pattern has no path", start..<bytes.count, help: "write `\(name) /`", &findings)
        } else {
            refuse(
                "the route pattern has no path: a path starts with '/'", start..<bytes.count, label: "no '/' in here",
                help: "write `\((method.map { $0 + " " } ?? "") + "/" + rest)`", suggestion: "/" + rest, &findings)
        }
    }

    private func refuseBlank(_ index: Int, _ findings: inout Findings) {
        refuse(
            "the path has a space", index..<(index + 1), help: "write %20 for a space that belongs to the path",
            suggestion: "%20", &findings)
    }

    // MARK: The path

    /// Reads the segments from the slash at `start` on.
    /// - Parameter isClean: whether requests are cleaned, so that no empty and no dot segment can match.
    mutating func path(from start: Int, isClean: Bool, _ findings: inout Findings) -> [RoutePattern.Segment]? {
        guard checkCharacters(from: start, &findings) else { return nil }
        var segments: [RoutePattern.Segment] = []
        var at = start
        while at < bytes.count {
            let from = at + 1
            let end = bytes[from...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            guard segments.count < RoutePattern.maxSegments else {
                refuse(
                    "the path has more than \(RoutePattern.maxSegments) segments", from..<bytes.count,
                    help: "end it in a rest, as in `/files/{path...}`", &findings)
                return nil
            }
            if from == bytes.count {
                segments.append(.rest(nil))
            } else if bytes[from..<end].contains(UInt8(ascii: "{")) {
                guard let segment = wildcard(from..<end, &findings) else { return nil }
                segments.append(segment)
            } else {
                guard let literal = literal(from..<end, isClean: isClean, &findings) else { return nil }
                segments.append(.literal(literal))
            }
            at = end
        }
        guard names.count <= RoutePattern.maxWildcards else {
            refuse(
                "the path has \(names.count) wildcards, more than \(RoutePattern.maxWildcards)", start..<bytes.count,
                help: "take several segments at once with a rest, as in `{path...}`", &findings)
            return nil
        }
        return segments
    }

    private func checkCharacters(from start: Int, _ findings: inout Findings) -> Bool {
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "):
                refuseBlank(index, &findings)
            case ...0x1F, 0x7F:
                refuse(
                    "the path has a control character", index..<(index + 1),
                    help: "no request has one in its path; an escape such as %09 stands for it", &findings)
            case UInt8(ascii: "?"):
                refuse(
                    "a query is not part of a route pattern", index..<bytes.count,
                    help: "leave it out, or write %3F for a question mark that belongs to the path", &findings)
            case UInt8(ascii: "#"):
                refuse(
                    "a fragment is not part of a route pattern", index..<bytes.count,
                    help: "leave it out, or write %23 for a '#' that belongs to the path", &findings)
            default: continue
            }
            return false
        }
        return true
    }

    private func literal(_ range: Range<Int>, isClean: Bool, _ findings: inout Findings) -> [UInt8]? {
        let out: [UInt8]
        do throws(PathEscapes.BadEscape) {
            out = try PathEscapes.decoded(bytes, range)
        } catch {
            refuse(error.message, error.range, help: error.help, &findings)
            return nil
        }
        guard isClean else { return out }
        if out.isEmpty {
            refuse(
                "the path has an empty segment", (range.lowerBound - 1)..<(range.upperBound + 1),
                help: "write one '/': requests are redirected to the path without empty segments", suggestion: "/",
                &findings)
            return nil
        }
        if out == [UInt8(ascii: ".")] || out == [UInt8(ascii: "."), UInt8(ascii: ".")] {
            refuse(
                "a dot segment never matches", range,
                help: "leave it out: requests are redirected to the path without dot segments", &findings)
            return nil
        }
        return out
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
