import Pipeline

extension HeadParser {
    /// Longer than any method there is; one longer is not implemented (RFC 9112 section 3).
    private static let methodLimit = 64

    /// `method SP target SP HTTP-version CRLF` (RFC 9112 section 3), after at most one empty line (section 2.2).
    @inline(__always)
    static func requestLine(_ head: inout Head, _ cursor: inout HeadCursor) -> HeadStop? {
        let base = cursor.base
        let end = cursor.end
        var at = 0
        if end > 0, base[0] == HeadByte.cr {
            guard end > 1 else { return .more }
            guard base[1] == HeadByte.lf else { return .bareCR }
            at = 2
        }
        let start = at
        let stop = min(end, start &+ methodLimit &+ 1)
        while at < stop, HeadByteSet.token.contains(base[at]) { at &+= 1 }
        if at == stop { return at &- start > methodLimit ? .longMethod : .more }
        if base[at] != HeadByte.space || at == start { return .badMethod }
        head.methodName = ByteRange(start: start, end: at)
        if at &- start == 3, base[start] == 0x47, base[start &+ 1] == 0x45, base[start &+ 2] == 0x54 {
            head.method = .get
        } else {
            head.method = Method.named(UnsafeBufferPointer(start: base + start, count: at &- start))
        }
        let targetStart = at &+ 1
        cursor.at = targetStart
        if let stop = target(&head, &cursor) { return stop }
        let targetEnd = cursor.at &- 1
        if let stop = version(&head, &cursor) { return stop }
        head.target = ByteRange(start: targetStart, end: targetEnd)
        return nil
    }

    /// The four forms of RFC 9112 section 3.2; leaves the cursor after the space that ends the target.
    @inline(__always)
    private static func target(_ head: inout Head, _ cursor: inout HeadCursor) -> HeadStop? {
        let base = cursor.base
        let start = cursor.at
        let longest = start &+ cursor.limits.field
        let stop = min(cursor.end, longest &+ 1)
        var at = start
        guard at < stop else { return .more }
        head.query = .none
        head.host = .none
        if head.method == .connect || base[at] != HeadByte.slash {
            if let stopped = otherForm(&head, base, &at, stop) {
                return stopped == .more && stop > longest ? .longTarget : stopped
            }
        }
        if at < stop, base[at] == HeadByte.slash {
            let path = at
            at &+= skipPath(UnsafeBufferPointer(start: base + at, count: stop &- at))
            head.path = ByteRange(start: path, end: at)
        }
        if at < stop, base[at] == HeadByte.question, !head.path.isEmpty {
            at &+= 1
            let query = at
            while at < stop, base[at] >= 0x80 || HeadByteSet.query.contains(base[at]) { at &+= 1 }
            head.query = ByteRange(start: query, end: at)
        }
        if at == stop { return stop > longest ? .longTarget : .more }
        if base[at] != HeadByte.space { return .badTarget }
        cursor.at = at &+ 1
        return nil
    }

    /// Absolute, authority and asterisk form: leaves `at` where a path, a query or the closing space must be.
    @inline(never)
    private static func otherForm(
        _ head: inout Head, _ base: UnsafePointer<UInt8>, _ at: inout Int, _ stop: Int
    ) -> HeadStop? {
        head.path = .none
        if base[at] == UInt8(ascii: "*"), head.method != .connect {
            // For any method here, so that HTTP/2's preface gets 505; `version` refuses it for all but OPTIONS.
            head.path = ByteRange(start: at, end: at &+ 1)
            at &+= 1
            return at < stop && base[at] != HeadByte.space ? .badTarget : nil
        }
        if head.method != .connect, let stopped = skipScheme(base, &at, stop) { return stopped }
        let authority = at
        while at < stop, HeadByteSet.authority.contains(base[at]) { at &+= 1 }
        guard at < stop else { return .more }
        let host = UnsafeBufferPointer(start: base + authority, count: at &- authority)
        guard Authority.isValid(host, needsPort: head.method == .connect) else { return .badTarget }
        head.host = ByteRange(start: authority, end: at)
        if head.method == .connect { return base[at] == HeadByte.space ? nil : .badTarget }
        // An empty path means `/` (RFC 9110 section 4.2.3): there is one in front of the authority to point to.
        head.path = ByteRange(start: authority &- 1, end: authority)
        return nil
    }

    private static func skipScheme(
        _ base: UnsafePointer<UInt8>, _ at: inout Int, _ stop: Int
    ) -> HeadStop? {
        let http: StaticString = "http"
        for index in 0..<4 {
            guard at < stop else { return .more }
            if base[at] | 0x20 != http.utf8Start[index] { return .badTarget }
            at &+= 1
        }
        guard at < stop else { return .more }
        if base[at] | 0x20 == UInt8(ascii: "s") { at &+= 1 }
        let separator: StaticString = "://"
        for index in 0..<3 {
            guard at < stop else { return .more }
            if base[at] != separator.utf8Start[index] { return .badTarget }
            at &+= 1
        }
        return nil
    }

    @inline(__always)
    private static func version(_ head: inout Head, _ cursor: inout HeadCursor) -> HeadStop? {
        let base = cursor.base
        let at = cursor.at
        head.version = .http11
        // "HTTP/1.1"
        if at &+ 10 <= cursor.end, littleEndianWord(base, at) == 0x312E_312F_5054_5448,
            base[at &+ 8] == HeadByte.cr, base[at &+ 9] == HeadByte.lf
        {
            cursor.at = at &+ 10
        } else if let stop = otherVersion(&head, &cursor) {
            return stop
        }
        if head.path.count == 1, base[Int(head.path.start)] == UInt8(ascii: "*"), head.method != .options {
            return .badTarget
        }
        return nil
    }

    /// RFC 9112 section 2.3: `HTTP/` digit `.` digit, in capitals.
    @inline(never)
    private static func otherVersion(_ head: inout Head, _ cursor: inout HeadCursor) -> HeadStop? {
        let base = cursor.base
        let start = cursor.at
        let form: StaticString = "HTTP/0.0\r\n"
        for index in 0..<form.utf8CodeUnitCount {
            guard start &+ index < cursor.end else { return .more }
            let byte = base[start &+ index]
            let expected = form.utf8Start[index]
            let isRight = expected == UInt8(ascii: "0") ? byte &- 0x30 < 10 : byte == expected
            if !isRight { return byte == HeadByte.lf ? .bareLF : .badVersion }
        }
        cursor.at = start &+ form.utf8CodeUnitCount
        // A higher minor version must be taken as the highest one we know (section 2.5 of RFC 9110).
        guard base[start &+ 5] == UInt8(ascii: "1") else { return .otherVersion }
        head.version = base[start &+ 7] == UInt8(ascii: "0") ? .http10 : .http11
        return nil
    }
}
