import Pipeline

/// How large a head may be; what is over is refused with 414 (the target) or 431.
package struct HeadLimits: Sendable {
    /// Bytes of one field line, and of the request target.
    package let field: Int
    /// Bytes of the whole head, request line and final CRLF included.
    package let total: Int
    /// Fields; `Head.fieldCapacity` holds whatever is set here.
    package let count: Int

    package init(field: Int = 16 * 1024, total: Int = 64 * 1024, count: Int = 100) {
        // Ranges are 32 bits, and sums of these must not overflow.
        self.field = min(max(field, 1), 1 << 24)
        self.total = min(max(total, 1), 1 << 24)
        self.count = min(max(count, 0), Head.fieldCapacity)
    }
}
