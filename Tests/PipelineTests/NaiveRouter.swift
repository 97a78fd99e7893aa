import JSON
import Pipeline

/// What each rule says, taken literally: all patterns are tried, and of those that match the most specific wins.
struct NaiveRouter {
    let patterns: [RoutePattern]

    static func decoded(_ segment: String) -> [UInt8] {
        var out = ByteWriter()
        Array(segment.utf8).withUnsafeBufferPointer { PathEscapes.append(decoded: $0, to: &out) }
        return Array(out.bytes)
    }

    static func matches(_ pattern: RoutePattern, path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        for (index, segment) in pattern.segments.enumerated() {
            guard index < parts.count else { return false }
            let part = parts[index]
            let isLastSlash = index == parts.count - 1 && part.isEmpty
            switch segment {
            case .rest: return true
            case .end: return isLastSlash
            case .literal(let text): if isLastSlash || decoded(part) != text { return false }
            case .wildcard: if isLastSlash { return false }
            case .verb(_, let verb):
                guard index == parts.count - 1, let colon = part.utf8.lastIndex(of: UInt8(ascii: ":")),
                    colon != part.startIndex
                else { return false }
                if decoded(String(part[colon...].dropFirst())) != verb { return false }
            case .restVerb(_, let verb):
                guard let last = parts.last, let colon = last.utf8.lastIndex(of: UInt8(ascii: ":")),
                    colon != last.startIndex
                else { return false }
                return decoded(String(last[colon...].dropFirst())) == verb
            }
        }
        return pattern.segments.count == parts.count
    }

    static func matches(_ pattern: RoutePattern, host: String) -> Bool {
        guard let own = pattern.host else { return true }
        let text = String(decoding: own.bytes, as: UTF8.self)
        return own.isSuffix ? host.hasSuffix("." + text) && host.count > text.count + 1 : host == text
    }

    static func matches(_ pattern: RoutePattern, method: String) -> Bool {
        pattern.method == nil || pattern.method == method || (method == "HEAD" && pattern.method == "GET")
    }

    func winner(_ method: String, _ host: String, _ path: String) -> RoutePattern? {
        let all = patterns.filter {
            Self.matches($0, method: method) && Self.matches($0, host: host) && Self.matches($0, path: path)
        }
        return all.first { one in all.allSatisfy { $0 == one || one.compare($0) == .moreSpecific } }
    }

    /// Whether the pattern ends where the path ends.
    private func isExact(_ pattern: RoutePattern?, _ path: String) -> Bool {
        guard let pattern else { return false }
        guard case .rest? = pattern.segments.last else { return true }
        return path.hasSuffix("/") && pattern.segments.count == path.utf8.count { $0 == UInt8(ascii: "/") }
    }

    func answer(_ method: String, _ host: String, _ path: String) -> String {
        let winner = winner(method, host, path)
        if !isExact(winner, path), !path.hasSuffix("/"),
            isExact(self.winner(method, host, path + "/"), path + "/")
        {
            return "308"
        }
        if let winner { return winner.description }
        var methods: Set<String> = []
        for pattern in patterns where Self.matches(pattern, host: host) {
            for path in path.hasSuffix("/") ? [path] : [path, path + "/"] where Self.matches(pattern, path: path) {
                if let method = pattern.method { methods.insert(method) }
            }
        }
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.isEmpty ? "404" : "405 " + methods.sorted().joined(separator: ", ")
    }
}

extension String.UTF8View {
    fileprivate func count(where isCounted: (UInt8) -> Bool) -> Int { reduce(0) { $0 + (isCounted($1) ? 1 : 0) } }
}
