extension RoutePattern {
    /// How a pattern stands to one request by itself. Which of several that take it wins is the router's to say.
    package struct Fit: Sendable, Equatable {
        package let takesHost: Bool
        package let takesMethod: Bool
        package let path: PathFit

        package var takesAll: Bool { takesHost && takesMethod && path == .takes }
    }

    /// Where a pattern and a path part; segments count from 0.
    package enum PathFit: Sendable, Equatable {
        case takes
        /// It would with a slash behind the path.
        case lacksSlash
        /// This segment of the path is another one than the pattern's; where the pattern's takes several, one of these.
        case differs(at: Int)
        /// The path ends before this segment of the pattern.
        case ends(before: Int)
        /// The pattern ends before this segment of the path, which may be the empty one behind a last slash.
        case goesOn(at: Int)

        /// How many segments agree.
        package var agreeing: Int {
            switch self {
            case .takes, .lacksSlash: .max
            case .differs(let place), .ends(let place), .goesOn(let place): place
            }
        }
    }

    /// - Parameters:
    ///   - host: as `RouteHost.name(of:)` gives it.
    ///   - path: from its first slash on, its escapes kept, without empty and dot segments.
    package func fit(method: [UInt8], host: [UInt8], path: [UInt8]) -> Fit {
        Fit(takesHost: self.host?.takes(host) ?? true, takesMethod: takes(method: method), path: fit(path: path))
    }

    private func takes(method: [UInt8]) -> Bool {
        guard let own = self.method else { return true }
        return method.elementsEqual(own.utf8) || (own == "GET" && method.elementsEqual("HEAD".utf8))
    }

    private func fit(path: [UInt8]) -> PathFit {
        let parts = Self.parts(of: path)
        for (place, segment) in segments.enumerated() {
            guard place < parts.count else {
                switch segment {
                // Only what may be empty is there once the slash is.
                case .rest, .end: return .lacksSlash
                case .literal, .wildcard, .verb, .restVerb: return .ends(before: place)
                }
            }
            let part = parts[place]
            let isLast = place == parts.count - 1
            let isLastSlash = isLast && part.isEmpty
            switch segment {
            case .rest: return .takes
            case .end: return isLastSlash ? .takes : .goesOn(at: place)
            case .literal, .wildcard, .verb, .restVerb: if isLastSlash { return .ends(before: place) }
            }
            switch segment {
            case .literal(let text): if Self.decoded(part) != text { return .differs(at: place) }
            case .verb(_, let verb):
                guard isLast else { return .goesOn(at: place + 1) }
                if !Self.ends(part, in: verb) { return .differs(at: place) }
            case .restVerb(_, let verb):
                return Self.ends(parts[parts.count - 1], in: verb) ? .takes : .differs(at: place)
            case .wildcard, .rest, .end: break
            }
        }
        return parts.count > segments.count ? .goesOn(at: segments.count) : .takes
    }

    /// Whether a segment is something, a colon, then the verb. An escaped colon is part of a name.
    private static func ends(_ part: ArraySlice<UInt8>, in verb: [UInt8]) -> Bool {
        guard let colon = part.lastIndex(of: UInt8(ascii: ":")), colon > part.startIndex else { return false }
        return decoded(part[(colon + 1)...]) == verb
    }

    /// The segments of a path that starts with a slash, escapes kept; the last is empty where it ends in one.
    package static func parts(of path: [UInt8]) -> [ArraySlice<UInt8>] {
        path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8] {
        guard part.contains(UInt8(ascii: "%")) else { return Array(part) }
        return Array(unsafeUninitializedCapacity: part.count) { out, count in
            guard let start = out.baseAddress else { return }
            count = part.withUnsafeBufferPointer { PathEscapes.decode($0, into: start) }
        }
    }
}

extension RouteHost {
    func takes(_ name: [UInt8]) -> Bool {
        guard isSuffix else { return name == bytes }
        let labels = name.count - bytes.count
        return labels >= 2 && name[labels - 1] == UInt8(ascii: ".") && name[labels...].elementsEqual(bytes)
    }
}

extension RoutePattern {
    /// Why one pattern wins over another that takes the same request: the first thing in which it says more.
    package enum Advantage: Sendable, Equatable {
        case host
        /// This segment, from 0.
        case segment(Int)
        case method
    }

    /// Nil if this one does not win.
    package func advantage(over other: RoutePattern) -> Advantage? {
        guard case .moreSpecific = compare(other) else { return nil }
        if host != other.host { return .host }
        for (place, (own, theirs)) in zip(segments, other.segments).enumerated() {
            // What takes paths of any length is wider than what starts at the same place and does not.
            let isShorter = theirs.restVerb != nil && own.restVerb == nil
            if isShorter || own.compare(theirs) == .moreSpecific { return .segment(place) }
        }
        return .method
    }
}
