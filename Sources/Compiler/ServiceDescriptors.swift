import Catalog
import Diagnostics
import Manifests
import Pipeline
import Protobuf

/// What the `.proto` files of a manifest say of its services; files that several name are compiled once.
struct ServiceDescriptors {
    private let surroundings: Surroundings
    private var types: [[[UInt8]]: DescriptorTypes?] = [:]

    /// No descriptor set is larger.
    private static let maximumSize = 256 << 20

    init(in surroundings: Surroundings) { self.surroundings = surroundings }

    /// The methods of a service, in the order of the file; nil if they are not known, which has been told then.
    mutating func methods(of section: ServiceSection, _ findings: inout Findings) -> [RPCMethod]? {
        guard let source = section.proto else { return nil }
        let types: DescriptorTypes?
        if let known = self.types[source.paths] {
            types = known
        } else {
            types = compile(source, &findings).map { DescriptorTypes(MessageCodec($0), container: "") }
            self.types[source.paths] = .some(types)
        }
        guard let types, let name = section.grpc else { return nil }
        let pool = types.codec.pool
        guard let service = service(name, pool, &findings) else { return nil }
        let seen = types.seen(from: pool.files[service.file].package)
        let methods = service.methods.map { RPCMethod(service: service, $0, seen) }
        for entry in section.methods.entries { check(entry.key, methods, service, &findings) }
        return methods
    }

    /// With roots, a file lies beside the manifest or else below one of them.
    private func compile(_ source: ProtoSource, _ findings: inout Findings) -> DescriptorPool? {
        let roots = source.roots.map(\.value.path)
        var beside: [ProtoPath: ProtoRead] = [:]
        let entries = source.files.compactMap { file -> ProtoFiles.Entry? in
            guard let range = file.range else { return nil }
            let path = file.value.path
            if roots.isEmpty { return ProtoFiles.Entry(path, at: range) }
            let found = read(path)
            if case .missing = found { return ProtoFiles.Entry(file.value.asWritten, at: range) }
            beside[ProtoPath(path)] = found
            return ProtoFiles.Entry(path, at: range)
        }
        guard !entries.isEmpty else { return nil }
        return ProtoFiles.compile(entries, roots: roots, read: { beside[ProtoPath($0)] ?? read($0) }, &findings)
    }

    private func read(_ path: String) -> ProtoRead {
        do {
            return .bytes(try surroundings.file(path, Self.maximumSize))
        } catch {
            return error.isMissing ? .missing : .failed(error.reason)
        }
    }

    private func service(
        _ name: Placed<String>, _ pool: DescriptorPool, _ findings: inout Findings
    ) -> ServiceDescriptor? {
        if let service = pool.service(named: name.value) { return service }
        guard let range = name.range else { return nil }
        let names = pool.services.map(\.fullName)
        let nearest =
            Suggest.nearest(name.value, among: names)
            // The name alone, without its package.
            ?? names.first { $0.hasSuffix("." + name.value) }
        findings.report(
            ServiceRules.unknownService, "no file describes a service `\(name.value)`", at: range,
            help: nearest.map { "did you mean `\($0)`?" }
                ?? (names.isEmpty
                    ? "the files have no services" : "they have " + names.map { "`\($0)`" }.joined(separator: ", ")),
            suggestion: nearest)
        return nil
    }

    private func check(
        _ key: PlacedText, _ methods: [RPCMethod], _ service: ServiceDescriptor, _ findings: inout Findings
    ) {
        guard !methods.contains(where: { key.bytes.elementsEqual($0.name.utf8) }) else { return }
        let names = methods.map(\.name)
        let nearest = Suggest.nearest(key.string, among: names)
        findings.report(
            ServiceRules.unknownMethod, "`\(service.fullName)` has no method `\(key.string)`", at: key.whole,
            help: nearest.map { "did you mean `\($0)`?" }
                ?? (names.isEmpty
                    ? "it has no methods" : "it has " + names.map { "`\($0)`" }.joined(separator: ", ")),
            suggestion: nearest,
            related: [Finding.Related(service.place, "the service is here")])
    }
}
