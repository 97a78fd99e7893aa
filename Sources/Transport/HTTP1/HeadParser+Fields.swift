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
            while at < stop, HeadByte.isBlank(base[at]) { at &+= 1 }
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
            while valueEnd > valueStart, HeadByte.isBlank(base[valueEnd &- 1]) { valueEnd &-= 1 }

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
        return HeadByte.isBlank(byte) ? .fold : .badName
    }
}
