import Protobuf

/// Makes up messages: what a template answers with, and what an example sends.
struct SampleMessage {
    /// Where what it makes up stands.
    enum Place {
        /// In a template, which may read this type as `request`.
        case template(request: MessageDescriptor?)
        /// In a template that reads `requests`.
        case templateOfStream
        /// In an example, which has no holes.
        case example
    }

    /// A value, and what a client sees of it where that is known.
    struct Value {
        let node: StarterNode
        var outcome: StarterNode?
    }

    enum Outcome {
        case made(Value)
        /// With what a comment says of it.
        case leftOut(String)
    }

    let pool: DescriptorPool
    let place: Place
    /// Which one of several messages it is, from 1.
    var number = 1
    /// Fields of the request that the message reads.
    private(set) var read: Set<String> = []
    /// What comes of the fields of the message itself, where that is known.
    private(set) var outcomes: [(name: String, node: StarterNode, isRead: Bool)] = []
    private var made = 0

    /// A reader edits a screen of lines with pleasure, not a book.
    static let room = 60
    private static let innerRoom = 40
    private static let depth = 3
    /// Required fields have to be there however many they are; up to this.
    private static let maximum = 2000

    init(_ pool: DescriptorPool, in place: Place) {
        self.pool = pool
        self.place = place
    }

    var isTemplate: Bool { if case .example = place { false } else { true } }

    /// A message of a type; nil where there is none, since it must hold itself.
    mutating func message(_ type: Int, number: Int = 1) -> StarterNode? {
        self.number = number
        outcomes = []
        made = 0
        if let known = known(type, field: "value") { return known.node }
        var room = Self.room
        return fields(of: type, [type], &room).map { .map($0) }
    }

    // MARK: Fields

    private mutating func fields(of type: Int, _ path: [Int], _ room: inout Int) -> [StarterNode.Line]? {
        let message = pool.messages[type]
        var lines: [StarterNode.Line] = []
        var further: [String] = []
        var seen: Set<Int> = []
        for field in message.fields {
            if room <= 0, !field.isRequired {
                further.append(field.name)
                continue
            }
            room -= 1
            if let oneof = field.oneof, !message.oneofs[oneof].isSynthetic {
                if seen.insert(oneof).inserted { lines += member(of: message, oneof, path, &room) }
                continue
            }
            switch value(of: field, path, &room) {
            case .made(let value): lines.append(entry(field, value, path))
            case .leftOut(let comment):
                if field.isRequired { return nil }
                lines.append(.comment(comment))
            }
        }
        made += lines.count
        if made > Self.maximum { return nil }
        return isTemplate ? lines + Self.listed("further fields:", further) : lines.filter(\.isEntry)
    }

    private mutating func entry(_ field: FieldDescriptor, _ value: Value, _ path: [Int]) -> StarterNode.Line {
        if path.count == 1, let outcome = value.outcome {
            let isRead = if case .template = value.node { true } else { false }
            outcomes.append((field.name, outcome, isRead))
        }
        return .entry(field.name, value.node)
    }

    /// Names that a comment lists.
    private static func listed(_ start: String, _ names: [String]) -> [StarterNode.Line] {
        var lines: [StarterNode.Line] = []
        var line = start
        for (at, name) in names.enumerated() {
            let word = " " + name + (at == names.count - 1 ? "" : ",")
            if line.utf8.count + word.utf8.count > 80 {
                lines.append(.comment(line))
                line = " "
            }
            line += word
        }
        return names.isEmpty ? [] : lines + [.comment(line)]
    }

    /// One member of a oneof, the others in a comment.
    private mutating func member(
        of message: MessageDescriptor, _ oneof: Int, _ path: [Int], _ room: inout Int
    ) -> [StarterNode.Line] {
        let members = message.oneofs[oneof].fields.map { message.fields[$0] }
        let names = members.map { "`\($0.name)`" }
        var lines = names.count > 1 ? Self.listed("one of", names) : []
        let good = members.filter { !SampleText.isFailure($0.name) }
        for field in good.isEmpty ? members : good {
            switch value(of: field, path, &room) {
            case .leftOut(let comment): lines.append(.comment(comment))
            case .made(let value):
                lines.append(entry(field, value, path))
                return lines
            }
        }
        return lines
    }

