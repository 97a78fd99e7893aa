/// Writes the files of a pool as `google.protobuf.FileDescriptorProto`, fields in the order of their numbers, as protoc
/// does with `--retain_options`; the numbers are those of google/protobuf/descriptor.proto.
package struct DescriptorWriter {
    private let pool: DescriptorPool

    package init(_ pool: DescriptorPool) { self.pool = pool }

    /// A `FileDescriptorSet` of all files.
    package func fileSet() -> [UInt8] {
        var out = WireBytes()
        for file in pool.files { out.field(1, bytes: self.file(file)) }
        return out.bytes
    }

    package func file(_ file: FileDescriptor) -> [UInt8] {
        var out = WireBytes()
        out.field(1, bytes: file.path.bytes)
        if !file.package.isEmpty { out.field(2, text: file.package) }
        for index in file.dependencies { out.field(3, bytes: pool.files[index].path.bytes) }
        for index in file.messages { out.field(4, bytes: message(pool.messages[index])) }
        for index in file.enums { out.field(5, bytes: enumeration(pool.enums[index])) }
        for index in file.services { out.field(6, bytes: service(pool.services[index])) }
        for index in file.extensions { out.field(7, bytes: field(pool.extensions[index])) }
        if let options = file.options { out.field(8, bytes: options) }
        for index in file.publicDependencies { out.field(10, varint: UInt64(index)) }
        for index in file.weakDependencies { out.field(11, varint: UInt64(index)) }
        switch file.edition {
        case .proto2: break
        case .proto3: out.field(12, text: "proto3")
        case .edition2023:
            out.field(12, text: "editions")
            out.field(14, int32: file.edition.rawValue)
        }
        return out.bytes
    }

    private func message(_ message: MessageDescriptor) -> [UInt8] {
        var out = WireBytes()
        out.field(1, text: message.name)
        for field in message.fields { out.field(2, bytes: self.field(field)) }
        for index in message.messages { out.field(3, bytes: self.message(pool.messages[index])) }
        for index in message.enums { out.field(4, bytes: enumeration(pool.enums[index])) }
        for range in message.extensionRanges {
            var inner = bounds(range.numbers)
            if let options = range.options { inner.field(3, bytes: options) }
            out.field(5, bytes: inner.bytes)
        }
        for index in message.extensions { out.field(6, bytes: field(pool.extensions[index])) }
        if let options = message.options { out.field(7, bytes: options) }
        for oneof in message.oneofs {
            var inner = WireBytes()
            inner.field(1, text: oneof.name)
            if let options = oneof.options { inner.field(2, bytes: options) }
            out.field(8, bytes: inner.bytes)
        }
        for range in message.reservedRanges { out.field(9, bytes: bounds(range).bytes) }
        for name in message.reservedNames { out.field(10, text: name) }
        return out.bytes
    }

    private func bounds(_ range: NumberRange) -> WireBytes {
        var out = WireBytes()
        out.field(1, int32: range.start)
        out.field(2, int32: Int32(truncatingIfNeeded: range.end))
        return out
    }

    private func field(_ field: FieldDescriptor) -> [UInt8] {
        var out = WireBytes()
        out.field(1, text: field.name)
        if field.isExtension { out.field(2, text: "." + pool.messages[field.container].fullName) }
        out.field(3, int32: field.number)
        out.field(4, varint: UInt64(field.label.rawValue))
        out.field(5, varint: UInt64(field.type.rawValue))
        switch field.reference {
        case .none: break
        case .message(let index): out.field(6, text: "." + pool.messages[index].fullName)
        case .enum(let index): out.field(6, text: "." + pool.enums[index].fullName)
        }
        if let text = field.defaultText { out.field(7, bytes: text) }
        if let options = field.options { out.field(8, bytes: options) }
        if let oneof = field.oneof { out.field(9, varint: UInt64(oneof)) }
        out.field(10, text: field.jsonName)
        if field.isProto3Optional { out.field(17, varint: 1) }
        return out.bytes
    }

    private func enumeration(_ enumeration: EnumDescriptor) -> [UInt8] {
        var out = WireBytes()
        out.field(1, text: enumeration.name)
        for value in enumeration.values {
            var inner = WireBytes()
            inner.field(1, text: value.name)
            inner.field(2, int32: value.number)
            if let options = value.options { inner.field(3, bytes: options) }
            out.field(2, bytes: inner.bytes)
        }
        if let options = enumeration.options { out.field(3, bytes: options) }
        for range in enumeration.reservedRanges {
            // Of enums the end belongs to the range.
            out.field(4, bytes: bounds(NumberRange(start: range.start, end: range.end - 1)).bytes)
        }
        for name in enumeration.reservedNames { out.field(5, text: name) }
        return out.bytes
    }

    private func service(_ service: ServiceDescriptor) -> [UInt8] {
        var out = WireBytes()
        out.field(1, text: service.name)
        for method in service.methods {
            var inner = WireBytes()
            inner.field(1, text: method.name)
            inner.field(2, text: "." + pool.messages[method.input].fullName)
            inner.field(3, text: "." + pool.messages[method.output].fullName)
            if let options = method.options { inner.field(4, bytes: options) }
            if method.clientStreams { inner.field(5, varint: 1) }
            if method.serverStreams { inner.field(6, varint: 1) }
            out.field(2, bytes: inner.bytes)
        }
        if let options = service.options { out.field(3, bytes: options) }
        return out.bytes
    }
}
