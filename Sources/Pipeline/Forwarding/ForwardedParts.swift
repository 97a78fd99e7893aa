package import CEL

/// The elements of a header field that is a list, the last one first, over all fields of the name (RFC 9110 section 5.3).
///
/// Backwards, so that what a client wrote at the front cannot change how the part behind it is read.
struct ListFromEnd {
    private let name: KnownField
    /// The field whose value is being read, and where in it the rest ends; nil before the first.
    private var field: Int?
    private var end = 0

    init(_ name: KnownField) { self.name = name }

    /// The next element without the white space around it; empty ones are passed over. Nil at the end.
    mutating func next(_ head: borrowing Head) -> ByteRange? {
        while true {
            guard let index = field else {
                guard enter(before: head.fieldCount, head) else { return nil }
                continue
            }
            guard end >= 0 else {
                guard enter(before: index, head) else { return nil }
                continue
            }
            let value = head.fields[index].value
            let bytes = head.slice(value)
            let comma = Self.lastComma(bytes, before: min(end, bytes.count))
            var (low, high) = (comma &+ 1, min(end, bytes.count))
            end = comma
            while low < high, Self.isSpace(bytes[low]) { low &+= 1 }
            while high > low, Self.isSpace(bytes[high &- 1]) { high &-= 1 }
            if low < high { return ByteRange(start: Int(value.start) &+ low, end: Int(value.start) &+ high) }
        }
    }

    private mutating func enter(before index: Int, _ head: borrowing Head) -> Bool {
        var index = index &- 1
        while index >= 0, head.fields[index].known != name { index &-= 1 }
        guard index >= 0 else { return false }
        field = index
        end = Int(head.fields[index].value.count)
        return true
    }

    /// The last comma that stands in no quoted string; -1 if there is none.
    private static func lastComma(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
        var isQuoted = false
        var at = end &- 1
        while at >= 0 {
            if bytes[at] == UInt8(ascii: "\""), at == 0 || bytes[at &- 1] != UInt8(ascii: "\\") { isQuoted.toggle() }
            if bytes[at] == UInt8(ascii: ","), !isQuoted { return at }
            at &-= 1
        }
        return -1
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

/// A node by its address, perhaps with a port: `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
///
/// `unknown` and names that begin with `_` (RFC 7239 section 6) tell of no address and are none.
package struct ForwardedNode {
    package let address: IPAddress
    /// 0 if there is none.
    package let port: Int

    package init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let address = IPAddress(bytes) {
            self.address = address
            port = 0
            return
        }
        var end = bytes.count
        while end > 0, bytes[end &- 1] != UInt8(ascii: ":"), bytes[end &- 1] != UInt8(ascii: "]") { end &-= 1 }
        guard end > 1 else { return nil }
        var host = bytes[..<end]
        var port = 0
        if bytes[end &- 1] == UInt8(ascii: ":") {
            guard let number = Self.port(bytes[end...]) else { return nil }
            port = number
            host = host.dropLast()
        } else if end != bytes.count {
            return nil
        }
        if host.first == UInt8(ascii: "[") {
            guard host.last == UInt8(ascii: "]"), host.count > 2 else { return nil }
            host = host.dropFirst().dropLast()
            guard host.contains(UInt8(ascii: ":")) else { return nil }
        } else if host.contains(UInt8(ascii: ":")) {
            return nil
        }
        guard let address = IPAddress(UnsafeBufferPointer(rebasing: host)) else { return nil }
        self.address = address
        self.port = port
    }

    private static func port(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard (1...5).contains(digits.count) else { return nil }
        var port = 0
        for byte in digits {
            guard byte &- 0x30 < 10 else { return nil }
            port = port &* 10 &+ Int(byte & 15)
        }
        return port <= 65535 ? port : nil
    }
}

/// One element of `Forwarded`: `for="[2001:db8::7]:4711";proto=https;host=example.com` (RFC 7239 section 4).
struct ForwardedElement {
    private(set) var node: ByteRange?
    private(set) var scheme: ByteRange?
    private(set) var host: ByteRange?

    /// Nil if it breaks the grammar or says something twice.
    init?(_ range: ByteRange, _ head: borrowing Head) {
        let bytes = head.slice(range)
        var at = 0
        while at < bytes.count {
            let nameStart = at
            while at < bytes.count, FieldToken.contains(bytes[at]) { at &+= 1 }
            let name = UnsafeBufferPointer(rebasing: bytes[nameStart..<at])
            guard !name.isEmpty, at < bytes.count, bytes[at] == UInt8(ascii: "=") else { return nil }
            at &+= 1
            guard let value = Self.value(bytes, &at) else { return nil }
            let place = ByteRange(
                start: Int(range.start) &+ value.lowerBound, end: Int(range.start) &+ value.upperBound)
            if equalsIgnoringCase(name, "for") {
                guard node == nil else { return nil }
                node = place
            } else if equalsIgnoringCase(name, "proto") {
                guard scheme == nil else { return nil }
                scheme = place
            } else if equalsIgnoringCase(name, "host") {
                guard host == nil else { return nil }
                host = place
            }
            // White space is not in the grammar, but in the world.
            while at < bytes.count, ListFromEnd.isSpace(bytes[at]) { at &+= 1 }
            if at == bytes.count { return }
            guard bytes[at] == UInt8(ascii: ";") else { return nil }
            at &+= 1
            while at < bytes.count, ListFromEnd.isSpace(bytes[at]) { at &+= 1 }
        }
    }

    /// A token, or what is between the quotes; nothing that we read needs a backslash. An address without quotes, as some
    /// proxies write it, is taken too.
    private static func value(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Range<Int>? {
        guard at < bytes.count else { return nil }
        let isQuoted = bytes[at] == UInt8(ascii: "\"")
        if isQuoted { at &+= 1 }
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ";") || ListFromEnd.isSpace(byte) { break }
            if byte == UInt8(ascii: "\\") || (!isQuoted && byte == UInt8(ascii: "\"")) { return nil }
            at &+= 1
        }
        let end = at
        guard isQuoted else { return start < end ? start..<end : nil }
        guard at < bytes.count else { return nil }
        at &+= 1
        return start..<end
    }
}

/// A host that a proxy names.
enum ForwardedHost {
    /// Names, addresses and a port, of letters that need no thought anywhere they are written.
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= 261 else { return false }
        var name = bytes[...]
        if let colon = name.lastIndex(of: UInt8(ascii: ":")), name.last != UInt8(ascii: "]") {
            let digits = name[(colon &+ 1)...]
            guard (1...5).contains(digits.count), digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
            name = name[..<colon]
        }
        guard !name.isEmpty else { return false }
        if name.first == UInt8(ascii: "[") {
            guard name.last == UInt8(ascii: "]") else { return false }
            return IPAddress(UnsafeBufferPointer(rebasing: name.dropFirst().dropLast())).map { !$0.isVersion4 } ?? false
        }
        return name.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "-._".utf8.contains($0) }
    }
}
