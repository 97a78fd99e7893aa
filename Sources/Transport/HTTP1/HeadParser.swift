import JSON
package import Pipeline

package enum HeadResult {
    /// The head is the first `length` bytes; what follows is body, or the next request.
    case complete(length: Int)
    case incomplete
    /// Answer with this status and close: where the next request starts is not known.
    case refused(status: Int, reason: StaticString)
}

/// The head of an HTTP/1 request, parsed in place into ranges (RFC 9112 sections 2 to 6), strictly: what two
/// implementations could read in two ways is refused.
///
/// Strictly from left to right: an error is known by its position, so how the bytes were cut into pieces cannot
/// change the answer.
package enum HeadParser {
    /// Parses what `head.bytes` holds from its start, the request line.
    ///
    /// `scanned` is 0 for a new head; while the answer is `.incomplete`, append more bytes and pass it again. It
    /// keeps a head that arrives in drops from being parsed once a drop.
    package static func parse(
        _ head: inout Head, limits: HeadLimits = HeadLimits(), scanned: inout Int
    ) -> HeadResult {
        let bytes = head.bytes.bytes
        guard let base = bytes.baseAddress else { return .incomplete }
        if scanned > 0, !isWorthParsing(bytes, since: scanned, limits, hasLine: !head.target.isEmpty) {
            scanned = bytes.count
            return .incomplete
        }
        head.target = .none
        head.fieldCount = 0
        var cursor = HeadCursor(base: base, end: min(bytes.count, limits.total), limits: limits)
        var facts = FieldFacts()
        guard
            let stop = requestLine(&head, &cursor) ?? fields(&head, &cursor, &facts) ?? facts.apply(to: &head)
        else {
            scanned = 0
            return .complete(length: cursor.at)
        }
        if stop == .more {
            scanned = bytes.count
            if bytes.count < limits.total { return .incomplete }
            return .refused(status: HeadStop.headTooLarge.status, reason: HeadStop.headTooLarge.reason)
        }
        return .refused(status: stop.status, reason: stop.reason)
    }

    /// Whether the bytes since `scanned` can end the head, or break it.
    ///
    /// The end of the request line is worth it, so that what is not HTTP is told at once. So is the count's passing
    /// a power of two: an error that needs a parser to be seen is seen before the head has doubled, and all the
    /// parsing together stays linear.
    private static func isWorthParsing(
        _ bytes: UnsafeBufferPointer<UInt8>, since scanned: Int, _ limits: HeadLimits, hasLine: Bool
    ) -> Bool {
        let count = bytes.count
        guard let base = bytes.baseAddress, scanned < count else { return false }
        if count >= limits.total || count.leadingZeroBitCount != scanned.leadingZeroBitCount { return true }
        var at = max(0, scanned &- 3)
        while true {
            at = skipText(base, from: at, to: count)
            if at == count { return false }
            switch base[at] {
            case HeadByte.tab: break
            case HeadByte.cr:
                if at &+ 1 < count, base[at &+ 1] != HeadByte.lf { return true }
            case HeadByte.lf:
                if !hasLine || at == 0 || base[at &- 1] != HeadByte.cr { return true }
                if at &+ 2 < count, base[at &+ 1] == HeadByte.cr { return true }
            default: return true
            }
            at &+= 1
        }
    }
}

/// Where the parser is.
struct HeadCursor {
    let base: UnsafePointer<UInt8>
    /// Nothing at or after this is read: it has not come, or is over the total.
    let end: Int
    let limits: HeadLimits
    var at = 0
}