    mutating func value(of field: FieldDescriptor, _ path: [Int], _ room: inout Int) -> Outcome {
        if let value = fromRequest(field, path) { return .made(value) }
        if isTemplate, field.type == .string, !field.isRequired, SampleText.isNextPage(field.name) {
            return .leftOut("`\(field.name)` is left out: there is no further page")
        }
        if isTemplate, !field.isRequired, field.oneof == nil, SampleText.isFailure(field.name) {
            return .leftOut("`\(field.name)` is left out: the call succeeds")
        }
        guard field.isMap, case .message(let entry) = field.reference else {
            let single = one(field, path, &room)
            guard field.isRepeated, case .made(let value) = single else { return single }
            return .made(Value(node: .list([value.node])))
        }
        let type = pool.messages[entry]
        guard let key = type.field(numbered: 1), let element = type.field(numbered: 2) else {
            return .leftOut("`\(field.name)` is left out")
        }
        switch one(element, named: field.name, as: "value", path, &room) {
        case .leftOut(let comment): return .leftOut(comment)
        case .made(let value):
            return .made(Value(node: .map([.entry(Self.key(key.type), value.node)])))
        }
    }

    private static func key(_ type: FieldType) -> String {
        switch type {
        case .string: "key"
        case .bool: "true"
        default: "1"
        }
    }

    /// Read from the field of the request that has the same name and type.
    private mutating func fromRequest(_ field: FieldDescriptor, _ path: [Int]) -> Value? {
        switch place {
        case .example: return nil
        case .templateOfStream:
            guard field.type.isInteger, !field.isRepeated, SampleText.isCount(field.name) else { return nil }
            return Value(node: .hole("size(requests)"), outcome: .plain("1"))
        case .template(let request):
            guard let request else { return nil }
            guard let same = request.field(named: field.name), same.type == field.type,
                !field.type.isMessage, same.reference == field.reference, same.isRepeated == field.isRepeated,
                !same.isRepeated || path.count == 1, Self.isReadable(field.name)
            else { return path.count == 1 ? greeting(field, request) : nil }
            guard take(same, request) else { return nil }
            let outcome = same.isRepeated ? nil : scalar(same, named: same.name, number: 1)?.outcome
            return Value(node: .hole("request.\(same.name)"), outcome: outcome)
        }
    }

    /// What is said to whoever the request names: `Hello {{ request.name }}`, as the first service of everybody does.
    private mutating func greeting(_ field: FieldDescriptor, _ request: MessageDescriptor) -> Value? {
        guard field.type == .string, !field.isRepeated, SampleText.isSaid(field.name),
            let name = request.field(named: "name"), name.type == .string, !name.isRepeated, take(name, request)
        else { return nil }
        return Value(
            node: .template("Hello {{ request.name }}"), outcome: .text("Hello " + SampleText.text(name.name)))
    }

    /// Notes that a field of the request is read; false where an example could not set it beside those that are.
    private mutating func take(_ field: FieldDescriptor, _ request: MessageDescriptor) -> Bool {
        if let oneof = field.oneof, !request.oneofs[oneof].isSynthetic {
            let others = request.oneofs[oneof].fields.map { request.fields[$0].name }
            if others.contains(where: { $0 != field.name && read.contains($0) }) { return false }
        }
        read.insert(field.name)
        return true
    }

    /// Words that are no names in CEL, not even behind a dot.
    private static func isReadable(_ name: String) -> Bool { !["true", "false", "null", "in"].contains(name) }

    /// One value, also of a list or a map.
    private mutating func one(
        _ field: FieldDescriptor, named name: String? = nil, as word: String? = nil, _ path: [Int], _ room: inout Int
    ) -> Outcome {
        let name = name ?? field.name
        guard field.type.isMessage else {
            return scalar(field, named: word ?? name, number: number).map { .made($0) }
                ?? .leftOut("`\(name)` is left out")
        }
        guard case .message(let type) = field.reference else { return .leftOut("`\(name)` is left out") }
        let typeName = pool.messages[type].fullName
        if typeName == "google.protobuf.Any", !field.isRequired {
            let any = "{ \"@type\": type.googleapis.com/PACKAGE.MESSAGE }"
            return .leftOut("`\(name)` can be any message: " + (field.isRepeated && !field.isMap ? "[\(any)]" : any))
        }
        if let known = known(type, field: word ?? name) { return .made(known) }
        if path.contains(type) { return .leftOut("`\(name)` is left out: `\(typeName)` again") }
        var inner = min(Self.innerRoom, room * 2 / 3)
        if path.count > Self.depth || inner < 2 && !pool.messages[type].fields.isEmpty, !field.isRequired {
            return .leftOut("`\(name)` is left out, a message `\(typeName)`")
        }
        let before = inner
        guard let lines = fields(of: type, path + [type], &inner) else {
            return .leftOut("`\(name)` is left out: `\(typeName)` has to hold itself")
        }
        room -= before - inner
        return .made(Value(node: .map(lines)))
    }
}

extension FieldType {
    /// Whether it is whole numbers.
    fileprivate var isInteger: Bool {
        switch self {
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64: true
        default: false
        }
    }
}
