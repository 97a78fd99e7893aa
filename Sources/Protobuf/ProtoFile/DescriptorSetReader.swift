import Diagnostics

/// Reads a `google.protobuf.FileDescriptorSet`, as `protoc --descriptor_set_out` and `buf build` write it, into the syntax
/// of its files; the numbers are those of google/protobuf/descriptor.proto.
struct DescriptorSetReader {
    private let source: Source
    private(set) var files: [FileSyntax] = []
    private(set) var found: [Finding] = []

    /// Whether the bytes are a set: text that starts with a line break is no message.
    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard bytes.first == 0x0A else { return false }
        if UTF8Check.firstInvalid(bytes) != nil || bytes.contains(0) { return true }
        var reader = WireReader(bytes)
        while let field = reader.next() {
            guard field.number == 1, case .bytes = field.value else { return false }
        }
        return !reader.isMalformed
    }

    init(_ bytes: [UInt8], name: String) {
        // Its bytes are nothing to show under a caret.
        source = Source(name: name, bytes: [])
        var reader = WireReader(bytes)
        while let field = reader.next() {
            guard field.number == 1, case .bytes(let range) = field.value else { continue }
            readFile(Part(reader.slice(range)))
        }
        if reader.isMalformed { malformed("the descriptor set is cut off or broken") }
        if files.isEmpty, found.isEmpty { malformed("the descriptor set has no files") }
    }

    private mutating func malformed(_ message: String) {
        guard found.count < 100 else { return }
        found.append(Finding(ProtoRules.descriptorSet, message, at: SourceRange(source, 0, 0)))
    }

    /// One message, its fields sorted by number.
    private struct Part {
        private var varints: [Int32: [UInt64]] = [:]
        private var texts: [Int32: [[UInt8]]] = [:]
        private(set) var isMalformed: Bool

        init(_ bytes: [UInt8]) {
            var reader = WireReader(bytes)
            while let field = reader.next() {
                switch field.value {
                case .varint(let value): varints[field.number, default: []].append(value)
                case .bytes(let range): texts[field.number, default: []].append(reader.slice(range))
                default: break
                }
            }
            isMalformed = reader.isMalformed
        }

        func int32(_ number: Int32) -> Int32? { varints[number]?.last.map { Int32(truncatingIfNeeded: $0) } }
        func bool(_ number: Int32) -> Bool { (varints[number]?.last ?? 0) != 0 }
        func numbers(_ number: Int32) -> [UInt64] {
            (varints[number] ?? []) + all(number).flatMap { WireReader.varints($0) }
        }
        func bytes(_ number: Int32) -> [UInt8]? { texts[number]?.last }
        func text(_ number: Int32) -> String? { bytes(number).map { String(decoding: $0, as: UTF8.self) } }
        func all(_ number: Int32) -> [[UInt8]] { texts[number] ?? [] }
        func name(_ number: Int32) -> Name { Name(text: text(number) ?? "", span: .nowhere) }
        func parts(_ number: Int32) -> [Part] { all(number).map { Part($0) } }
        func options(_ number: Int32) -> OptionsSyntax {
            // A message that is there more than once is merged, which is to append (encoding guide, "Last One Wins").
            OptionsSyntax(encoded: texts[number].map { Array($0.joined()) })
        }
    }

    // MARK: Files

    private mutating func readFile(_ part: Part) {
        guard let path = part.bytes(1), !path.isEmpty else {
            return malformed("a file of the descriptor set has no name")
        }
        var file = FileSyntax(source: source, path: ProtoPath(path))
        file.isEncoded = true
        let name = file.path.text
        if part.isMalformed { malformed("\(name): the descriptor is cut off or broken") }
        if let problem = edition(part, &file) { malformed("\(name): \(problem)") }
        if let package = part.text(2), !package.isEmpty { file.package = Name(text: package, span: .nowhere) }
        file.imports = part.all(3).map { ImportSyntax(path: ProtoPath($0), span: .nowhere) }
        // Weak and public dependencies are lists of positions, packed or not.
        for position in part.numbers(10) { mark(&file, position, .public) }
        for position in part.numbers(11) { mark(&file, position, .weak) }
        file.messages = part.parts(4).map { message($0, 0, name) }
        file.enums = part.parts(5).map(enumeration)
        file.services = part.parts(6).map(service)
        file.extensions = part.parts(7).map(field)
        file.options = part.options(8)
        files.append(file)
    }

    private func mark(_ file: inout FileSyntax, _ position: UInt64, _ kind: ImportSyntax.Kind) {
        guard let index = Int(exactly: position), file.imports.indices.contains(index) else { return }
        file.imports[index].kind = kind
    }

    /// What is wrong with it, if something is.
    private func edition(_ part: Part, _ file: inout FileSyntax) -> String? {
        let syntax = part.bytes(12) ?? []
        if syntax.isEmpty || syntax.elementsEqual("proto2".utf8) { return nil }
        if syntax.elementsEqual("proto3".utf8) {
            file.edition = .proto3
            return nil
        }
        if syntax.elementsEqual("editions".utf8), let number = part.int32(14) {
            if let edition = Edition(rawValue: number), edition >= .edition2023 {
                file.edition = edition
                return nil
            }
            return "\(Edition.text(of: number)) is not known here"
        }
        return "there is no syntax `\(String(decoding: syntax, as: UTF8.self))`"
    }

    // MARK: Elements

    private mutating func message(_ part: Part, _ depth: Int, _ file: String) -> MessageSyntax {
        var message = MessageSyntax(name: part.name(1))
        if part.isMalformed { malformed("\(file): the message `\(message.name.text)` is cut off or broken") }
        message.options = part.options(7)
        message.isMapEntry = OptionBytes(message.options.encoded).bool(7) == true
        message.fields = part.parts(2).map(field)
        if depth < Parser.maximumDepth {
            message.messages = part.parts(3).map { self.message($0, depth + 1, file) }
        } else if !part.all(3).isEmpty {
            malformed("\(file): messages are nested deeper than \(Parser.maximumDepth) levels")
        }
        message.enums = part.parts(4).map(enumeration)
        message.extensions = part.parts(6).map(field)
        message.oneofs = part.parts(8).map { OneofSyntax(name: $0.name(1), options: $0.options(2)) }
        for index in message.oneofs.indices {
            message.oneofs[index].isSynthetic = message.fields.contains { $0.oneof == index && $0.isProto3Optional }
        }
        message.extensionRanges = part.parts(5).map { range($0, options: $0.options(3)) }
        message.reservedRanges = part.parts(9).map { range($0) }
        message.reservedNames = part.all(10).map { Name(text: String(decoding: $0, as: UTF8.self), span: .nowhere) }
        return message
    }

    private func range(_ part: Part, isInclusive: Bool = false, options: OptionsSyntax = OptionsSyntax()) -> RangeSyntax
    {
        RangeSyntax(
            start: part.int32(1) ?? 0, end: Int64(part.int32(2) ?? 0) + (isInclusive ? 1 : 0), span: .nowhere,
            options: options)
    }

    private func field(_ part: Part) -> FieldSyntax {
        var field = FieldSyntax(
            label: part.int32(4).flatMap { UInt8(exactly: $0) }.flatMap(FieldLabel.init) ?? .optional,
            typeSpan: .nowhere,
            name: part.name(1), number: PlacedNumber(value: part.int32(3) ?? 0, span: .nowhere))
        field.type = part.int32(5).flatMap { UInt8(exactly: $0) }.flatMap(FieldType.init)
        if part.text(6) != nil { field.typeName = part.name(6) }
        // Without a type and its name it is nothing.
        if field.type == nil, field.typeName == nil { field.type = .message }
        if part.text(2) != nil { field.extendee = part.name(2) }
        field.oneof = part.int32(9).map { Int($0) }
        field.isProto3Optional = part.bool(17)
        field.defaultText = part.bytes(7)
        if part.text(10) != nil { field.jsonName = part.name(10) }
        field.options = part.options(8)
        return field
    }

    private func enumeration(_ part: Part) -> EnumSyntax {
        EnumSyntax(
            name: part.name(1),
            values: part.parts(2).map { value in
                EnumValueSyntax(
                    name: value.name(1), number: PlacedNumber(value: value.int32(2) ?? 0, span: .nowhere),
                    options: value.options(3))
            },
            reservedRanges: part.parts(4).map { range($0, isInclusive: true) },
            reservedNames: part.all(5).map { Name(text: String(decoding: $0, as: UTF8.self), span: .nowhere) },
            options: part.options(3))
    }

    private func service(_ part: Part) -> ServiceSyntax {
        ServiceSyntax(
            name: part.name(1),
            methods: part.parts(2).map { method in
                MethodSyntax(
                    name: method.name(1), input: method.name(2), output: method.name(3), clientStreams: method.bool(5),
                    serverStreams: method.bool(6), options: method.options(4))
            },
            options: part.options(3))
    }
}
