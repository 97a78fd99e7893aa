package import Diagnostics

/// Reads a manifest with the files that its `include` names, and those that they name in turn.
package struct Include {
    /// No manifest that is meant comes near these.
    private static let maximumDepth = 8
    private static let maximumFiles = 100
    private static let maximumSize = 16 * 1024 * 1024

    /// Maps whose entries several files may share out; any other key stands in one file.
    private static let sharedMaps = ["services", "data"]

    /// A file on the way from the manifest to the one that is read.
    private struct Open {
        let path: [String]
        let shown: String
        /// Where it is included; nil for the manifest itself.
        let place: SourceRange?
    }

    private let surroundings: Surroundings
    private var open: [Open] = []
    /// Where each file was included first.
    private var seen: [[String]: SourceRange] = [:]
    private var size = 0
    /// What came from outside.
    package private(set) var redaction = Redaction()

    package init(in surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// The manifest with what it includes; nil if there is nothing to go on with. A file that cannot be read is
    /// reported where it is named.
    package mutating func read(_ source: Source, _ findings: inout Findings) -> Node? {
        read(source, at: nil, &findings)
    }

    private mutating func read(_ source: Source, at place: SourceRange?, _ findings: inout Findings) -> Node? {
        findings.enter(source)
        guard let node = YAMLReader.read(source, in: surroundings, &findings) else { return nil }
        redaction.note(node)
        guard let entries = node.entries, let include = node["include"] else { return node }
        open.append(Open(path: Self.components(source.name), shown: source.name, place: place))
        defer { open.removeLast() }
        var whole = Merge(entries)
        for item in include.items ?? [include] {
            for path in paths(item, in: source, &findings) {
                guard let included = file(path, at: item.range, &findings) else { continue }
                whole.add(included, sharing: Self.sharedMaps, &findings)
            }
        }
        return Node(.mapping(whole.entries), at: node.range)
    }

    /// The files that an entry stands for.
    private func paths(_ item: Node, in source: Source, _ findings: inout Findings) -> [String] {
        guard let pattern = String.decode(item, &findings), let scalar = item.scalar,
            scalar.text.insertions.allSatisfy(\.isKnown), !scalar.text.bytes.contains(0)
        else { return [] }
        let path = source.resolve(pattern)
        guard pattern.utf8.contains(where: { "*?[".utf8.contains($0) }) else { return [path] }
        let matches = surroundings.matches(path)
        if matches.isEmpty {
            findings.report(
                IncludeRules.nothing, "no file matches `\(scalar.shortText)`", at: item.range,
                help: "patterns are relative to the manifest that says them")
        }
        // A pattern is content with what is there already: itself, and files that were named before it.
        return matches.filter { match in
            let path = Self.components(match)
            return seen[path] == nil && !open.contains { $0.path == path }
        }
    }

    private mutating func file(_ path: String, at place: SourceRange, _ findings: inout Findings) -> Node? {
        let components = Self.components(path)
        if let first = open.first(where: { $0.path == components }) {
            reportCycle(first, at: place, &findings)
            return nil
        }
        if let first = seen[components] {
            findings.report(
                IncludeRules.twice, "\(path) is included twice", at: place, help: "keep one of them",
                related: [Finding.Related(first, "first here")])
            return nil
        }
        seen[components] = place
        if let limit = brokenLimit {
            findings.report(IncludeRules.cycle, limit, at: place, help: "write it flatter, or in fewer files")
            return nil
        }
        do {
            let bytes = try surroundings.file(path, YAMLReader.maximumSize)
            size += bytes.count
            let source = Source(name: path, bytes: bytes)
            guard let node = read(source, at: place, &findings) else { return nil }
            if node.entries == nil { findings.wrongType(node, expected: "a map with the keys of a manifest") }
            return node
        } catch {
            findings.report(
                IncludeRules.missing, "cannot read \(path): \(error.reason)", at: place,
                help: "a path is relative to the manifest that says it")
            return nil
        }
    }

    private var brokenLimit: String? {
        if open.count > Self.maximumDepth { return "files are included more than \(Self.maximumDepth) deep" }
        if seen.count > Self.maximumFiles { return "more than \(Self.maximumFiles) files are included" }
        return size > Self.maximumSize ? "the included files have more than 16 MiB together" : nil
    }

    private func reportCycle(_ first: Open, at place: SourceRange, _ findings: inout Findings) {
        let others = open.drop { $0.path != first.path }.dropFirst()
        let way = others.isEmpty ? "" : " by way of " + others.map(\.shown).joined(separator: " and ")
        let steps = others.compactMap(\.place)
        findings.report(
            IncludeRules.cycle, "\(first.shown) includes itself\(way)", at: place, help: "leave it out",
            related: steps.map { Finding.Related($0, "included here") })
    }

    /// The parts of a path, without `.` and with `..` taken back, so that one file has one name. Links are not followed;
    /// the depth bounds what they could do.
    private static func components(_ path: String) -> [String] {
        var parts: [String] = path.utf8.first == UInt8(ascii: "/") ? ["/"] : []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != "..", last != "/" {
                parts.removeLast()
            } else {
                parts.append(String(part))
            }
        }
        return parts
    }
}

