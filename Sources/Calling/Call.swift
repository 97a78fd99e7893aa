import Catalog
package import Compiler
import Diagnostics
import JSON
package import Manifests
import NIOPosix
import Pipeline
import Protobuf

/// `radicled call`: a method of a server or of a manifest, called from the command line.
package struct Call {
    package struct Options {
        package var target: CallTarget
        /// What is called or described; nil lists what there is.
        package var name: String?
        package var input: CallInput?
        package var speech = CallProtocol.grpc
        /// `name: value`.
        package var headers: [String] = []
        /// In nanoseconds.
        package var timeout: Int64?
        package var protos: [String] = []
        package var importPaths: [String] = []
        package var authority: String?
        package var tls: CallTLS?

        package init(target: CallTarget) { self.target = target }
    }

    private let options: Options
    private let output: CallOutput
    private let surroundings: Surroundings
    private let wire: any Wire
    private let settings: CallSettings
    private let server: String
    private let rules: ManifestRules

    /// - Parameters:
    ///   - compilation: of the manifest, where that is the target.
    ///   - surroundings: where `.proto` files are read.
    package init(
        _ options: Options, compilation: Compilation?, in surroundings: Surroundings, _ output: CallOutput
    ) throws(CallMistake) {
        self.options = options
        self.output = output
        rules = ManifestRules(compilation?.manifest)
        self.surroundings = surroundings
        var settings = CallSettings(
            metadata: try CallMetadata.read(options.headers), timeout: options.timeout,
            agent: "radicled/\(Release.version)")
        switch options.target {
        case .server(let peer):
            wire = NetworkWire(peer, authority: options.authority, tls: options.tls)
            settings.prefix = peer.prefix
            server = peer.text
        case .manifest(let path):
            guard let plan = compilation?.plan, let manifest = compilation?.manifest else {
                throw CallMistake("\(path) has mistakes")
            }
            wire = InProcessWire(
                plan: plan, limits: manifest.limits.connectionLimits(openFiles: 1024),
                authority: options.authority ?? "localhost")
            server = path
        }
        self.settings = settings
    }

    /// Does what is asked for.
    ///
    /// - Returns: what the program exits with: 0, or 1 for a call that failed.
    package func run() throws(CallMistake) -> Int32 {
        let pool = NIOThreadPool(numberOfThreads: 2)
        let interrupts = Interrupts(on: pool)
        guard let name = options.name else {
            let schema = try whole()
            _ = output.answer(output.format == .json ? MethodList.json(schema) : MethodList.table(schema))
            return 0
        }
        let schema = try self.schema(for: name)
        switch try schema.meaning(of: name) {
        case .described(let name):
            if options.input != nil {
                throw CallMistake("`\(name)` is no method", help: "write \(name)/METHOD")
            }
            _ = output.answer(ProtoText.text(of: name, schema.pool))
            return 0
        case .method(let found):
            let method = rules.applied(to: found)
            var report = CallReport(output, method)
            let run = CallRun(
                wire: wire, settings: settings, method: method, server: server, pool: pool, interrupts: interrupts)
            return try run.run(options.speech, options.input, &report)
        }
    }

    // MARK: Descriptors

    private var reflection: Reflection { Reflection(wire, reflectionSettings, server: server) }

    private var reflectionSettings: CallSettings {
        var settings = settings
        settings.timeout = nil
        return settings
    }

    /// All that there is.
    private func whole() throws(CallMistake) -> CallSchema {
        if let files = try files() { return files }
        var reflection = reflection
        let services = try reflection.services()
        do throws(CallMistake) {
            if let schema = try reflection.schema(of: services, services: services) { return schema }
        } catch {
            // The names alone are better than nothing.
            output.note("radicled: \(error)\n")
        }
        return CallSchema(codec: MessageCodec(ProtoFiles.builtIn([])), services: services)
    }

    /// Enough for one name.
    private func schema(for name: String) throws(CallMistake) -> CallSchema {
        if let files = try files() { return files }
        var reflection = reflection
        let bare = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let symbol = bare.split(separator: "/").first.map(String.init) ?? bare
        if let schema = try reflection.schema(of: [symbol], services: []) { return schema }
        let services = try reflection.services()
        let all = try? reflection.schema(of: services, services: services)
        throw CallSchema.unknown(bare, among: services, methods: all?.methods ?? [])
    }

    private func files() throws(CallMistake) -> CallSchema? {
        if options.protos.isEmpty { return nil }
        var findings = Findings()
        if let schema = CallSchema.files(
            options.protos, roots: options.importPaths, in: surroundings, &findings)
        {
            return schema
        }
        let ordered = findings.ordered()
        var out = ByteWriter(capacity: 4096)
        HumanRenderer(inColour: output.inColour).render(ordered, to: &out)
        output.note(String(decoding: out.bytes, as: UTF8.self))
        throw CallMistake("the files of --proto: \(HumanRenderer.summary(ordered))")
    }
}

/// Headers as they are written on a command line.
enum CallMetadata {
    static func read(_ headers: [String]) throws(CallMistake) -> CallFields {
        var fields: CallFields = []
        for header in headers {
            guard let colon = header.firstIndex(of: ":") else {
                throw CallMistake("--header `\(HumanRenderer.safe(header))` is not `name: value`")
            }
            let name = header[..<colon].lowercased()
            let value = String(header[header.index(after: colon)...].drop { $0 == " " })
            guard !name.isEmpty,
                name.utf8.allSatisfy({
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "-_.!#$%&'*+^`|~".utf8.contains($0)
                })
            else { throw CallMistake("`\(HumanRenderer.safe(name))` is no name of a header") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw CallMistake("the value of --header `\(name)` has control characters")
            }
            if name.hasSuffix("-bin"), case .failure = Base64.decode(Array(value.utf8)) {
                throw CallMistake("the value of --header `\(name)` is to be base64")
            }
            fields.append((name, value))
        }
        return fields
    }
}
