import Diagnostics
import Manifests
import Pipeline
import Protobuf

/// A method as a call needs it.
struct CalledMethod: Sendable {
    /// `helloworld.Greeter/SayHello`.
    let fullName: String
    let clientStreams: Bool
    let serverStreams: Bool
    /// Types of the codec's pool.
    let input: Int
    let output: Int
    /// How HTTP with JSON reaches it; nil for not at all.
    var rule: HTTPRule?
    let codec: MessageCodec

    init(_ service: ServiceDescriptor, _ method: MethodDescriptor, _ codec: MessageCodec) {
        fullName = service.fullName + "/" + method.name
        clientStreams = method.clientStreams
        serverStreams = method.serverStreams
        input = method.input
        output = method.output
        // The first: the others are for clients of before.
        rule = (try? HTTPRule.annotated(method.options).get())?.first
        self.codec = codec
    }

    /// A method that a plan serves.
    init(_ method: RPCMethod, rule: HTTPRule?) {
        fullName = method.fullName
        clientStreams = method.clientStreams
        serverStreams = method.serverStreams
        input = method.input
        output = method.output
        self.rule = rule
        codec = method.codec
    }

    var isStreaming: Bool { clientStreams || serverStreams }
}

/// What is known of services: where descriptors come from does not matter any more.
struct CallSchema: Sendable {
    let codec: MessageCodec
    /// The services that can be called, in the order in which they were told.
    let services: [String]

    /// What a name of the command line stands for.
    enum Meaning {
        case method(CalledMethod)
        /// A service, message or enum, by its full name.
        case described(String)
    }

    var pool: DescriptorPool { codec.pool }

    /// - Parameter name: `package.Service/Method`, `package.Service.Method`, or the name of anything.
    func meaning(of name: String) throws(CallMistake) -> Meaning {
        let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 2 { throw unknown(name) }
        if parts.count == 2 {
            guard let service = pool.service(named: parts[0]) else { throw unknown(name) }
            guard let method = service.methods.first(where: { $0.name.utf8.elementsEqual(parts[1].utf8) }) else {
                throw unknown(parts[1], in: service)
            }
            return .method(CalledMethod(service, method, codec))
        }
        switch pool.symbol(named: name) {
        case .method(let service, let index):
            return .method(CalledMethod(pool.services[service], pool.services[service].methods[index], codec))
        case .service, .message, .enum: return .described(name)
        default: throw unknown(name)
        }
    }

    private func unknown(_ method: String, in service: ServiceDescriptor) -> CallMistake {
        let names = service.methods.map(\.name)
        let nearest = Suggest.nearest(method, among: names)
        return CallMistake(
            "`\(service.fullName)` has no method `\(HumanRenderer.safe(method))`",
            help: nearest.map { "did you mean `\(service.fullName)/\($0)`?" }
                ?? (names.isEmpty ? "it has no methods" : "it has " + names.map { "`\($0)`" }.joined(separator: ", ")))
    }

    func unknown(_ name: String) -> CallMistake { Self.unknown(name, among: services, methods: methods) }

    /// `Service/Method` of all services that can be called.
    var methods: [String] {
        services.flatMap { name in pool.service(named: name)?.methods.map { "\(name)/\($0.name)" } ?? [] }
    }

    static func unknown(_ name: String, among services: [String], methods: [String] = []) -> CallMistake {
        let hasMethod = name.contains("/")
        let service = name.split(separator: "/").first.map(String.init) ?? name
        let method = hasMethod ? "/" + (name.split(separator: "/").dropFirst().first ?? "") : ""
        func ends(_ candidate: String) -> Bool { candidate.lowercased().hasSuffix("." + service.lowercased()) }
        // A name without its package is the usual mistake; then a method without its service.
        let nearest =
            services.first(where: ends).map { $0 + method }
            ?? Suggest.nearest(service, among: services).map { $0 + method }
            ?? methods.first { !hasMethod && $0.lowercased().hasSuffix("/" + name.lowercased()) }
        let shown = HumanRenderer.safe(name)
        return CallMistake(
            hasMethod ? "there is no service `\(HumanRenderer.safe(service))`" : "there is no `\(shown)`",
            help: nearest.map { "did you mean `\($0)`?" }
                ?? (services.isEmpty ? nil : "there is " + services.map { "`\($0)`" }.joined(separator: ", ")))
    }
}

extension CallSchema {
    /// What `.proto` files and descriptor sets say.
    ///
    /// - Parameters:
    ///   - files: as they were given on the command line.
    ///   - roots: the folders that imports start from; without any, those of the files.
    /// - Returns: nil where there are errors, which have been reported.
    static func files(
        _ files: [String], roots: [String], in surroundings: Surroundings, _ findings: inout Findings
    ) -> CallSchema? {
        let limit = 256 << 20
        let entries = files.map { path in
            let source = Source(name: "--proto", bytes: Array(path.utf8))
            return ProtoFiles.Entry(path, at: SourceRange(source, 0, source.bytes.count))
        }
        let pool = ProtoFiles.compile(
            entries, roots: roots,
            read: { path in
                do throws(Surroundings.Unreadable) {
                    return .bytes(try surroundings.file(path, limit))
                } catch {
                    return error.isMissing ? .missing : .failed(error.reason)
                }
            }, &findings)
        return pool.map { CallSchema(codec: MessageCodec($0), services: $0.services.map(\.fullName)) }
    }
}
