/// All that is known of a set of `.proto` files; immutable once it leaves the linker.
package struct DescriptorPool: Sendable {
    /// What a full name stands for.
    package enum Symbol: Sendable, Equatable {
        /// Files can share it.
        case package
        case message(Int)
        case `enum`(Int)
        /// Index of the enum, and of the value in it.
        case value(Int, Int)
        case field(message: Int, Int)
        case oneof(message: Int, Int)
        case `extension`(Int)
        case service(Int)
        case method(Int, Int)
    }

    /// Those that a file imports stand before it.
    package internal(set) var files: [FileDescriptor] = []
    package internal(set) var messages: [MessageDescriptor] = []
    package internal(set) var enums: [EnumDescriptor] = []
    package internal(set) var services: [ServiceDescriptor] = []
    package internal(set) var extensions: [FieldDescriptor] = []
    var symbols: [String: Symbol] = [:]
    /// Extensions by number, for each message that has some.
    var extensionsByMessage: [Int: [Int32: Int]] = [:]
    private(set) var filesByPath: [ProtoPath: Int] = [:]

    package func symbol(named fullName: String) -> Symbol? { symbols[fullName] }

    package func message(named fullName: String) -> MessageDescriptor? {
        guard case .message(let index) = symbols[fullName] else { return nil }
        return messages[index]
    }

    package func enumeration(named fullName: String) -> EnumDescriptor? {
        guard case .enum(let index) = symbols[fullName] else { return nil }
        return enums[index]
    }

    package func service(named fullName: String) -> ServiceDescriptor? {
        guard case .service(let index) = symbols[fullName] else { return nil }
        return services[index]
    }

    package func method(named fullName: String) -> MethodDescriptor? {
        guard case .method(let service, let index) = symbols[fullName] else { return nil }
        return services[service].methods[index]
    }

    package func extensionField(named fullName: String) -> FieldDescriptor? {
        guard case .extension(let index) = symbols[fullName] else { return nil }
        return extensions[index]
    }

    package func extensionField(of message: Int, numbered number: Int32) -> FieldDescriptor? {
        extensionsByMessage[message]?[number].map { extensions[$0] }
    }

    /// The numbers of all extensions of a message, in order.
    package func extensionNumbers(of message: Int) -> [Int32] { (extensionsByMessage[message] ?? [:]).keys.sorted() }

    /// The message of this full name, by its index.
    package func messageIndex(named fullName: String) -> Int? {
        guard case .message(let index) = symbols[fullName] else { return nil }
        return index
    }

    /// The file that declares a symbol, by its index.
    package func file(declaring fullName: String) -> Int? {
        switch symbols[fullName] {
        case .message(let index), .field(let index, _), .oneof(let index, _): messages[index].file
        case .enum(let index), .value(let index, _): enums[index].file
        case .extension(let index): extensions[index].file
        case .service(let index), .method(let index, _): services[index].file
        case .package, nil: nil
        }
    }

    package func fileIndex(_ path: ProtoPath) -> Int? { filesByPath[path] }

    package func file(_ path: ProtoPath) -> FileDescriptor? { filesByPath[path].map { files[$0] } }

    mutating func append(_ file: FileDescriptor) {
        filesByPath[file.path] = files.count
        files.append(file)
    }
}
