import Protobuf

/// Descriptors as the text of a `.proto`, for people: without options, comments and what is reserved.
struct ProtoText {
    private let pool: DescriptorPool
    private(set) var text = ""
    private var written: Set<String> = []

    init(_ pool: DescriptorPool) { self.pool = pool }

    /// A service with all that its methods need, a message with those in its fields, or an enum.
    static func text(of name: String, _ pool: DescriptorPool) -> String {
        var writer = ProtoText(pool)
        var waiting = [name]
        while let next = waiting.first {
            waiting.removeFirst()
            guard writer.written.insert(next).inserted else { continue }
            // Everybody knows those.
            if next.hasPrefix("google.protobuf."), next != name { continue }
            if !writer.text.isEmpty { writer.text += "\n" }
            waiting += writer.declare(next)
        }
        return writer.text
    }

    /// `(HelloRequest) returns (stream HelloReply)`
    ///
    /// - Parameter package: what need not be said of the types.
    static func signature(_ method: MethodDescriptor, _ pool: DescriptorPool, in package: String = "") -> String {
        func name(_ type: Int) -> String {
            let name = pool.messages[type].fullName
            return !package.isEmpty && name.hasPrefix(package + ".") ? String(name.dropFirst(package.count + 1)) : name
        }
        let input = (method.clientStreams ? "stream " : "") + name(method.input)
        let output = (method.serverStreams ? "stream " : "") + name(method.output)
        return "(\(input)) returns (\(output))"
    }

    /// The names of what it refers to.
    private mutating func declare(_ name: String) -> [String] {
        if let service = pool.service(named: name) {
            text += "service \(name) {\n"
            for method in service.methods { text += "  rpc \(method.name)\(Self.signature(method, pool));\n" }
            text += "}\n"
            return service.methods.flatMap { [pool.messages[$0.input].fullName, pool.messages[$0.output].fullName] }
        }
        if let message = pool.message(named: name) { return declare(message) }
        if let enumeration = pool.enumeration(named: name) {
            text += "enum \(name) {\n"
            for value in enumeration.values { text += "  \(value.name) = \(value.number);\n" }
            text += "}\n"
        }
        return []
    }

    private mutating func declare(_ message: MessageDescriptor) -> [String] {
        text += "message \(message.fullName) {\n"
        var needed: [String] = []
        var open: Int?
        for field in message.fields {
            let oneof = field.oneof.flatMap { message.oneofs[$0].isSynthetic ? nil : $0 }
            if let last = open, oneof != last {
                text += "  }\n"
                open = nil
            }
            if let oneof, open == nil {
                text += "  oneof \(message.oneofs[oneof].name) {\n"
                open = oneof
            }
            text += (open == nil ? "  " : "    ") + "\(label(field))\(type(field)) \(field.name) = \(field.number);\n"
            needed += references(field)
        }
        text += open == nil ? "}\n" : "  }\n}\n"
        return needed
    }

    private func label(_ field: FieldDescriptor) -> String {
        if field.isMap { return "" }
        if field.isRepeated { return "repeated " }
        if field.isRequired { return "required " }
        return field.isProto3Optional ? "optional " : ""
    }

    private func type(_ field: FieldDescriptor) -> String {
        switch field.reference {
        case .none: return field.type.word
        case .enum(let index): return pool.enums[index].fullName
        case .message(let index):
            guard field.isMap, let key = pool.messages[index].field(numbered: 1),
                let value = pool.messages[index].field(numbered: 2)
            else { return pool.messages[index].fullName }
            return "map<\(type(key)), \(type(value))>"
        }
    }

    private func references(_ field: FieldDescriptor) -> [String] {
        switch field.reference {
        case .none: []
        case .enum(let index): [pool.enums[index].fullName]
        case .message(let index) where field.isMap: pool.messages[index].fields.flatMap { references($0) }
        case .message(let index): [pool.messages[index].fullName]
        }
    }
}
