package import CEL
import Catalog
import Diagnostics
package import JSON
import Manifests
package import Pipeline
package import Protobuf

/// An example of a method, checked: the messages that it sends and those that it expects.
package struct MethodCall: Sendable {
    package let method: RPCMethod
    /// Names in lower case; values of `-bin` as they go over the wire.
    package let metadata: [(name: String, value: [UInt8])]
    /// Encoded.
    package let messages: [[UInt8]]
    /// The same for people: ProtoJSON, a message a line.
    package let sent: [String]
    /// ProtoJSON of the fields that are written; nil if the messages are not compared.
    package let expected: [JSONValue]?
    package let isExact: Bool
    package let code: Code?
    package let message: String?
    package let assertions: [Program]

    /// Nil if it cannot be sent, which has been told.
    init?(_ example: MethodExample, _ method: RPCMethod, _ findings: inout Findings) {
        self.method = method
        metadata = example.metadata.entries.flatMap { entry in
            entry.value.values.map { (entry.name.lowercased(), Array($0.utf8)) }
        }
        let requests = Self.messages(example.request, streams: method.clientStreams, method, method.input, &findings)
        let responses = example.response.map {
            Self.messages($0, streams: method.serverStreams, method, method.output, &findings)
        }
        assertions = example.assertions.values.compactMap {
            $0.check(MethodReply.environment, expecting: .bool, &findings)
        }
        guard let requests, responses.map({ $0 != nil }) ?? true else { return nil }
        messages = requests.map { method.codec.encode($0.message) }
        sent = requests.map { Self.text(Self.json($0.message, method.codec, writesDefaults: false)) }
        let codec = method.codec
        expected = (responses ?? nil)?.map { item in
            ExpectedMessage(codec).narrowed(
                Self.json(item.message, codec, writesDefaults: true), to: item.written, of: item.message.type)
        }
        isExact = example.exact
        code = example.error?.code?.code ?? example.code?.code ?? (expected == nil ? nil : .ok)
        message = example.error?.message
    }

    private typealias Item = (message: Message, written: JSONValue)

    private static func messages(
        _ node: Node?, streams: Bool, _ method: RPCMethod, _ type: Int, _ findings: inout Findings
    ) -> [Item]? {
        guard let node, !node.isNull else { return streams ? [] : [(Message(type: type), .object([]))] }
        if !streams, node.items != nil {
            findings.report(
                CatalogRules.exampleBody, "this method has one message here, not a list", at: node.range,
                help: "write the fields of the message: `{ name: Ann }`")
            return nil
        }
        var items: [Item] = []
        for item in node.items ?? [node] {
            let json = item.json
            switch MessageJSONReader(method.codec).read(json, as: type) {
            case .success(let message): items.append((message, json))
            case .failure(let error):
                report(error, type, method.codec.pool, in: item, &findings)
                return nil
            }
        }
        return items
    }

    private static func report(
        _ error: MessageJSONReader.Unreadable, _ type: Int, _ pool: DescriptorPool, in item: Node,
        _ findings: inout Findings
    ) {
        let range = place(of: error.path, isName: error.owner != nil, in: item)
        let help = "an example has the fields of `\(pool.messages[type].fullName)`, as ProtoJSON writes them"
        guard let owner = error.owner else {
            // Of a nested field the path tells which one it is.
            let message = error.path.contains(".") ? "`\(error.path)`: \(error.message)" : error.message
            findings.report(CatalogRules.exampleBody, message, at: range, help: help)
            return
        }
        let fields = pool.messages[owner].fields
        let name = String(error.path.split(separator: ".").last ?? "")
        let names = fields.map(\.name) + fields.map(\.jsonName)
        let isKnown = names.contains { $0.utf8.elementsEqual(name.utf8) }
        let nearest = isKnown ? nil : Suggest.nearest(name, among: names)
        findings.report(
            CatalogRules.exampleBody, error.message, at: range, help: nearest.map { "did you mean `\($0)`?" } ?? help,
            suggestion: nearest)
    }

    /// Where the part that a path such as `lines[2].price` names is written: its value, or its name.
    private static func place(of path: String, isName: Bool, in node: Node) -> SourceRange {
        var place = node
        var name: SourceRange?
        for part in path.split(separator: ".") {
            let key = part.prefix { $0 != "[" }
            if !key.isEmpty {
                guard let entry = place.entry(String(key)) else { return place.range }
                place = entry.value
                name = entry.key.range
            }
            for index in part.dropFirst(key.count).split(whereSeparator: { $0 == "[" || $0 == "]" }) {
                guard let at = Int(index), let items = place.items, items.indices.contains(at) else { break }
                place = items[at]
            }
        }
        return isName ? name ?? place.range : place.range
    }

    /// A message as ProtoJSON; what has no form there is null.
    package static func json(_ message: Message, _ codec: MessageCodec, writesDefaults: Bool) -> JSONValue {
        var out = ByteWriter(capacity: 256)
        guard case .success = MessageJSONWriter(codec, writesDefaults: writesDefaults).write(message, to: &out),
            case .success(let json) = JSONReader.read(out.bytes)
        else { return .null }
        return json
    }

    private static func text(_ json: JSONValue) -> String {
        var out = ByteWriter(capacity: 256)
        json.write(to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

/// What of a message an example writes down.
private struct ExpectedMessage {
    let codec: MessageCodec

    init(_ codec: MessageCodec) { self.codec = codec }

    /// ProtoJSON without the fields that were not written.
    func narrowed(_ json: JSONValue, to written: JSONValue, of type: Int) -> JSONValue {
        guard case .object(let members) = json, case .object(let given) = written,
            !codec.pool.messages[type].fullName.hasPrefix("google.protobuf.")
        else { return json }
        let descriptor = codec.pool.messages[type]
        return .object(
            members.compactMap { key, value in
                guard let field = descriptor.fields.first(where: { $0.jsonName.utf8.elementsEqual(key.utf8) }),
                    let own = given.first(where: {
                        $0.key.utf8.elementsEqual(field.name.utf8) || $0.key.utf8.elementsEqual(key.utf8)
                    })
                else { return nil }
                return (key, narrowed(value, to: own.value, in: field))
            })
    }

    private func narrowed(_ json: JSONValue, to written: JSONValue, in field: FieldDescriptor) -> JSONValue {
        guard !field.isMap, case .message(let type) = field.reference else { return json }
        if case .array(let items) = json, case .array(let given) = written, items.count == given.count {
            return .array(zip(items, given).map { narrowed($0, to: $1, of: type) })
        }
        return narrowed(json, to: written, of: type)
    }
}
