import Pipeline

/// What a field's name means in a request over HTTP/2 (RFC 9113 section 8): found once, when the name is read or enters
/// a table.
package enum FieldMeaning: UInt8, Sendable {
    /// A field like any other.
    case ordinary
    case method
    case scheme
    case path
    case authority
    /// A pseudo-header field that no request may have here: `:status`, `:protocol` (whose use we do not offer), any other.
    case strangePseudo
    /// What is about one connection of HTTP/1 alone (section 8.2.2).
    case forbidden
    /// May only say `trailers` (section 8.2.2).
    case te
    /// How urgent the answer is (RFC 9218 section 4).
    case priority
    /// No name that a field can have (section 8.2.1).
    case broken

    var isPseudo: Bool {
        switch self {
        case .method, .scheme, .path, .authority, .strangePseudo: true
        case .ordinary, .forbidden, .te, .priority, .broken: false
        }
    }
}

extension FieldMeaning {
    /// The meaning of a name as it came, and which of the names that the server reads it is.
    static func of(_ name: UnsafeBufferPointer<UInt8>) -> (FieldMeaning, KnownField) {
        if name.first == HeadByte.colon { return (pseudo(name), .other) }
        guard isName(name) else { return (.broken, .other) }
        let known = KnownField.named(name)
        switch known {
        case .connection, .transferEncoding: return (.forbidden, known)
        case .other: break
        default: return (.ordinary, known)
        }
        switch name.count {
        case 2: return (equalsIgnoringCase(name, "te") ? .te : .ordinary, .other)
        case 7: return (equalsIgnoringCase(name, "upgrade") ? .forbidden : .ordinary, .other)
        case 8: return (equalsIgnoringCase(name, "priority") ? .priority : .ordinary, .other)
        case 10: return (equalsIgnoringCase(name, "keep-alive") ? .forbidden : .ordinary, .other)
        case 16: return (equalsIgnoringCase(name, "proxy-connection") ? .forbidden : .ordinary, .other)
        default: return (.ordinary, .other)
        }
    }

    private static func pseudo(_ name: UnsafeBufferPointer<UInt8>) -> FieldMeaning {
        // A case that is folded here would let `:PATH` in; names are in lower case (section 8.2).
        guard !name.contains(where: { $0 &- 0x41 < 26 }) else { return .strangePseudo }
        switch name.count {
        case 5: return equalsIgnoringCase(name, ":path") ? .path : .strangePseudo
        case 7:
            return equalsIgnoringCase(name, ":method")
                ? .method : equalsIgnoringCase(name, ":scheme") ? .scheme : .strangePseudo
        case 10: return equalsIgnoringCase(name, ":authority") ? .authority : .strangePseudo
        default: return .strangePseudo
        }
    }

    /// Whether a value has the form that a name of this meaning asks for.
    func fits(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        switch self {
        case .method: !value.isEmpty && value.allSatisfy { HeadByteSet.token.contains($0) }
        case .scheme: Self.isScheme(value)
        case .authority: Authority.isValid(value, needsPort: false)
        case .te: equalsIgnoringCase(value, "trailers")
        case .ordinary, .path, .strangePseudo, .forbidden, .priority, .broken: true
        }
    }

    /// `ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` (RFC 3986 section 3.1).
    private static func isScheme(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = value.first, (first | 0x20) &- 0x61 < 26 else { return false }
        return value.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
    }

    /// `field-name` of RFC 9110 section 5.1, in lower case.
    private static func isName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if name.isEmpty { return false }
        for byte in name where !HeadByteSet.token.contains(byte) || byte &- 0x41 < 26 { return false }
        return true
    }

    /// Whether this can be a field's value: no control character but the tab, no blank at its ends (RFC 9113 section 8.2.1,
    /// RFC 9110 section 5.5).
    static func isValue(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = value.baseAddress, let first = value.first, let last = value.last else { return true }
        if HeadByte.isBlank(first) || HeadByte.isBlank(last) { return false }
        var at = 0
        while true {
            at = skipText(base, from: at, to: value.count)
            if at == value.count { return true }
            if base[at] != HeadByte.tab { return false }
            at &+= 1
        }
    }
}
