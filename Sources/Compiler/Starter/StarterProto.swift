package import Diagnostics
package import Manifests
import Protobuf

/// A `.proto` file to start a manifest from, compiled, with the services that are meant.
package struct StarterProto: Sendable {
    /// Why there is none.
    package enum Refusal: Error {
        case unreadable(String)
        /// What is wrong with the file, or with what it imports.
        case mistakes([Finding])
        /// There are no services, or none of a name.
        case services(message: String, help: String?)
    }

    /// The folders that imports start from; none where that is the file's own.
    package let roots: [String]
    private let path: String
    private let pool: DescriptorPool
    private let services: [ServiceDescriptor]

    /// - Parameters:
    ///   - roots: as `--import-path` says them. Without any, and where the file's own folder will not do, the folders above
    ///     it are tried: an import starts at one of them.
    ///   - names: the services that are meant, with their packages or without; all of the file, if there are none.
    package init(
        _ path: String, roots: [String], services names: [String], in surroundings: Surroundings
    ) throws(Refusal) {
        let files = Files(surroundings)
        let (path, roots) = (Self.tidy(path), roots.map(Self.tidy))
        if case .failed(let why) = files.read(path) { throw .unreadable("cannot read \(path): \(why)") }
        let (pool, used) = try Self.compile(path, roots, files)
        self.path = path
        self.roots = used
        self.pool = pool
        services = try Self.services(names, path, pool)
    }

    /// How many methods there are, of which services.
    package var summary: String {
        let count = services.reduce(0) { $0 + $1.methods.count }
        let names =
            services.count <= 3 ? services.map(\.fullName).joined(separator: ", ") : "\(services.count) services"
        return "\(count) method\(count == 1 ? "" : "s") of \(names)"
    }

    /// - Parameters:
    ///   - proto: the file, from where the manifest will be.
    ///   - roots: `roots`, likewise.
    ///   - file: what the manifest will be called, as a shell takes it.
    package func manifest(proto: String, roots: [String], file: String) -> String {
        StarterManifest.methods(of: services, in: pool, proto: proto, roots: roots, file: file)
    }

    // MARK: Files

    private struct Files {
        let surroundings: Surroundings
        /// No descriptor set is larger.
        private static let maximumSize = 256 << 20

        init(_ surroundings: Surroundings) { self.surroundings = surroundings }

        func read(_ path: String) -> ProtoRead {
            do {
                return .bytes(try surroundings.file(path, Self.maximumSize))
            } catch {
                return error.isMissing ? .missing : .failed(error.reason)
            }
        }
    }

    private static func compile(
        _ path: String, _ roots: [String], _ files: Files
    ) throws(Refusal) -> (DescriptorPool, [String]) {
        if case .missing = files.read(path) { throw .unreadable("cannot read \(path): there is no such file") }
        let folder = folder(of: path)
        let isInRoot = roots.contains { isBelow(path, $0) }
        let first = roots.isEmpty || isInRoot ? roots : [folder] + roots
        switch attempt(path, first, files) {
        case .success(let pool): return (pool, first)
        case .failure(let mistakes):
            // The folder that the package's own path starts in.
            if roots.isEmpty {
                for root in foldersAbove(folder) {
                    if case .success(let pool) = attempt(path, [root], files) { return (pool, [root]) }
                }
            }
            throw .mistakes(mistakes.findings)
        }
    }

    private struct Mistakes: Error {
        let findings: [Finding]
    }

    private static func attempt(_ path: String, _ roots: [String], _ files: Files) -> Result<DescriptorPool, Mistakes> {
        let line = Source(name: "--proto", text: path)
        let entry = ProtoFiles.Entry(path, at: SourceRange(line, 0, line.bytes.count))
        var findings = Findings()
        guard let pool = ProtoFiles.compile([entry], roots: roots, read: files.read, &findings) else {
            return .failure(Mistakes(findings: findings.ordered().filter { $0.level == .error }))
        }
        return .success(pool)
    }

    /// Without a `./` in front or a slash behind, as findings name it.
    private static func tidy(_ path: String) -> String {
        var bytes = Array(path.utf8)[...]
        while bytes.starts(with: "./".utf8) { bytes = bytes.dropFirst(2).drop { $0 == UInt8(ascii: "/") } }
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return bytes.isEmpty ? "." : String(decoding: bytes, as: UTF8.self)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// From the nearest: of `a/b` these are `a` and `.`.
    private static func foldersAbove(_ folder: String) -> [String] {
        var folders: [String] = []
        var folder = folder
        while folder != ".", folder != "/", folders.count < 32 {
            folder = self.folder(of: folder)
            folders.append(folder)
        }
        return folders
    }

    private static func isBelow(_ path: String, _ root: String) -> Bool {
        if root == "." { return !path.hasPrefix("/") && !path.hasPrefix("../") }
        return path.utf8.starts(with: root.hasSuffix("/") ? Array(root.utf8) : Array(root.utf8) + [UInt8(ascii: "/")])
    }

    // MARK: Services

    private static func services(
        _ names: [String], _ path: String, _ pool: DescriptorPool
    ) throws(Refusal) -> [ServiceDescriptor] {
        let own = pool.services.filter { $0.place.source.name.utf8.elementsEqual(path.utf8) }
        guard !names.isEmpty else {
            if own.isEmpty {
                let imported = pool.services.map { "`\($0.fullName)`" }
                throw .services(
                    message: "\(path) describes no services",
                    help: imported.isEmpty
                        ? "name the file that has `service …` in it"
                        : "what it imports has \(imported.joined(separator: ", ")): name one with --service")
            }
            return own
        }
        var found: [ServiceDescriptor] = []
        for name in names {
            let service = try service(name, own, path, pool)
            if !found.contains(where: { $0.fullName == service.fullName }) { found.append(service) }
        }
        return found
    }

    /// By its full name or, among those of the file, by the last part of it.
    private static func service(
        _ name: String, _ own: [ServiceDescriptor], _ path: String, _ pool: DescriptorPool
    ) throws(Refusal) -> ServiceDescriptor {
        if let service = pool.service(named: name) { return service }
        let short = own.filter { $0.name.utf8.elementsEqual(name.utf8) }
        if short.count == 1, let service = short.first { return service }
        let names = pool.services.map(\.fullName)
        let nearest =
            Suggest.nearest(name, among: names + own.map(\.name))
            ?? names.first { $0.hasSuffix("." + name) }
        let known = names.isEmpty ? "it has no services" : "it has " + names.map { "`\($0)`" }.joined(separator: ", ")
        throw .services(
            message: "\(path) describes no service `\(name)`", help: nearest.map { "did you mean `\($0)`?" } ?? known)
    }
}
