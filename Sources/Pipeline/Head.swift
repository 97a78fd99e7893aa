public import JSON

/// The head of one request, in the bytes it came in: every part is a range of `bytes`.
///
/// A face of the protocol (HTTP/1, HTTP/2) fills it; the router, the chain and the expressions read it. The bytes
/// are the exchange's own, so the ranges hold for as long as the exchange does, parked or not.
@usableFromInline package struct Head: ~Copyable {
    /// More fields than this are refused whatever the manifest says.
    @inlinable package static var fieldCapacity: Int { 128 }

    @usableFromInline package var bytes = ByteWriter(capacity: 2048)
    package var method: Method = .other
    package var methodName: ByteRange = .none
    /// The target as it came, in any of RFC 9112's four forms (section 3.2); over HTTP/2 `:path`.
    package var target: ByteRange = .none
    /// The path, still escaped; `*` for the asterisk form; empty for CONNECT.
    @usableFromInline package var path: ByteRange = .none
    /// What follows the `?`, without it.
    package var query: ByteRange = .none
    /// The authority that the request is for: the target's if it is absolute or `:authority`, else the Host field's value.
    package var host: ByteRange = .none
    @usableFromInline package var version = Version.http11
    package var framing: Framing = .none
    /// Whether the connection may carry another request after this one (RFC 9112 section 9.3).
    package var keepAlive = true
    /// `Expect: 100-continue` is waiting for an answer (RFC 9110 section 10.1.1).
    package var expectsContinue = false
    @usableFromInline package var fieldCount = 0
    /// Beside the struct, not in it: a large struct is copied whole where Swift borrows it (docs/decisions/0004).
    @usableFromInline package let fields: UnsafeMutablePointer<HeaderField>
    /// For each known name the index of its first field, plus one; 0 if there is none.
    @usableFromInline let knownIndex: UnsafeMutablePointer<UInt8>

    package init() {
        fields = .allocate(capacity: Head.fieldCapacity)
        fields.initialize(repeating: HeaderField(), count: Head.fieldCapacity)
        knownIndex = .allocate(capacity: KnownField.count)
        knownIndex.initialize(repeating: 0, count: KnownField.count)
    }

    deinit {
        fields.deallocate()
        knownIndex.deallocate()
    }

    package mutating func reset() {
        bytes.clear()
        bytes.shrink(to: 16 * 1024)
        method = .other
        methodName = .none
        target = .none
        path = .none
        query = .none
        host = .none
        version = .http11
        framing = .none
        keepAlive = true
        expectsContinue = false
        fieldCount = 0
        knownIndex.update(repeating: 0, count: KnownField.count)
    }

    @inlinable package var isHTTP10: Bool { version == .http10 }

    /// How the body is delimited (RFC 9112 section 6); over HTTP/2 `chunked` is a body of unknown length.
    @usableFromInline package enum Framing: Equatable, Sendable {
        case none
        case length(Int)
        case chunked
    }

    /// Adds a field; false if there is no more room.
    @inlinable package mutating func add(_ field: HeaderField) -> Bool {
        guard fieldCount < Head.fieldCapacity else { return false }
        fields[fieldCount] = field
        fieldCount &+= 1
        return true
    }

    /// Remembers the first field of a known name, so that reading it needs no search.
    @inlinable package mutating func note(_ name: KnownField, at index: Int) {
        let slot = Int(name.rawValue)
        if name != .other, knownIndex[slot] == 0 { knownIndex[slot] = UInt8(truncatingIfNeeded: index &+ 1) }
    }

    /// Finds the known fields again, after some were removed.
    mutating func noteAgain() {
        knownIndex.update(repeating: 0, count: KnownField.count)
        for index in 0..<fieldCount { note(fields[index].known, at: index) }
    }

    /// The first value of a known field, or nil.
    @inlinable package func value(of name: KnownField) -> ByteRange? {
        let at = Int(knownIndex[Int(name.rawValue)])
        return at == 0 ? nil : fields[at &- 1].value
    }

    /// The value of a known field that may come only once; nil also if it came again.
    @inlinable package func onlyValue(of name: KnownField) -> ByteRange? {
        let at = Int(knownIndex[Int(name.rawValue)])
        guard at > 0 else { return nil }
        for index in at..<fieldCount where fields[index].known == name { return nil }
        return fields[at &- 1].value
    }

    /// The host without its port.
    package var hostName: ByteRange {
        let all = slice(host)
        var end = all.count
        while end > 0, (0x30...0x39).contains(all[end &- 1]) { end &-= 1 }
        guard end > 0, end < all.count, all[end &- 1] == UInt8(ascii: ":") else { return host }
        return ByteRange(start: Int(host.start), end: Int(host.start) &+ end &- 1)
    }

    /// The bytes of a range; a range that is not of this head gives none.
    @inlinable package func slice(_ range: ByteRange) -> UnsafeBufferPointer<UInt8> {
        let start = Int(range.start)
        let count = Int(range.count)
        guard start &+ count <= bytes.count else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: bytes.bytes.baseAddress.map { $0 + start }, count: count)
    }
}

