import Diagnostics

/// Reads files and what they import, each once, those that are imported before those that import them.
struct ProtoLoader {
    /// A file whose imports are being loaded.
    private struct Open {
        var syntax: FileSyntax
        var next = 0
        let isNamed: Bool
    }

    private let roots: [String]
    private let read: (String) -> ProtoRead
    private(set) var files: [FileSyntax] = []
    private(set) var named: Set<Int> = []
    private(set) var found: [Finding] = []
    private var indexes: [ProtoPath: Int] = [:]
    private var open: [Open] = []
    private var fromSets: [ProtoPath: FileSyntax] = [:]
    private var size = 0
    private var errors = 0

    init(roots: [String], entries: [String], read: @escaping (String) -> ProtoRead) {
        var unique: [String] = []
        for root in (roots.isEmpty ? entries.map(ProtoPaths.folder) : roots).map(ProtoPaths.tidy)
        where !unique.contains(where: { ProtoPath($0) == ProtoPath(root) }) {
            unique.append(root)
        }
        self.roots = unique
        self.read = read
    }

    var hasErrors: Bool { errors > 0 }

    private mutating func report(_ finding: Finding) {
        // Warnings must not crowd errors out: what has one is refused.
        let isError = finding.level == .error
        guard isError ? errors < Linker.maximumFindings : found.count - errors < Linker.maximumFindings else { return }
        if isError { errors += 1 }
        found.append(finding)
    }

    // MARK: Entries

    mutating func load(_ entry: ProtoFiles.Entry) {
        let path = ProtoPaths.tidy(entry.path)
        let direct = roots.lazy.compactMap { ProtoPaths.relative(path, to: $0) }.first
        var candidates: [(place: String, name: String?)] = []
        func add(_ place: String, _ name: String?) {
            if !candidates.contains(where: { ProtoPath($0.place) == ProtoPath(place) }) {
                candidates.append((place, name))
            }
        }
        if let direct { add(path, direct) }
        for root in roots { add(ProtoPaths.join(root, path), path) }
        add(path, nil)
        var outcome = ProtoRead.missing
        var (place, name) = (path, direct)
        for candidate in candidates {
            outcome = read(candidate.place)
            (place, name) = candidate
            if case .missing = outcome { continue }
            break
        }
        let tried = candidates.map(\.place)
        switch outcome {
        case .missing:
            report(
                Finding(
                    ProtoRules.unreadable, "there is no file `\(entry.path)`", at: entry.place,
                    help: "looked for " + tried.prefix(10).map { "`\($0)`" }.joined(separator: ", ")))
        case .failed(let why):
            report(Finding(ProtoRules.unreadable, "cannot read `\(place)`: \(why)", at: entry.place))
        case .bytes(let bytes):
            load(bytes, name.map { ProtoPath($0) }, place, entry)
        }
    }

    private mutating func load(_ bytes: [UInt8], _ name: ProtoPath?, _ place: String, _ entry: ProtoFiles.Entry) {
        guard admit(bytes, place, at: entry.place) else { return }
        if DescriptorSetReader.accepts(bytes) {
            loadSet(bytes, place)
            return
        }
        guard let name else {
            report(
                Finding(
                    ProtoRules.unreadable, "`\(entry.path)` is in none of the roots", at: entry.place,
                    help: "others import a file by its path from a root; the roots are "
                        + roots.prefix(10).map { $0.isEmpty ? "`.`" : "`\($0)`" }.joined(separator: ", ")))
            return
        }
        if let index = indexes[name] {
            named.insert(index)
            return
        }
        start(parse(bytes, name, place), isNamed: true)
        finishOpen()
    }

    mutating func loadBuiltIn(_ path: ProtoPath) {
        guard let file = builtIn(path) else { return }
        start(file, isNamed: false)
        finishOpen()
    }

    private mutating func loadSet(_ bytes: [UInt8], _ place: String) {
        let reader = DescriptorSetReader(bytes, name: place)
        for finding in reader.found { report(finding) }
        for file in reader.files where fromSets[file.path] == nil { fromSets[file.path] = file }
        for file in reader.files where indexes[file.path] == nil {
            start(file, isNamed: true)
            finishOpen()
        }
    }

    /// False, with a report, if the bytes are too many.
    private mutating func admit(_ bytes: [UInt8], _ place: String, at range: SourceRange) -> Bool {
        size += bytes.count
        // A descriptor set is many files in one.
        let limit = DescriptorSetReader.accepts(bytes) ? ProtoFiles.maximumTotalSize : ProtoFiles.maximumFileSize
        if bytes.count > limit {
            report(Finding(ProtoRules.limit, "`\(place)` has more than \(limit >> 20) MiB", at: range))
            return false
        }
        if size > ProtoFiles.maximumTotalSize {
            report(
                Finding(
                    ProtoRules.limit, "all files together have more than \(ProtoFiles.maximumTotalSize >> 20) MiB",
                    at: range))
            return false
        }
        if files.count + open.count >= ProtoFiles.maximumFiles {
            report(Finding(ProtoRules.limit, "there are more than \(ProtoFiles.maximumFiles) files", at: range))
            return false
        }
        return true
    }

