/// A coding of a body (RFC 9110 section 8.4.1).
package enum ContentCoding: UInt8, Sendable, CaseIterable {
    case gzip
    /// The zlib format around deflate (RFC 1950), whatever some clients of the nineties took it for.
    case deflate

    package var name: StaticString {
        switch self {
        case .gzip: "gzip"
        case .deflate: "deflate"
        }
    }

    /// zlib's window: 32 KiB, with 16 added for gzip's header and trailer.
    var windowBits: Int32 { self == .gzip ? 31 : 15 }

    /// The coding of that name in any case; `x-gzip` is an old name of gzip.
    package static func named(_ name: some Collection<UInt8>) -> ContentCoding? {
        if equals(name, "gzip") || equals(name, "x-gzip") { return .gzip }
        return equals(name, "deflate") ? .deflate : nil
    }

    package static func isIdentity(_ name: some Collection<UInt8>) -> Bool { equals(name, "identity") }

    private static func equals(_ name: some Collection<UInt8>, _ lower: StaticString) -> Bool {
        guard name.count == lower.utf8CodeUnitCount else { return false }
        var at = 0
        for byte in name {
            let folded = byte &- 65 < 26 ? byte | 0x20 : byte
            if folded != lower.utf8Start[at] { return false }
            at += 1
        }
        return true
    }
}

/// What a client takes, from the fields `Accept-Encoding` (RFC 9110 section 12.5.3).
package struct AcceptedCodings {
    /// Thousandths, the unit of a quality; nil where the coding is not named.
    private var gzip: Int?
    private var deflate: Int?
    private var identity: Int?
    private var others: Int?

    package init() {}

    /// Reads one field's value; further fields add to it. What is no list item is passed over.
    package mutating func read(_ field: UnsafeBufferPointer<UInt8>) {
        for item in field.split(separator: UInt8(ascii: ",")) {
            let parts = item.split(separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first else { continue }
            let name = Self.trimmed(first)
            let quality = parts.count > 1 ? Self.quality(parts[1]) : 1000
            if let coding = ContentCoding.named(name) {
                switch coding {
                case .gzip: gzip = quality
                case .deflate: deflate = quality
                }
            } else if ContentCoding.isIdentity(name) {
                identity = quality
            } else if name.elementsEqual("*".utf8) {
                others = quality
            }
        }
    }

    /// The coding that the client likes best; of equals the first of `offered`. Nil is the body as it is.
    package func best(of offered: [ContentCoding]) -> ContentCoding? {
        var best: (coding: ContentCoding, quality: Int)?
        for coding in offered {
            let named = coding == .gzip ? gzip : deflate
            let quality = named ?? others ?? 0
            if quality > best?.quality ?? 0 { best = (coding, quality) }
        }
        guard let best else { return nil }
        // Only a client that says so likes the body better as it is.
        if let identity, identity > best.quality { return nil }
        return best.coding
    }

    /// ` q=0.5` in thousandths; what cannot be read is 0: better a larger body than one that cannot be read.
    private static func quality(_ parameter: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        let text = trimmed(parameter)
        guard text.count >= 3, text[text.startIndex] | 0x20 == UInt8(ascii: "q"),
            text[text.startIndex + 1] == UInt8(ascii: "=")
        else { return 0 }
        let digits = text.dropFirst(2)
        guard let whole = digits.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1") else { return 0 }
        var value = Int(whole &- 48) * 1000
        var unit = 100
        for (offset, byte) in digits.dropFirst().enumerated() {
            if offset == 0 {
                guard byte == UInt8(ascii: ".") else { return 0 }
                continue
            }
            guard offset <= 3, (48...57).contains(byte) else { return 0 }
            value += Int(byte &- 48) * unit
            unit /= 10
        }
        return min(value, 1000)
    }

    private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var text = text.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return text
    }
}