/// A name and a value as they came; the name's case is as sent.
@usableFromInline package struct HeaderField: Sendable {
    @usableFromInline package var name: ByteRange = .none
    @usableFromInline package var value: ByteRange = .none
    @usableFromInline package var known: KnownField = .other

    package init() {}

    @inlinable package init(name: ByteRange, value: ByteRange, known: KnownField) {
        self.name = name
        self.value = value
        self.known = known
    }
}

/// The field names that the server itself reads.
@usableFromInline package enum KnownField: UInt8, Sendable {
    case other = 0
    case host
    case contentLength
    case transferEncoding
    case connection
    case expect
    case contentType
    case userAgent
    case requestID
    case cookie
    case ifNoneMatch
    case ifModifiedSince
    case range
    case ifRange
    case accept
    case traceparent
    case ifMatch
    case ifUnmodifiedSince
    case acceptEncoding
    case contentEncoding
    case tracestate
    case referer
    case origin
    case forwarded
    case forwardedFor
    case forwardedProto
    case forwardedHost
    case grpcTimeout
    case grpcEncoding
    case grpcAcceptEncoding
    case connectTimeout
    case connectVersion
    case connectEncoding
    case connectAcceptEncoding

    @inlinable static var count: Int { 34 }

    /// Finds the meaning of a name by its length and bytes, case ignored.
    package static func named(_ name: UnsafeBufferPointer<UInt8>) -> KnownField {
        switch name.count {
        case 4: return same(name, "host") ? .host : .other
        case 5: return same(name, "range") ? .range : .other
        case 6:
            switch name[0] | 0x20 {
            case UInt8(ascii: "c"): return same(name, "cookie") ? .cookie : .other
            case UInt8(ascii: "e"): return same(name, "expect") ? .expect : .other
            case UInt8(ascii: "o"): return same(name, "origin") ? .origin : .other
            default: return same(name, "accept") ? .accept : .other
            }
        case 7: return same(name, "referer") ? .referer : .other
        case 8: return same(name, "if-range") ? .ifRange : same(name, "if-match") ? .ifMatch : .other
        case 9: return same(name, "forwarded") ? .forwarded : .other
        case 10:
            return same(name, "user-agent")
                ? .userAgent : same(name, "connection") ? .connection : same(name, "tracestate") ? .tracestate : .other
        case 11: return same(name, "traceparent") ? .traceparent : .other
        case 12:
            return same(name, "content-type")
                ? .contentType
                : same(name, "x-request-id") ? .requestID : same(name, "grpc-timeout") ? .grpcTimeout : .other
        case 13:
            return same(name, "if-none-match")
                ? .ifNoneMatch : same(name, "grpc-encoding") ? .grpcEncoding : .other
        case 14: return same(name, "content-length") ? .contentLength : .other
        case 15:
            return same(name, "accept-encoding")
                ? .acceptEncoding : same(name, "x-forwarded-for") ? .forwardedFor : .other
        case 16:
            return same(name, "content-encoding")
                ? .contentEncoding : same(name, "x-forwarded-host") ? .forwardedHost : .other
        case 17:
            return same(name, "transfer-encoding")
                ? .transferEncoding
                : same(name, "if-modified-since")
                    ? .ifModifiedSince : same(name, "x-forwarded-proto") ? .forwardedProto : .other
        case 18: return same(name, "connect-timeout-ms") ? .connectTimeout : .other
        case 19: return same(name, "if-unmodified-since") ? .ifUnmodifiedSince : .other
        case 20: return same(name, "grpc-accept-encoding") ? .grpcAcceptEncoding : .other
        case 23: return same(name, "connect-accept-encoding") ? .connectAcceptEncoding : .other
        case 24:
            return same(name, "connect-protocol-version")
                ? .connectVersion : same(name, "connect-content-encoding") ? .connectEncoding : .other
        default: return .other
        }
    }

    private static func same(_ name: UnsafeBufferPointer<UInt8>, _ lower: StaticString) -> Bool {
        equalsIgnoringCase(name, lower)
    }
}

