import Diagnostics

// The features of every element, from the outside in.
extension Linker {
    mutating func resolveFeatures() {
        for index in pool.files.indices {
            overlay(&pool.files[index].features, pool.files[index].options, .file(index))
        }
        // Those around stand before those within.
        for index in pool.messages.indices {
            let message = pool.messages[index]
            var features = message.parent.map { pool.messages[$0].features } ?? pool.files[message.file].features
            overlay(&features, message.options, .message(index))
            pool.messages[index].features = features
            for position in message.oneofs.indices {
                var inner = features
                overlay(&inner, message.oneofs[position].options, .oneof(message: index, position))
                pool.messages[index].oneofs[position].features = inner
            }
            for position in message.fields.indices {
                var field = pool.messages[index].fields[position]
                var around = features
                if let oneof = field.oneof, pool.messages[index].oneofs.indices.contains(oneof) {
                    around = pool.messages[index].oneofs[oneof].features
                }
                settle(&field, around, .field(message: index, position))
                // The values of a map lie behind their length, whatever the file says (protobuf's docs/design/editions).
                if message.isMapEntry { field.features.messageEncoding = .lengthPrefixed }
                pool.messages[index].fields[position] = field
            }
        }
        for index in pool.extensions.indices {
            var field = pool.extensions[index]
            let around = extensionParents[index].map { pool.messages[$0].features } ?? pool.files[field.file].features
            settle(&field, around, .extension(index))
            pool.extensions[index] = field
        }
        for index in pool.enums.indices {
            let enumeration = pool.enums[index]
            var features =
                enumeration.parent.map { pool.messages[$0].features } ?? pool.files[enumeration.file].features
            overlay(&features, enumeration.options, .enum(index))
            pool.enums[index].features = features
        }
    }

    private func overlay(_ features: inout ResolvedFeatures, _ options: [UInt8]?, _ target: OptionTarget) {
        guard let options else { return }
        for own in OptionBytes(options).messages(target.featuresNumber) { features.overlay(own) }
    }

    private func settle(_ field: inout FieldDescriptor, _ around: ResolvedFeatures, _ target: OptionTarget) {
        var features = around
        overlay(&features, field.options, target)
        let edition = files[field.file].edition
        if edition < .edition2023 {
            // What labels, groups and `packed` said before there were features.
            if field.label == .required { features.fieldPresence = .legacyRequired }
            if field.isProto3Optional { features.fieldPresence = .explicit }
            if field.type == .group { features.messageEncoding = .delimited }
            if let packed = OptionBytes(field.options).bool(2) {
                features.repeatedEncoding = packed ? .packed : .expanded
            }
        }
        field.features = features
    }
}

/// Reads single values out of encoded options.
struct OptionBytes {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]?) { self.bytes = bytes ?? [] }

    func varints(_ number: Int32) -> [UInt64] {
        var found: [UInt64] = []
        var reader = WireReader(bytes)
        while let field = reader.next() {
            if field.number == number, case .varint(let value) = field.value { found.append(value) }
        }
        return found
    }

    func bool(_ number: Int32) -> Bool? { varints(number).last.map { $0 != 0 } }

    func int32(_ number: Int32) -> Int32? { varints(number).last.map { Int32(truncatingIfNeeded: $0) } }

    func messages(_ number: Int32) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var reader = WireReader(bytes)
        while let field = reader.next() {
            if field.number == number, case .bytes(let range) = field.value { found.append(reader.slice(range)) }
        }
        return found
    }

    func text(_ number: Int32) -> String? { messages(number).last.map { String(decoding: $0, as: UTF8.self) } }
}
