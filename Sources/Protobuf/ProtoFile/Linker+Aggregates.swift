import Diagnostics

// Values in the text format ("Text Format Language Specification"), written by the numbers of their fields.
extension Linker {
    private struct Filling {
        var payloads: [Int32: [[UInt8]]] = [:]
        var fields: [Int32: FieldDescriptor] = [:]
        var oneofs: [Int: String] = [:]
        var isGood = true
    }

    /// The bytes of a message, or nil if something in it is wrong.
    mutating func encode(
        _ entries: [AggregateField], _ message: Int, _ span: Span, _ place: OptionPlace
    ) -> [UInt8]? {
        let owner = schema.messages[message]
        if let only = entries.first, case .any(let domain) = only.key, owner.fullName == "google.protobuf.Any" {
            return encodeAny(only, domain, entries.count, place)
        }
        var filling = Filling()
        for entry in entries {
            guard let field = aggregateField(entry, message, place) else {
                filling.isGood = false
                continue
            }
            fill(entry, field, owner, place, &filling)
        }
        for field in owner.fields where field.isRequired && filling.fields[field.number] == nil && filling.isGood {
            report(
                ProtoRules.value, "`\(field.name)` of `\(owner.fullName)` is required, and not there", span, place.file)
            filling.isGood = false
        }
        guard filling.isGood else { return nil }
        var out = WireBytes()
        for number in filling.fields.keys.sorted() {
            guard let field = filling.fields[number], let payloads = filling.payloads[number] else { continue }
            write(field, payloads, &out)
        }
        return out.bytes
    }

    private func write(_ field: FieldDescriptor, _ payloads: [[UInt8]], _ out: inout WireBytes) {
        if field.isPacked {
            out.field(field.number, bytes: Array(payloads.joined()))
            return
        }
        if field.type.isMessage {
            for payload in payloads {
                out.raw(OptionTree.wrap(field, field.isMap ? mapEntry(field, payload) : payload))
            }
            return
        }
        for payload in payloads {
            // Without presence the default is the same as nothing.
            if !field.hasPresence, !field.isRepeated, payload.allSatisfy({ $0 == 0 }) { continue }
            out.tag(field.number, field.type.wireType)
            out.raw(payload)
        }
    }

    /// Key and value are both written, also where they are the default. Entries stay in their order, as protoc has it.
    private func mapEntry(_ field: FieldDescriptor, _ payload: [UInt8]) -> [UInt8] {
        guard case .message(let index) = field.reference, let key = schema.messages[index].field(numbered: 1),
            let value = schema.messages[index].field(numbered: 2)
        else { return payload }
        return MapEntryBytes.complete(payload, key: key, value: value)
    }

    private mutating func fill(
        _ entry: AggregateField, _ field: FieldDescriptor, _ owner: MessageDescriptor, _ place: OptionPlace,
        _ filling: inout Filling
    ) {
        uses.append(OptionUse(field: field, target: place.target, span: entry.name.span, file: place.file))
        var values = [entry.value]
        if case .list(let items) = entry.value.kind {
            if !field.isRepeated {
                report(
                    ProtoRules.value, "`\(field.name)` is not repeated, and takes no list", entry.value.span, place.file
                )
                filling.isGood = false
                return
            }
            values = items
        } else if !field.isRepeated {
            if filling.fields[field.number] != nil {
                report(ProtoRules.value, "`\(field.name)` is set twice", entry.name.span, place.file)
                filling.isGood = false
                return
            }
            if let oneof = field.oneof, !field.isExtension {
                if let other = filling.oneofs[oneof] {
                    report(
                        ProtoRules.value, "`\(field.name)` and `\(other)` are of one oneof, and cannot both be set",
                        entry.name.span, place.file)
                    filling.isGood = false
                    return
                }
                filling.oneofs[oneof] = field.name
            }
        }
        for value in values {
            guard let payload = payload(value, field, place) else {
                filling.isGood = false
                continue
            }
            filling.fields[field.number] = field
            filling.payloads[field.number, default: []].append(payload)
        }
    }

    private mutating func payload(_ value: ValueSyntax, _ field: FieldDescriptor, _ place: OptionPlace) -> [UInt8]? {
        guard case .message(let message) = field.reference else {
            if case .message = value.kind {
                report(
                    ProtoRules.value, "`\(field.name)` is \(field.type.article) \(field.type.word), and no message",
                    value.span, place.file)
                return nil
            }
            return scalar(value, field, place, isText: true)
        }
        guard case .message(let fields) = value.kind else {
            report(
                ProtoRules.value, "`\(field.name)` is a message, and takes `{ … }`", value.span, place.file)
            return nil
        }
        return encode(fields, message, value.span, place)
    }

    // MARK: Names

    private mutating func aggregateField(
        _ entry: AggregateField, _ message: Int, _ place: OptionPlace
    ) -> FieldDescriptor? {
        let owner = schema.messages[message]
        let name = entry.name
        switch entry.key {
        case .any:
            report(
                ProtoRules.value, "only a `google.protobuf.Any` takes the URL of a message", name.span, place.file)
            return nil
        case .extension:
            let scope = parent(of: owner.fullName)
            if case .extension(let index) = lookUp(name.text, scope: scope, file: place.file),
                builtIn == nil, pool.extensions[index].container == message
            {
                return pool.extensions[index]
            }
            report(
                ProtoRules.option, "`\(owner.fullName)` has no extension `\(name.text)`", name.span, place.file,
                help: "the name is looked up from the package of `\(owner.fullName)`; write it in full")
            return nil
        case .field:
            if let field = owner.field(named: name.text), !isGroupLike(field) || messageName(field) == name.text {
                return field
            }
            // A group goes by the name of its message.
            if let field = owner.field(named: name.text.lowercased()), isGroupLike(field),
                messageName(field) == name.text
            {
                return field
            }
            let near = nearest(name.text, among: owner.fields.map { isGroupLike($0) ? messageName($0) : $0.name })
            report(
                ProtoRules.option, "`\(owner.fullName)` has no field `\(name.text)`", name.span, place.file,
                help: near.map { "did you mean `\($0)`?" }, suggestion: near)
            return nil
        }
    }

    private func messageName(_ field: FieldDescriptor) -> String {
        if case .message(let index) = field.reference { schema.messages[index].name } else { "" }
    }

    private func isGroupLike(_ field: FieldDescriptor) -> Bool {
        field.isDelimited && field.name == messageName(field).lowercased()
    }

    private mutating func encodeAny(
        _ entry: AggregateField, _ domain: String, _ count: Int, _ place: OptionPlace
    ) -> [UInt8]? {
        guard domain == "type.googleapis.com/" || domain == "type.googleprod.com/" else {
            report(
                ProtoRules.value, "the URL of a message starts with `type.googleapis.com/`", entry.name.span, place.file
            )
            return nil
        }
        guard case .message(let message) = schema.symbols[entry.name.text],
            builtIn != nil || visible[place.file].contains(schema.messages[message].file)
        else {
            report(ProtoRules.type, "there is no message `\(entry.name.text)`", entry.name.span, place.file)
            return nil
        }
        guard count == 1, case .message(let fields) = entry.value.kind else {
            report(ProtoRules.value, "an Any holds one message", entry.value.span, place.file)
            return nil
        }
        if builtIn == nil, schema.messages[message].file != place.file {
            used[place.file].insert(schema.messages[message].file)
        }
        guard let value = encode(fields, message, entry.value.span, place) else { return nil }
        var out = WireBytes()
        out.field(1, text: domain + entry.name.text)
        if !value.isEmpty { out.field(2, bytes: value) }
        return out.bytes
    }
}
