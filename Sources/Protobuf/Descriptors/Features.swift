/// What holds for an element by its edition, its own features and those around it (language guide, "Editions").
///
/// The values are numbered as in `google.protobuf.FeatureSet`.
package struct ResolvedFeatures: Sendable, Equatable {
    package enum FieldPresence: UInt8, Sendable {
        case explicit = 1
        case implicit
        case legacyRequired
    }

    package enum EnumType: UInt8, Sendable {
        case open = 1
        case closed
    }

    package enum RepeatedEncoding: UInt8, Sendable {
        case packed = 1
        case expanded
    }

    package enum UTF8Validation: UInt8, Sendable {
        case verify = 2
        case none
    }

    package enum MessageEncoding: UInt8, Sendable {
        case lengthPrefixed = 1
        case delimited
    }

    package enum JSONFormat: UInt8, Sendable {
        case allow = 1
        case legacyBestEffort
    }

    package var fieldPresence = FieldPresence.explicit
    package var enumType = EnumType.open
    package var repeatedEncoding = RepeatedEncoding.packed
    package var utf8Validation = UTF8Validation.verify
    package var messageEncoding = MessageEncoding.lengthPrefixed
    package var jsonFormat = JSONFormat.allow

    init(_ edition: Edition) {
        switch edition {
        case .proto2:
            enumType = .closed
            repeatedEncoding = .expanded
            utf8Validation = .none
            jsonFormat = .legacyBestEffort
        case .proto3:
            fieldPresence = .implicit
        case .edition2023:
            break
        }
    }

    /// Lays what an element says, as the bytes of a `FeatureSet`, over what holds around it.
    mutating func overlay(_ encoded: [UInt8]) {
        var reader = WireReader(encoded)
        while let field = reader.next() {
            guard case .varint(let value) = field.value, let byte = UInt8(exactly: value) else { continue }
            switch field.number {
            case 1: fieldPresence = FieldPresence(rawValue: byte) ?? fieldPresence
            case 2: enumType = EnumType(rawValue: byte) ?? enumType
            case 3: repeatedEncoding = RepeatedEncoding(rawValue: byte) ?? repeatedEncoding
            case 4: utf8Validation = UTF8Validation(rawValue: byte) ?? utf8Validation
            case 5: messageEncoding = MessageEncoding(rawValue: byte) ?? messageEncoding
            case 6: jsonFormat = JSONFormat(rawValue: byte) ?? jsonFormat
            default: break
            }
        }
    }
}
