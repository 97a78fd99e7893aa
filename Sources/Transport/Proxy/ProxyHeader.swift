package import CEL
import Pipeline

/// What stands before all else on a connection that a proxy hands on: whose it is (HAProxy's PROXY protocol, 2020, versions
/// 1 and 2).
package enum ProxyHeader {
    package enum Outcome: Equatable {
        /// It can become one with more bytes.
        case needsMore
        /// The bytes are something else.
        case absent
        case broken(Fault)
        /// A whole header of so many bytes. No client: the proxy speaks for itself, or for what has no IP address.
        case whole(Client?, count: Int)
    }

    package struct Client: Equatable, Sendable {
        package let address: IPAddress
        package let port: Int
    }

    package enum Fault: String, Sendable {
        case line = "its line of version 1 breaks the grammar"
        case tooLong = "it is longer than 4096 bytes"
        case version = "its version or command is unknown"
        case family = "its address family is unknown"
        case truncated = "it is shorter than its addresses"
        case extension_ = "one of its extensions goes on behind its end"
        case checksum = "its checksum is wrong"
    }

    /// The longest line of version 1, with its end (section 2.1).
    private static let longestLine = 107
    /// Version 2 could say 64 KiB; what proxies send is a few hundred bytes.
    private static let longest = 4096
    private static let signature: StaticString = "\r\n\r\n\0\r\nQUIT\n"
    private static let word: StaticString = "PROXY "

    /// Looks at the bytes from the start of the connection on.
    package static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
        if begins(bytes, as: word) { return bytes.count < word.utf8CodeUnitCount ? .needsMore : line(bytes) }
        if begins(bytes, as: signature) { return bytes.count < 16 ? .needsMore : binary(bytes) }
        return .absent
    }

    /// Whether all bytes that are there agree.
    private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, as text: StaticString) -> Bool {
        for index in 0..<min(bytes.count, text.utf8CodeUnitCount) where bytes[index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    // MARK: Version 1

    /// `PROXY TCP4 192.0.2.7 192.0.2.1 4711 80` and a line's end.
    private static func line(_ bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
        let most = min(bytes.count, longestLine)
        guard let end = bytes[..<most].firstIndex(of: 0x0A) else {
            return bytes.count < longestLine ? .needsMore : .broken(.line)
        }
        guard bytes[end &- 1] == 0x0D else { return .broken(.line) }
        let count = end &+ 1
        let text = bytes[word.utf8CodeUnitCount..<(end &- 1)]
        // What follows is to be ignored.
        if text.starts(with: "UNKNOWN".utf8), text.count == 7 || text[text.startIndex &+ 7] == 0x20 {
            return .whole(nil, count: count)
        }
        let words = text.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 5, words[0].elementsEqual("TCP4".utf8) || words[0].elementsEqual("TCP6".utf8),
            let source = address(words[1], isVersion4: words[0].last == UInt8(ascii: "4")),
            address(words[2], isVersion4: words[0].last == UInt8(ascii: "4")) != nil, let port = port(words[3]),
            Self.port(words[4]) != nil
        else { return .broken(.line) }
        return .whole(Client(address: source, port: port), count: count)
    }

    private typealias Word = Slice<UnsafeBufferPointer<UInt8>>

    private static func address(_ word: Word, isVersion4: Bool) -> IPAddress? {
        // A mapped address is written with colons, and is one of version 4 afterwards.
        guard word.contains(UInt8(ascii: ":")) != isVersion4 else { return nil }
        return IPAddress(UnsafeBufferPointer(rebasing: word))
    }

    private static func port(_ word: Word) -> Int? {
        guard (1...5).contains(word.count), word.allSatisfy({ $0 &- 0x30 < 10 }),
            word.count == 1 || word.first != UInt8(ascii: "0")
        else { return nil }
        let port = word.reduce(0) { $0 &* 10 &+ Int($1 & 15) }
        return port <= 65535 ? port : nil
    }

    // MARK: Version 2

    private static func binary(_ bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
        guard bytes[12] == 0x20 || bytes[12] == 0x21 else { return .broken(.version) }
        let count = 16 &+ Int(bytes[14]) << 8 &+ Int(bytes[15])
        if count > longest { return .broken(.tooLong) }
        if bytes.count < count { return .needsMore }
        // LOCAL: the proxy asks for itself, as for a health check; the rest is to be passed over.
        if bytes[12] == 0x20 { return .whole(nil, count: count) }
        let body = UnsafeBufferPointer(rebasing: bytes[16..<count])
        let addresses: Int
        switch bytes[13] {
        case 0x11, 0x12: addresses = 12
        case 0x21, 0x22: addresses = 36
        case 0x31, 0x32: addresses = 216
        case 0x00: addresses = 0
        default: return .broken(.family)
        }
        guard body.count >= addresses else { return .broken(.truncated) }
        if let fault = faultOfExtensions(UnsafeBufferPointer(rebasing: bytes[..<count]), from: 16 &+ addresses) {
            return .broken(fault)
        }
        let size = addresses == 12 ? 4 : 16
        guard addresses == 12 || addresses == 36, bytes[13] & 1 == 1,
            let source = IPAddress(wire: UnsafeBufferPointer(rebasing: body[..<size]))
        else { return .whole(nil, count: count) }
        let port = Int(body[2 &* size]) << 8 | Int(body[2 &* size &+ 1])
        return .whole(Client(address: source, port: port), count: count)
    }

    /// What is wrong with the extensions: type, two bytes of length, value. Only the checksum is read.
    private static func faultOfExtensions(_ header: UnsafeBufferPointer<UInt8>, from start: Int) -> Fault? {
        var at = start
        while at < header.count {
            guard header.count &- at >= 3 else { return .extension_ }
            let length = Int(header[at &+ 1]) << 8 | Int(header[at &+ 2])
            let value = at &+ 3
            guard header.count &- value >= length else { return .extension_ }
            if header[at] == 0x03 {
                guard length == 4 else { return .checksum }
                let sent = header[value..<(value &+ 4)].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
                if checksum(header, without: value..<(value &+ 4)) != sent { return .checksum }
            }
            at = value &+ length
        }
        return nil
    }

    /// CRC32C (RFC 4960 appendix B) of the header with zeros for the checksum itself (section 2.2.4).
    static func checksum(_ bytes: UnsafeBufferPointer<UInt8>, without hole: Range<Int>) -> UInt32 {
        var register = UInt32.max
        for index in 0..<bytes.count {
            register ^= hole.contains(index) ? 0 : UInt32(bytes[index])
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~register
    }
}