/// The entries of a manifest, and those of the files that it includes.
private struct Merge {
    private(set) var entries: [Node.Entry]
    private var places: [[UInt8]: Int] = [:]

    init(_ entries: [Node.Entry]) {
        self.entries = entries
        for (index, entry) in entries.enumerated() { places[entry.key.text.bytes] = index }
    }

    mutating func add(_ included: Node, sharing maps: [String], _ findings: inout Findings) {
        for entry in included.entries ?? [] where !entry.isExtension && entry.name != "include" {
            let index = places[entry.key.text.bytes]
            if entry.name == "radicle" {
                addVersion(entry, index, &findings)
            } else if let index {
                let old = entries[index]
                if maps.contains(entry.name) {
                    entries[index] = Self.joined(old, entry, &findings)
                } else {
                    Self.report("`\(entry.key.shortText)`", old.key, entry.key, &findings)
                }
            } else {
                places[entry.key.text.bytes] = entries.count
                entries.append(entry)
            }
        }
    }

    /// The manifest says its version itself; a file may say it too, so that it can be checked alone.
    private func addVersion(_ entry: Node.Entry, _ index: Int?, _ findings: inout Findings) {
        guard let index, let version = entries[index].value.scalar?.value, let scalar = entry.value.scalar,
            scalar.value != version
        else { return }
        findings.report(
            IncludeRules.twice, "an included file has the version of the manifest that includes it",
            at: entry.value.range, help: "leave `radicle` out here",
            related: [Finding.Related(entries[index].value.range, "the manifest's version")])
    }

    private static func joined(_ old: Node.Entry, _ new: Node.Entry, _ findings: inout Findings) -> Node.Entry {
        if old.value.isNull { return new }
        guard !new.value.isNull else { return old }
        guard let added = new.value.entries else {
            findings.wrongType(new.value, expected: "a map of names")
            return old
        }
        guard var entries = old.value.entries else { return old }
        var keys: [[UInt8]: Scalar] = [:]
        for entry in entries { keys[entry.key.text.bytes] = entry.key }
        for entry in added {
            if let first = keys[entry.key.text.bytes], !entry.isExtension {
                report("`\(entry.key.shortText)` under `\(new.name)`", first, entry.key, &findings)
            } else {
                entries.append(entry)
            }
        }
        return Node.Entry(old.key, Node(.mapping(entries), at: old.value.range))
    }

    private static func report(_ what: String, _ first: Scalar, _ second: Scalar, _ findings: inout Findings) {
        findings.report(
            IncludeRules.twice, "\(what) is defined in two files", at: second.range, label: "again here",
            help: "keep one of them", related: [Finding.Related(first.range, "first here")])
    }
}
