package import JSON

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
        var text = text
        guard let address = text.withUTF8({ IPAddress($0, dotsInMapped: false) }) else { return nil }
        self = address
    }

    /// Reads what stands in text from the network, where `::ffff:192.0.2.1` is the version 4 address too. Allocates nothing.
    package init?(_ bytes: UnsafeBufferPointer<UInt8>) { self.init(bytes, dotsInMapped: true) }

    private init?(_ bytes: UnsafeBufferPointer<UInt8>, dotsInMapped: Bool) {
        guard bytes.count <= 45 else { return nil }
        if let four = Self.version4(bytes[...]) {
            self.init(high: 0, low: four, isVersion4: true)
        } else if let six = Self.version6(bytes) {
            let isMapped = six >> 32 == 0xFFFF
            if isMapped, !dotsInMapped, bytes.contains(UInt8(ascii: ".")) { return nil }
            self.init(
                high: UInt64(truncatingIfNeeded: six >> 64),
                low: isMapped ? UInt64(truncatingIfNeeded: six & 0xFFFF_FFFF) : UInt64(truncatingIfNeeded: six),
                isVersion4: isMapped)
        } else {
            return nil
        }
    }

    /// From the four or sixteen bytes of an address on the wire.
    package init?(wire bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let number = bytes.reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
        let isVersion4 = bytes.count == 4 || number >> 32 == 0xFFFF
        self.init(
            high: isVersion4 ? 0 : UInt64(truncatingIfNeeded: number >> 64),
            low: UInt64(truncatingIfNeeded: isVersion4 ? number & 0xFFFF_FFFF : number), isVersion4: isVersion4)
    }

    /// All its bits as one number; those of version 4 are the last 32.
    package var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    package var bits: Int { isVersion4 ? 32 : 128 }

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

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    /// Four decimals without leading zeros.
    private static func version4(_ bytes: Bytes) -> UInt64? {
        var value: UInt64 = 0
        var parts = 0
        var at = bytes.startIndex
        while true {
            let start = at
            var number: UInt64 = 0
            while at < bytes.endIndex, Lexer.isDigit(bytes[at]), at - start < 4 {
                number = number * 10 + UInt64(bytes[at] & 15)
                at += 1
            }
            guard (1...3).contains(at - start), number <= 255, at - start == 1 || bytes[start] != UInt8(ascii: "0")
            else { return nil }
            value = value << 8 | number
            parts += 1
            if at == bytes.endIndex { return parts == 4 ? value : nil }
            guard parts < 4, bytes[at] == UInt8(ascii: ".") else { return nil }
            at += 1
        }
    }

    private static func version6(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt128? {
        var value: UInt128 = 0
        var count = 0
        /// How many groups stand before the `::`.
        var gap: Int?
        var at = 0
        func isColon(_ index: Int) -> Bool { index < bytes.count && bytes[index] == 0x3A }
        if isColon(0), isColon(1) {
            gap = 0
            at = 2
        }
        while at < bytes.count {
            var end = at
            while end < bytes.count, bytes[end] != 0x3A { end += 1 }
            if end == bytes.count, bytes[at...].contains(UInt8(ascii: ".")) {
                guard let four = version4(bytes[at...]) else { return nil }
                value = value << 32 | UInt128(four)
                count += 2
            } else {
                guard (1...4).contains(end - at) else { return nil }
                var group: UInt128 = 0
                for byte in bytes[at..<end] {
                    guard let digit = hexValue(byte) else { return nil }
                    group = group << 4 | UInt128(digit)
                }
                value = value << 16 | group
                count += 1
            }
            if count > 8 { return nil }
            at = end
            if at == bytes.count { break }
            at += 1
            if isColon(at) {
                if gap != nil { return nil }
                gap = count
                at += 1
            } else if at == bytes.count {
                return nil
            }
        }
        guard let gap else { return count == 8 ? value : nil }
        // The gap stands for one group at least.
        guard count < 8 else { return nil }
        let behind = 16 * (count - gap)
        let before = behind == 0 ? value : value >> UInt128(behind)
        let rest = behind == 0 ? 0 : value & (1 << UInt128(behind) - 1)
        return gap == 0 ? rest : before << UInt128(16 * (8 - gap)) | rest
    }

    // MARK: Writing

    /// RFC 5952 section 4: lower case, no leading zeros, the longest run of zeros as `::`.
    package var text: String {
        var out = ByteWriter(capacity: 64)
        write(into: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Writes the same.
    package func write(into out: inout ByteWriter) {
        if isVersion4 {
            for index in 0..<4 {
                if index > 0 { out.append(UInt8(ascii: ".")) }
                out.append(decimal: UInt(low >> UInt64(24 - 8 * index) & 255))
            }
            return
        }
        func group(_ index: Int) -> UInt16 {
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index & 3)))
        }
        var longest = 0..<0
        var start = 0
        for at in 0...8 where at == 8 || group(at) != 0 {
            // Of runs of the same length the first one; a single zero is not shortened.
            if at - start > max(longest.count, 1) { longest = start..<at }
            start = at + 1
        }
        var at = 0
        while at < 8 {
            if at == longest.lowerBound, !longest.isEmpty {
                out.append("::")
                at = longest.upperBound
                continue
            }
            if at > 0, at != longest.upperBound || longest.isEmpty { out.append(UInt8(ascii: ":")) }
            Self.write(hex: group(at), into: &out)
            at += 1
        }
    }

    private static func write(hex group: UInt16, into out: inout ByteWriter) {
        let digits: StaticString = "0123456789abcdef"
        var shift = group > 0xFFF ? 12 : group > 0xFF ? 8 : group > 0xF ? 4 : 0
        while shift >= 0 {
            out.append(digits.utf8Start[Int(group >> UInt16(shift) & 15)])
            shift -= 4
        }
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

    package init(_ address: IPAddress, _ length: Int) {
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
    package var masked: CIDR { CIDR(address.masked(length), length) }

    func contains(_ other: IPAddress) -> Bool {
        other.isVersion4 == address.isVersion4 && other.masked(length) == address.masked(length)
    }

    package func contains(_ other: CIDR) -> Bool { length <= other.length && contains(other.address) }
}
