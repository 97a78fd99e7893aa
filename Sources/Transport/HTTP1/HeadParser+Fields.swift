import Pipeline

extension HeadParser {
    /// `field-name ":" OWS field-value OWS CRLF` (RFC 9112 section 5) up to the empty line, and that.
    @inline(__always)
    static func fields(
        _ head: inout Head, _ cursor: inout HeadCursor, _ facts: inout FieldFacts
    ) -> HeadStop? {
        let base = cursor.base
        let end = cursor.end
        var at = cursor.at
        while at < end {
            let start = at
            let longest = start &+ cursor.limits.field &+ 2
            let stop = min(end, longest)
            at = skipName(base, from: at, to: stop)
            if at == stop { return stop == longest ? .longField : .more }
            let nameEnd = at
            if base[at] != HeadByte.colon || at == start {
                return endOfFields(&cursor, start: start, at: at)
            }
            at &+= 1
            while at < stop, isBlank(base[at]) { at &+= 1 }
            let valueStart = at
            while true {
                at = skipText(base, from: at, to: stop)
                if at == stop { return stop == longest ? .longField : .more }
                if base[at] == HeadByte.cr { break }
                if base[at] != HeadByte.tab { return base[at] == HeadByte.lf ? .bareLF : .control }
                at &+= 1
            }
            var valueEnd = at
            at &+= 1
            if at == stop { return stop == longest ? .longField : .more }
            if base[at] != HeadByte.lf { return .bareCR }
            at &+= 1
            while valueEnd > valueStart, isBlank(base[valueEnd &- 1]) { valueEnd &-= 1 }

            let index = head.fieldCount
            let known = KnownField.named(UnsafeBufferPointer(start: base + start, count: nameEnd &- start))
            let value = ByteRange(start: valueStart, end: valueEnd)
            let field = HeaderField(name: ByteRange(start: start, end: nameEnd), value: value, known: known)
            guard index < cursor.limits.count, head.add(field) else { return .manyFields }
            switch known {
            case .other: continue
            case .host, .contentLength, .transferEncoding, .connection, .expect:
                let bytes = UnsafeBufferPointer(start: base + valueStart, count: valueEnd &- valueStart)
                if let stop = facts.take(known, bytes, isHTTP10: head.isHTTP10) { return stop }
                if case .host = known, head.host.isEmpty { head.host = value }
            default: break
            }
            head.note(known, at: index)
        }
        return .more
    }

    /// What it means that a line does not start with a name and a colon.
    @inline(__always)
    private static func endOfFields(_ cursor: inout HeadCursor, start: Int, at: Int) -> HeadStop? {
        let byte = cursor.base[at]
        if at > start { return .badName }
        if byte == HeadByte.cr {
            guard at &+ 1 < cursor.end else { return .more }
            guard cursor.base[at &+ 1] == HeadByte.lf else { return .bareCR }
            cursor.at = at &+ 2
            return nil
        }
        if byte == HeadByte.lf { return .bareLF }
        return isBlank(byte) ? .fold : .badName
    }

    @inline(__always) static func isBlank(_ byte: UInt8) -> Bool {
        byte == HeadByte.space || byte == HeadByte.tab
    }
}

/// What the fields say about the message and its connection, to be judged when all have been read.
struct FieldFacts {
    private var hasHost = false
    private var length: Int?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false
    private var expectsContinue = false

    mutating func take(
        _ name: KnownField, _ value: UnsafeBufferPointer<UInt8>, isHTTP10: Bool
    ) -> HeadStop? {
        switch name {
        case .host:
            if hasHost { return .manyHosts }
            hasHost = true
            return HeadParser.isAuthority(value, needsPort: false) ? nil : .badHost
        case .contentLength: return takeLength(value)
        case .transferEncoding: return takeCoding(value, isHTTP10: isHTTP10)
        case .connection:
            takeConnection(value)
            return nil
        case .expect:
            guard equalsIgnoringCase(value, "100-continue") else { return .otherExpectation }
            // An HTTP/1.0 client cannot wait for it (RFC 9110 section 10.1.1).
            expectsContinue = !isHTTP10
            return nil
        default: return nil
        }
    }

    /// RFC 9112 section 6.3: digits alone. Lists and repeats of one number may be accepted; they are not.
    private mutating func takeLength(_ value: UnsafeBufferPointer<UInt8>) -> HeadStop? {
        if length != nil { return .manyLengths }
        if value.isEmpty { return .badLength }
        var sum = 0
        for byte in value {
            let digit = Int(byte) &- 0x30
            guard digit >= 0, digit < 10 else { return .badLength }
            let (tens, overTens) = sum.multipliedReportingOverflow(by: 10)
            let (next, over) = tens.addingReportingOverflow(digit)
            if overTens || over { return .badLength }
            sum = next
        }
        length = sum
        return nil
    }

    /// RFC 9112 sections 6.1 and 7: `chunked`, once and alone.
    private mutating func takeCoding(_ value: UnsafeBufferPointer<UInt8>, isHTTP10: Bool) -> HeadStop? {
        if isHTTP10 { return .codingIn10 }
        if isChunked { return .badCoding }
        if equalsIgnoringCase(value, "chunked") {
            isChunked = true
            return nil
        }
        // Another coding is 501; chunked with something after it, or no coding at all, is no valid value.
        guard let first = value.first, HeadByteSet.token.contains(first) else { return .badCoding }
        guard value.count > 7, !HeadByteSet.token.contains(value[7]) else { return .otherCoding }
        return equalsIgnoringCase(UnsafeBufferPointer(rebasing: value[..<7]), "chunked") ? .badCoding : .otherCoding
    }

    /// RFC 9110 section 7.6.1: a list of names, of which two concern us.
    private mutating func takeConnection(_ value: UnsafeBufferPointer<UInt8>) {
        if takeOption(value) { return }
        var at = 0
        while at < value.count {
            while at < value.count, HeadParser.isBlank(value[at]) || value[at] == HeadByte.comma { at &+= 1 }
            let start = at
            while at < value.count, value[at] != HeadByte.comma { at &+= 1 }
            var end = at
            while end > start, HeadParser.isBlank(value[end &- 1]) { end &-= 1 }
            _ = takeOption(UnsafeBufferPointer(rebasing: value[start..<end]))
        }
    }

    private mutating func takeOption(_ option: UnsafeBufferPointer<UInt8>) -> Bool {
        if equalsIgnoringCase(option, "close") {
            saysClose = true
        } else if equalsIgnoringCase(option, "keep-alive") {
            saysKeepAlive = true
        } else {
            return false
        }
        return true
    }

    @inline(__always)
    func apply(to head: inout Head) -> HeadStop? {
        if !hasHost, !head.isHTTP10 { return .noHost }
        if isChunked {
            // The classic of request smuggling: RFC 9112 section 6.1 lets a server reject it, so it does.
            if length != nil { return .lengthAndCoding }
            head.framing = .chunked
        } else if let length, length > 0 {
            head.framing = .length(length)
        } else {
            head.framing = .none
        }
        head.keepAlive = !saysClose && (!head.isHTTP10 || saysKeepAlive)
        head.expectsContinue = expectsContinue && head.framing != .none
        return nil
    }
}