/// Whether `bytes` equals `lower` (which is in lower case), ASCII case ignored.
package func equalsIgnoringCase(_ bytes: UnsafeBufferPointer<UInt8>, _ lower: StaticString) -> Bool {
    let count = bytes.count
    guard count == lower.utf8CodeUnitCount else { return false }
    let other = UnsafeRawPointer(lower.utf8Start)
    guard let base = UnsafeRawPointer(bytes.baseAddress), count >= 4 else {
        for index in 0..<count where folded(UInt64(bytes[index])) != UInt64(lower.utf8Start[index]) { return false }
        return true
    }
    func differ<Word: FixedWidthInteger & BitwiseCopyable>(_ at: Int, as word: Word.Type) -> Bool {
        folded(UInt64(base.loadUnaligned(fromByteOffset: at, as: word)))
            != UInt64(other.loadUnaligned(fromByteOffset: at, as: word))
    }
    // Word by word; the last one overlaps the one before.
    if count < 8 { return !differ(0, as: UInt32.self) && !differ(count &- 4, as: UInt32.self) }
    var at = 0
    while at &+ 8 <= count {
        if differ(at, as: UInt64.self) { return false }
        at &+= 8
    }
    return at == count || !differ(count &- 8, as: UInt64.self)
}

/// Eight bytes with their ASCII letters in lower case, without a branch.
@inline(__always) private func folded(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low = word & (ones &* 0x7F)
    // The high bit of each byte that is `A` or more, and of each that is more than `Z`.
    let fromA = low &+ ones &* (0x80 - 0x41)
    let pastZ = low &+ ones &* (0x80 - 0x5B)
    let upper = fromA & ~pastZ & ~word & (ones &* 0x80)
    return word | upper >> 2
}

/// The methods that have a meaning of their own here; any other token is `other`, told by its bytes.
@usableFromInline package enum Method: UInt8, Sendable {
    case other
    case get
    case head
    case post
    case put
    case delete
    case patch
    case options
    case connect
    case trace

    /// Methods are case-sensitive (RFC 9110 section 9.1).
    package static func named(_ name: UnsafeBufferPointer<UInt8>) -> Method {
        switch name.count {
        case 3: return same(name, "GET") ? .get : same(name, "PUT") ? .put : .other
        case 4: return same(name, "POST") ? .post : same(name, "HEAD") ? .head : .other
        case 5: return same(name, "PATCH") ? .patch : same(name, "TRACE") ? .trace : .other
        case 6: return same(name, "DELETE") ? .delete : .other
        case 7: return same(name, "OPTIONS") ? .options : same(name, "CONNECT") ? .connect : .other
        default: return .other
        }
    }

    private static func same(_ name: UnsafeBufferPointer<UInt8>, _ token: StaticString) -> Bool {
        for index in 0..<name.count where name[index] != token.utf8Start[index] { return false }
        return true
    }
}
