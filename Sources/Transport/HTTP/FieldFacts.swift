import Pipeline

/// What the fields say about the message and its connection, to be judged when all have been read.
struct FieldFacts {
    private var hasHost = false
    private(set) var length: Int?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false
    private(set) var expectsContinue = false

    mutating func take(
        _ name: KnownField, _ value: UnsafeBufferPointer<UInt8>, isHTTP10: Bool
    ) -> HeadStop? {
        switch name {
        case .host:
            if hasHost { return .manyHosts }
            hasHost = true
            return Authority.isValid(value, needsPort: false) ? nil : .badHost
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
            while at < value.count, HeadByte.isBlank(value[at]) || value[at] == HeadByte.comma { at &+= 1 }
            let start = at
            while at < value.count, value[at] != HeadByte.comma { at &+= 1 }
            var end = at
            while end > start, HeadByte.isBlank(value[end &- 1]) { end &-= 1 }
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