    // MARK: Files

    private mutating func parse(_ bytes: [UInt8], _ name: ProtoPath, _ place: String) -> FileSyntax {
        let source = Source(name: place, bytes: bytes)
        if let at = UTF8Check.firstInvalid(bytes) {
            report(
                Finding(
                    ProtoRules.unreadable, "the file is not UTF-8", at: SourceRange(source, at, at + 1),
                    label: "this byte starts no sign"))
        }
        if let at = bytes.firstIndex(of: 0) {
            report(
                Finding(
                    ProtoRules.unreadable, "the file is not text: it has a NUL in it",
                    at: SourceRange(source, at, at + 1)))
            var file = FileSyntax(source: source, path: name)
            file.isBroken = true
            return file
        }
        var parser = Parser(source, path: name)
        parser.run()
        for problem in parser.problems {
            report(
                Finding(
                    problem.rule, problem.message, at: problem.span.within(source), label: problem.label,
                    help: problem.help, suggestion: problem.suggestion))
        }
        if !parser.namesSyntax, parser.problems.isEmpty {
            report(
                Finding(
                    ProtoRules.missingSyntax, "the file does not say which syntax it has, and is read as proto2",
                    at: SourceRange(source, 0, 0),
                    help: "start it with `syntax = \"proto2\";` or `syntax = \"proto3\";`"))
        }
        return parser.file
    }

    private mutating func start(_ file: FileSyntax, isNamed: Bool) {
        open.append(Open(syntax: file, isNamed: isNamed))
    }

    /// Not by recursion: a chain of imports can be as long as there are files.
    private mutating func finishOpen() {
        while let top = open.last {
            if top.next < top.syntax.imports.count {
                open[open.count - 1].next += 1
                follow(top.syntax, top.next)
            } else {
                open.removeLast()
                close(top)
            }
        }
    }

    private mutating func close(_ top: Open) {
        var file = top.syntax
        for index in file.imports.indices where file.imports[index].file == nil {
            file.imports[index].file = indexes[file.imports[index].path]
            if file.imports[index].file == nil { file.isBroken = true }
        }
        indexes[file.path] = files.count
        if top.isNamed { named.insert(files.count) }
        files.append(file)
    }

    // MARK: Imports

    private mutating func follow(_ file: FileSyntax, _ position: Int) {
        let link = file.imports[position]
        let range = link.span.within(file.source)
        let prefix = file.isEncoded ? "\(file.path.text): " : ""
        if let first = file.imports.prefix(position).first(where: { $0.path == link.path }) {
            report(
                Finding(
                    ProtoRules.imports, prefix + "`\(link.path.text)` is imported twice", at: range,
                    related: file.isEncoded
                        ? [] : [Finding.Related(first.span.within(file.source), "imported here first")]))
            return
        }
        if indexes[link.path] != nil { return }
        if let start = open.firstIndex(where: { $0.syntax.path == link.path }) {
            let names = open[start...].prefix(20).map(\.syntax.path.text) + [link.path.text]
            report(
                Finding(
                    ProtoRules.imports,
                    prefix
                        + (names.count == 2
                            ? "the file imports itself"
                            : "the imports go in a circle: " + names.joined(separator: " → ")),
                    at: range))
            return
        }
        if let wrong = ProtoPaths.wrongPart(of: link.path) {
            report(
                Finding(
                    ProtoRules.imports, prefix + "an import is a plain path from a root, without \(wrong)", at: range))
            return
        }
        if let next = find(link.path, range, prefix, isWeak: link.kind == .weak) { start(next, isNamed: false) }
    }

    private mutating func find(
        _ path: ProtoPath, _ range: SourceRange, _ prefix: String, isWeak: Bool
    ) -> FileSyntax? {
        let name = path.text
        for root in roots {
            let place = ProtoPaths.join(root, name)
            switch read(place) {
            case .bytes(let bytes): return admit(bytes, place, at: range) ? parse(bytes, path, place) : nil
            case .failed(let why):
                report(Finding(ProtoRules.imports, prefix + "cannot read `\(place)`: \(why)", at: range))
                return nil
            case .missing: break
            }
        }
        if let file = fromSets[path] ?? builtIn(path) { return file }
        let near = Suggest.nearest(name, among: BuiltInProtoFiles.paths)
        let places = roots.prefix(10).map { "`\(ProtoPaths.join($0, name))`" } + (roots.count > 10 ? ["…"] : [])
        report(
            Finding(
                ProtoRules.imports, prefix + "there is no file `\(name)` to import", at: range,
                help: (near.map { "did you mean `\($0)`? " } ?? "")
                    + "looked for " + (places + ["the files that are built in"]).joined(separator: ", ")))
        return nil
    }

    private func builtIn(_ path: ProtoPath) -> FileSyntax? {
        guard let text = BuiltInProtoFiles.text(path) else { return nil }
        let source = Source(name: "\(path.text) (built in)", bytes: text)
        var parser = Parser(source, path: path)
        parser.run()
        return parser.file
    }
}
