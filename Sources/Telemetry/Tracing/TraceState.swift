/// `tracestate` (section 3.3): what vendors along the way have noted, handed on as it is.
package enum TraceState {
    /// Whether it is a list of at most 32 members with keys that each come once, so that it may be handed on.
    package static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count <= 8192 else { return false }
        var keys: [Slice<UnsafeBufferPointer<UInt8>>] = []
        for member in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
            var member = member.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = member.last, last == 0x20 || last == 0x09 { member = member.dropLast() }
            if member.isEmpty { continue }
            guard keys.count < 32, let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = member[..<equals]
            guard isKey(key), isValue(member[(equals + 1)...]), !keys.contains(where: { $0.elementsEqual(key) }) else {
                return false
            }
            keys.append(key)
        }
        return true
    }

    private static func isKey(_ key: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let first = key.first, key.count <= 256, isLetter(first) || isDigit(first) else { return false }
        return key.allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "*")
                || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "@")
        }
    }

    private static func isValue(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let last = value.last, value.count <= 256, last != 0x20 else { return false }
        return value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
