import JSON
package import Pipeline

/// Makes a request's head of its header block (RFC 9113 section 8.3), in the form that the router and the chain read, and
/// says what is wrong with it.
package struct RequestHeadReader {
    package enum Verdict: Equatable {
        case whole
        /// No request (section 8.1.1): its stream is reset.
        case malformed(StaticString)
        /// A request that is answered with the stop's status, as over HTTP/1.
        case refused(HeadStop)

        package static func == (one: Verdict, other: Verdict) -> Bool {
            switch (one, other) {
            case (.whole, .whole), (.malformed, .malformed): true
            case (.refused(let one), .refused(let other)): one == other
            default: false
            }
        }
    }

    private let limits: HeadLimits
    private let endsStream: Bool
    private var facts = FieldFacts()
    private var verdict = Verdict.whole
    private var authority = ByteRange.none
    /// It has an authority's form.
    private var isAuthority = false
    private var path = ByteRange.none
    private var hasScheme = false
    /// A field that is no pseudo-header field has come: none of those may follow.
    private var hasOrdinary = false
    private var hasHost = false
    /// Where the first cookie is among the fields, and whether another came.
    private var cookie: Int?
    private var hasMoreCookies = false
    private var size = 0
    package private(set) var priority = HTTP2Priority()

    package init(limits: HeadLimits, endsStream: Bool) {
        self.limits = limits
        self.endsStream = endsStream
    }

    /// Reads the whole block, whatever is wrong with it, since the decoder must see all of it; nil if the decoder cannot go
    /// on.
    package mutating func read(
        _ block: UnsafeBufferPointer<UInt8>, _ decoder: inout HPACKDecoder, into head: inout Head
    ) -> Verdict? {
        var at = 0
        while true {
            let mark = head.bytes.count
            switch decoder.next(block, &at, into: &head.bytes, isWanted: isWhole) {
            case .broken: return nil
            case .end:
                if isWhole { finish(&head) }
                return verdict
            case .field(let field):
                size &+= field.listSize
                guard isWhole else { continue }
                if size > limits.total { verdict = .refused(.headTooLarge) } else { take(field, &head) }
                // What is refused is not kept, however much of it there is.
                if !isWhole { head.bytes.truncate(to: mark) }
            }
        }
    }

    @inline(__always) private var isWhole: Bool { if case .whole = verdict { true } else { false } }

    private mutating func take(_ field: DecodedField, _ head: inout Head) {
        guard field.isSound else { return verdict = .malformed("a field value that is none") }
        switch field.meaning {
        case .ordinary, .te, .priority: takeOrdinary(field, &head)
        case .forbidden: verdict = .malformed("a field of HTTP/1 connections")
        case .broken: verdict = .malformed("a field name that is none")
        case .strangePseudo: verdict = .malformed("an unknown pseudo-header field")
        case .method, .scheme, .path, .authority:
            if hasOrdinary {
                verdict = .malformed("a pseudo-header field behind others")
            } else {
                takePseudo(field, &head)
            }
        }
    }

    private mutating func takePseudo(_ field: DecodedField, _ head: inout Head) {
        let value = head.slice(field.value)
        var isRepeated = false
        switch field.meaning {
        case .method:
            isRepeated = !head.methodName.isNone
            if value.count > 64 { return verdict = .refused(.longMethod) }
            guard field.fits else { return verdict = .malformed("a method that is no token") }
            head.method = Method.named(value)
            head.methodName = field.value
        case .scheme:
            isRepeated = hasScheme
            hasScheme = true
            guard field.fits else { return verdict = .malformed("a scheme that is none") }
        case .path:
            isRepeated = !path.isNone
            path = field.value
            if value.count > limits.field { return verdict = .refused(.longTarget) }
        default:
            isRepeated = !authority.isNone
            authority = field.value
            isAuthority = field.fits
        }
        if isRepeated { verdict = .malformed("a pseudo-header field twice") }
    }

    private mutating func takeOrdinary(_ field: DecodedField, _ head: inout Head) {
        if !hasOrdinary {
            hasOrdinary = true
            addAuthority(&head)
        }
        let value = head.slice(field.value)
        if Int(field.name.count) &+ value.count > limits.field { return verdict = .refused(.longField) }
        switch field.meaning {
        case .te:
            guard field.fits else { return verdict = .malformed("te is not trailers") }
        case .priority: priority = HTTP2Priority(value)
        default: break
        }
        switch field.known {
        case .host:
            if let stop = facts.take(.host, value, isHTTP10: false) { return verdict = .refused(stop) }
            hasHost = true
            if !authority.isNone {
                // Which of the two somebody else would believe is not known (section 8.3.1).
                if !Self.isSame(value, head.slice(authority)) { verdict = .malformed("two hosts") }
                return
            }
            head.host = field.value
        case .contentLength:
            if facts.take(.contentLength, value, isHTTP10: false) != nil {
                return verdict = .malformed("a content length that is none")
            }
        case .expect:
            if let stop = facts.take(.expect, value, isHTTP10: false) { return verdict = .refused(stop) }
        case .cookie:
            if cookie != nil { hasMoreCookies = true } else { cookie = head.fieldCount }
        default: break
        }
        add(HeaderField(name: field.name, value: field.value, known: field.known), &head)
    }

    private mutating func add(_ field: HeaderField, _ head: inout Head) {
        let index = head.fieldCount
        guard index < limits.count, head.add(field) else { return verdict = .refused(.manyFields) }
        head.note(field.known, at: index)
    }

    /// `:authority` is what Host is in HTTP/1 (section 8.3.1), and whoever reads fields finds it under that name.
    private mutating func addAuthority(_ head: inout Head) {
        guard !authority.isNone else { return }
        head.host = authority
        let start = head.bytes.count
        head.bytes.append("host")
        add(
            HeaderField(name: ByteRange(start: start, end: head.bytes.count), value: authority, known: .host), &head)
    }

    /// The same name but for its case, and for the port that http means anyway.
    private static func isSame(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        let (one, other) = (withoutPort(one), withoutPort(other))
        guard one.count == other.count else { return false }
        for index in 0..<one.count {
            let (a, b) = (one[index], other[index])
            guard a == b || a | 0x20 == b | 0x20 && (a | 0x20) &- 0x61 < 26 else { return false }
        }
        return true
    }

    private static func withoutPort(_ host: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let count = host.count
        guard count > 3, host[count &- 3] == HeadByte.colon, host[count &- 2] == 0x38, host[count &- 1] == 0x30 else {
            return host
        }
        return UnsafeBufferPointer(rebasing: host[..<(count &- 3)])
    }

    private mutating func finish(_ head: inout Head) {
        if !hasOrdinary { addAuthority(&head) }
        guard isWhole else { return }
        guard !head.methodName.isNone else { return verdict = .malformed("no method") }
        if head.method == .connect {
            // Section 8.5: a tunnel has neither.
            if hasScheme || !path.isNone { return verdict = .malformed("CONNECT with a scheme or a path") }
            if authority.isNone { return verdict = .malformed("CONNECT without an authority") }
            head.target = authority
        } else {
            guard hasScheme, !path.isEmpty else { return verdict = .malformed("no scheme or no path") }
        }
        if authority.isNone, !hasHost { return verdict = .refused(.noHost) }
        if !authority.isNone, !isAuthority { return verdict = .refused(.badHost) }
        if head.method == .connect, !Authority.isValid(head.slice(authority), needsPort: true) {
            return verdict = .refused(.badHost)
        }
        if head.method != .connect, let stop = RequestTarget.read(path, into: &head) { return verdict = .refused(stop) }
        if endsStream, let length = facts.length, length > 0 {
            return verdict = .malformed("a body that does not come")
        }
        head.framing = endsStream ? .none : facts.length.map { .length($0) } ?? .chunked
        head.expectsContinue = facts.expectsContinue && !endsStream
        if hasMoreCookies { joinCookies(&head) }
    }

    /// One field of all cookies, which HTTP/2 may bring one by one (section 8.2.3).
    private func joinCookies(_ head: inout Head) {
        guard let first = cookie else { return }
        let start = head.bytes.count
        var kept = first
        for index in first..<head.fieldCount {
            let field = head.fields[index]
            if field.known == .cookie {
                if index > first { head.bytes.append("; ") }
                let value = field.value.range
                let count = value.count
                head.bytes.reserve(count)
                head.bytes.append(UnsafeBufferPointer(rebasing: head.bytes.bytes[value]))
                if index > first { continue }
            }
            head.fields[kept] = field
            kept &+= 1
        }
        head.fields[first].value = ByteRange(start: start, end: head.bytes.count)
        head.drop(to: kept)
    }
}
