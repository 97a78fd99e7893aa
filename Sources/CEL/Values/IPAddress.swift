/// An IP address, version 4 or 6, as a value of CEL (`net.IP` in Kubernetes' library). Without zones.
package struct IPAddress: Hashable, Sendable {
    /// The bits, the first ones in `high`; those of version 4 are the last 32 of `low`.
    let high: UInt64
    let low: UInt64
    package let isVersion4: Bool

    private init(high: UInt64, low: UInt64, isVersion4: Bool) {
        self.high = high
        self.low = low
        self.isVersion4 = isVersion4
    }

    /// Reads dotted decimals, or RFC 4291 section 2.2. A version 4 address written as one of version 6 in hexadecimal
    /// (`::ffff:c0a8:1`) is the version 4 address; written with dots it is refused, as CEL's tests have it.
    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(46))
        guard bytes.count == text.utf8.count else { return nil }
        if let four = Self.version4(bytes[...]) {
            self.init(high: 0, low: four, isVersion4: true)
        } else if let six = Self.version6(bytes) {
            let isMapped = six.high == 0 && six.low >> 32 == 0xFFFF
            if isMapped, bytes.contains(UInt8(ascii: ".")) { return nil }
            self.init(high: six.high, low: isMapped ? six.low & 0xFFFF_FFFF : six.low, isVersion4: isMapped)
        } else {
            return nil
        }
    }

    var bits: Int { isVersion4 ? 32 : 128 }

    /// The address with all bits behind the first `length` cleared.
    func masked(_ length: Int) -> IPAddress {
        if isVersion4 { return IPAddress(high: 0, low: low & ~Self.ones(32 - length), isVersion4: true) }
        return IPAddress(
            high: high & ~Self.ones(64 - length), low: low & ~Self.ones(128 - max(length, 64)), isVersion4: false)
    }

    /// So many ones at the end; none for less than one.
    private static func ones(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : count >= 64 ? .max : 1 << UInt64(count) - 1
    }

    // MARK: Reading

    /// Four decimals without leading zeros.
    private static func version4(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt64 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(Lexer.isDigit),
                part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            let number = part.reduce(0 as UInt64) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
            if number > 255 { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func version6(_ bytes: [UInt8]) -> (high: UInt64, low: UInt64)? {
        var groups: [UInt64] = []
        /// How many groups stand before the `::`.
        var gap: Int?
        var at = 0
        if bytes.starts(with: [0x3A, 0x3A]) {
            gap = 0
            at = 2
        }
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 0x3A) ?? bytes.count
            let part = bytes[at..<end]
            if end == bytes.count, part.contains(UInt8(ascii: ".")) {
                guard let four = version4(part) else { return nil }
                groups += [four >> 16, four & 0xFFFF]
            } else {
                guard (1...4).contains(part.count) else { return nil }
                var value: UInt64 = 0
                for byte in part {
                    guard let digit = hexValue(byte) else { return nil }
                    value = value << 4 | UInt64(digit)
                }
                groups.append(value)
            }
            if groups.count > 8 { return nil }
            at = end
            if at == bytes.count { break }
            at += 1
            if at < bytes.count, bytes[at] == 0x3A {
                if gap != nil { return nil }
                gap = groups.count
                at += 1
            } else if at == bytes.count {
                return nil
            }
        }
        if let gap {
            // The gap stands for one group at least.
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return (
            groups[..<4].reduce(0 as UInt64) { $0 << 16 | $1 }, groups[4...].reduce(0 as UInt64) { $0 << 16 | $1 }
        )
    }

    // MARK: Writing

    /// RFC 5952 section 4: lower case, no leading zeros, the longest run of zeros as `::`.
    package var text: String {
        if isVersion4 {
            let places: [UInt64] = [24, 16, 8, 0]
            return places.map { place in String(low >> place & 255) }.joined(separator: ".")
        }
        let places: [UInt64] = [48, 32, 16, 0]
        let groups = places.map { high >> $0 & 0xFFFF } + places.map { low >> $0 & 0xFFFF }
        var longest = 0..<0
        var start = 0
        for at in 0...8 where at == 8 || groups[at] != 0 {
            // Of runs of the same length the first one; a single zero is not shortened.
            if at - start > max(longest.count, 1) { longest = start..<at }
            start = at + 1
        }
        let shown = groups.map { String($0, radix: 16) }
        if longest.isEmpty { return shown.joined(separator: ":") }
        let before = shown[..<longest.lowerBound].joined(separator: ":")
        let after = shown[longest.upperBound...].joined(separator: ":")
        return before + "::" + after
    }

    // MARK: Kinds

    var isUnspecified: Bool { high == 0 && low == 0 }
    var isLoopback: Bool { isVersion4 ? low >> 24 == 127 : high == 0 && low == 1 }
    var isMulticast: Bool { isVersion4 ? low >> 28 == 0xE : high >> 56 == 0xFF }
    var isLinkLocalUnicast: Bool { isVersion4 ? low >> 16 == 0xA9FE : high >> 54 == 0x3FA }
    /// 224.0.0.0/24, or ff02::/16 whatever the flags.
    var isLinkLocalMulticast: Bool { isVersion4 ? low >> 8 == 0xE00000 : high >> 48 & 0xFF0F == 0xFF02 }
    /// All but the other kinds and the broadcast; private ranges count as global, as in Go's and Kubernetes' libraries.
    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
            && !(isVersion4 && low == 0xFFFF_FFFF)
    }
}

/// An address and the length of its prefix (`net.CIDR`): RFC 4632 section 3.1, RFC 4291 section 2.3.
package struct CIDR: Hashable, Sendable {
    package let address: IPAddress
    package let length: Int

    init(_ address: IPAddress, _ length: Int) {
        self.address = address
        self.length = length
    }

    package init?(_ text: String) {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), let address = IPAddress(String(text[..<slash]))
        else { return nil }
        let digits = text.utf8[slash...].dropFirst()
        guard (1...3).contains(digits.count), digits.allSatisfy(Lexer.isDigit),
            digits.count == 1 || digits.first != UInt8(ascii: "0"), let length = Int(String(text[slash...].dropFirst()))
        else { return nil }
        // `::ffff:0:0/96` counts its bits in version 6.
        let isMapped = address.isVersion4 && text.utf8.contains(UInt8(ascii: ":"))
        let own = isMapped ? length - 96 : length
        guard (0...address.bits).contains(own) else { return nil }
        self.init(address, own)
    }

    package var text: String { "\(address.text)/\(length)" }
    var masked: CIDR { CIDR(address.masked(length), length) }

    func contains(_ other: IPAddress) -> Bool {
        other.isVersion4 == address.isVersion4 && other.masked(length) == address.masked(length)
    }

    func contains(_ other: CIDR) -> Bool { length <= other.length && contains(other.address) }
}
