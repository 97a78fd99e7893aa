/// Whom a request is for.
enum Authority {
    /// Whether `bytes` is `uri-host [ ":" port ]` (RFC 3986 section 3.2, RFC 9110 section 7.2): not empty, without
    /// user information, the port 1 to 5 digits and at most 65535.
    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>, needsPort: Bool) -> Bool {
        var at = 0
        if bytes.first == UInt8(ascii: "[") {
            at = 1
            var colons = 0
            while at < bytes.count, HeadByteSet.addressV6.contains(bytes[at]) {
                if bytes[at] == HeadByte.colon { colons &+= 1 }
                at &+= 1
            }
            guard colons > 1, at < bytes.count, bytes[at] == UInt8(ascii: "]") else { return false }
            at &+= 1
        } else {
            while at < bytes.count, isUsual(bytes[at]) || HeadByteSet.registeredName.contains(bytes[at]) { at &+= 1 }
            if at == 0 { return false }
        }
        if at == bytes.count { return !needsPort }
        guard bytes[at] == HeadByte.colon else { return false }
        let digits = bytes.count &- at &- 1
        guard digits > 0, digits < 6 else { return false }
        var port = 0
        for index in at &+ 1..<bytes.count {
            let digit = Int(bytes[index]) &- 0x30
            guard digit >= 0, digit < 10 else { return false }
            port = port &* 10 &+ digit
        }
        return port < 65536
    }

    /// The bytes of nearly all hosts, told faster than by the set that they are part of.
    @inline(__always) private static func isUsual(_ byte: UInt8) -> Bool {
        byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: ".")
    }
}
