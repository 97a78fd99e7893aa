import Diagnostics
import JSON
import Pipeline
import Protobuf

/// Asks a server what it has (grpc.reflection.v1, and v1alpha where that is not there).
struct Reflection {
    private static let patience: Int64 = 10_000_000_000
    /// All of googleapis is some 6000 files.
    private static let most = 20_000

    private let wire: any Wire
    private let settings: CallSettings
    /// Who asks, in words.
    private let server: String
    private let codec = MessageCodec(
        ProtoFiles.builtIn([
            "grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto",
            "google/protobuf/descriptor.proto",
        ]))
    private var version = "v1"

    init(_ wire: any Wire, _ settings: CallSettings, server: String) {
        self.wire = wire
        self.settings = settings
        self.server = server
    }

    /// Requests by the numbers of their fields.
    private enum Question {
        case file(named: String)
        case fileContaining(String)
        case services

        var field: (Int32, String) {
            switch self {
            case .file(let name): (3, name)
            case .fileContaining(let symbol): (4, symbol)
            case .services: (7, "*")
            }
        }
    }

    // MARK: What is asked

    mutating func services() throws(CallMistake) -> [String] {
        guard let answer = try ask([.services]).first, case .message(let list) = answer[6],
            case .list(let items) = list[1]
        else { return [] }
        return items.compactMap { item in
            guard case .message(let service) = item else { return nil }
            return Self.text(service[1])
        }
    }

    /// The files that declare these, and all that they import; nil where the server knows none of them.
    mutating func schema(of symbols: [String], services: [String]) throws(CallMistake) -> CallSchema? {
        var files = FoundFiles(codec)
        var questions = symbols.map { Question.fileContaining($0) }
        while !questions.isEmpty, files.count < Self.most {
            for (question, answer) in zip(questions, try ask(questions)) {
                if case .message(let found) = answer[4], case .list(let items) = found[1] {
                    for case .bytes(let bytes) in items { files.add(bytes) }
                } else if case .file(let name) = question {
                    files.addMissing(name)
                }
            }
            questions = files.wanted().map { .file(named: $0) }
        }
        guard !files.isEmpty else { return nil }
        return CallSchema(codec: MessageCodec(try files.pool(of: server)), services: services)
    }

    // MARK: Asking

    /// An answer for each question, in their order: one stream, sent whole.
    private mutating func ask(_ questions: [Question]) throws(CallMistake) -> [Message] {
        let (answers, end) = try asked(questions)
        if end.code == .unimplemented, answers.isEmpty, version == "v1" {
            version = "v1alpha"
            return try ask(questions)
        }
        guard end.code == .ok || answers.count == questions.count else {
            let isMissing = end.code == .unimplemented
            throw CallMistake(
                isMissing
                    ? "\(server) has no reflection, so its methods are not known"
                    : "\(server) does not answer by reflection: \(end.code.name): \(HumanRenderer.safe(end.message))",
                help: "name the .proto files with --proto")
        }
        return answers
    }

    private func asked(_ questions: [Question]) throws(CallMistake) -> ([Message], CallEnd) {
        let service = "grpc.reflection.\(version).ServerReflection"
        guard let descriptor = codec.pool.service(named: service), let first = descriptor.methods.first else {
            throw CallMistake("reflection is not known")
        }
        let method = CalledMethod(descriptor, first, codec)
        var dialect = GRPCDialect(isWeb: false)
        var request = dialect.request(method, nil, settings)
        request.body = .whole(
            questions.flatMap { question in
                var message = Message(type: method.input)
                let (number, text) = question.field
                message[number] = .string(Array(text.utf8))
                return dialect.encoded(message, method)
            })
        let events = CallEvents()
        defer { events.close() }
        let stream = wire.open(request, events)
        let deadline = CallClock.time(in: Self.patience)
        var answers: [Message] = []
        while true {
            guard let event = events.next(until: deadline) else {
                stream.cancel()
                throw CallMistake("\(server) does not answer by reflection within 10 s")
            }
            guard case .wire(let part) = event else { continue }
            if case .failed(let failure) = part, failure.kind == .unreachable {
                throw CallMistake("cannot reach \(server): \(failure.reason)")
            }
            for reply in dialect.read(part) {
                switch reply {
                case .message(.binary(let bytes)):
                    guard case .success(let message) = codec.decode(bytes, as: method.output) else {
                        throw CallMistake("\(server) answers by reflection what is no such message")
                    }
                    answers.append(message)
                case .end(let end): return (answers, end)
                default: break
                }
            }
        }
    }

    fileprivate static func text(_ value: FieldValue?) -> String? {
        guard case .string(let bytes) = value else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The files that a server has told of, on their way to a pool.
private struct FoundFiles {
    private let codec: MessageCodec
    private var order: [String] = []
    private var files: [String: (bytes: [UInt8], imports: [String])] = [:]
    /// Asked for already, told or not.
    private var known: Set<String> = []

    init(_ codec: MessageCodec) { self.codec = codec }

    var isEmpty: Bool { order.isEmpty }
    var count: Int { order.count }

    mutating func add(_ bytes: [UInt8]) {
        guard let type = codec.pool.messageIndex(named: "google.protobuf.FileDescriptorProto"),
            case .success(let file) = codec.decode(bytes, as: type), let name = Reflection.text(file[1]),
            files[name] == nil
        else { return }
        // What grpc-go's library puts in the place of a file that it does not have.
        if Reflection.text(file[12])?.hasPrefix("<") == true { return addMissing(name) }
        var imports: [String] = []
        if case .list(let items) = file[3] { imports = items.compactMap { Reflection.text($0) } }
        known.insert(name)
        order.append(name)
        files[name] = (bytes, imports)
    }

    /// A file that others import and the server does not have: often it has nothing but options, and is not needed.
    mutating func addMissing(_ name: String) {
        known.insert(name)
        guard files[name] == nil, ProtoFiles.isBuiltIn(name) == false else { return }
        var empty = Message(type: codec.pool.messageIndex(named: "google.protobuf.FileDescriptorProto") ?? 0)
        empty[1] = .string(Array(name.utf8))
        order.append(name)
        files[name] = (codec.encode(empty), [])
    }

    /// Imports that are not there yet; each is wanted once.
    mutating func wanted() -> [String] {
        var names: [String] = []
        for name in order {
            for file in files[name]?.imports ?? [] where known.insert(file).inserted { names.append(file) }
        }
        return names
    }

    /// Of all of them, with the types that details of failures have.
    func pool(of server: String) throws(CallMistake) -> DescriptorPool {
        var set = ByteWriter(capacity: 4096)
        for name in order {
            guard let file = files[name] else { continue }
            // Field 1 of google.protobuf.FileDescriptorSet.
            set.append(0x0A)
            set.append(varint: UInt64(file.bytes.count))
            set.append(file.bytes)
        }
        let bytes = Array(set.bytes)
        let place = SourceRange(Source(name: "the descriptors of \(server)", bytes: []), 0, 0)
        var entries = [ProtoFiles.Entry("reflection.binpb", at: place)]
        func compiled(_ findings: inout Findings) -> DescriptorPool? {
            ProtoFiles.compile(
                entries, roots: [],
                read: { path in
                    switch path {
                    case "reflection.binpb": .bytes(bytes)
                    case "details.proto": .bytes(Array(Self.details.utf8))
                    default: .missing
                    }
                }, &findings)
        }
        var findings = Findings()
        entries.append(ProtoFiles.Entry("details.proto", at: place))
        if let pool = compiled(&findings) { return pool }
        // The server may have them under other paths.
        entries.removeLast()
        var own = Findings()
        if let pool = compiled(&own) { return pool }
        let errors = own.ordered().filter { $0.level == .error }.prefix(3)
        throw CallMistake(
            "the descriptors of \(server) do not fit together: "
                + errors.map { HumanRenderer.safe($0.message) }.joined(separator: "; "),
            help: "name the .proto files with --proto")
    }

    private static let details = """
        syntax = "proto3"; package radicled.call; import "google/rpc/error_details.proto"; import "google/rpc/status.proto";
        """
}
