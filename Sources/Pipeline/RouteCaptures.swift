/// Where in the raw path the wildcards of the matched pattern lie, in the order of `RoutePattern.wildcardNames`.
///
/// Reused from request to request; `Router.match` fills it. Nothing in it is valid unless the match was a route.
package struct Captures: Sendable {
    package static let capacity = 16

    private var ranges: InlineArray<16, ByteRange>
    var escaped: UInt16 = 0
    /// How many wildcards the matched pattern has.
    package internal(set) var count = 0

    package init() { ranges = InlineArray(repeating: .none) }

    /// The bytes that wildcard `index` took, none past the last.
    package subscript(index: Int) -> ByteRange {
        index >= 0 && index < count && index < 16 ? ranges[index] : .none
    }

    /// Whether wildcard `index` holds a percent escape, so that its value is not its bytes.
    package func isEscaped(_ index: Int) -> Bool {
        index >= 0 && index < count && index < 16 && escaped & (1 << UInt16(truncatingIfNeeded: index)) != 0
    }

    @inline(__always) mutating func set(_ index: Int, _ start: Int, _ end: Int) {
        // The nameless rest of a pattern with sixteen wildcards has no place, and needs none.
        if index < 16 { ranges[index] = ByteRange(start: start, end: end) }
    }

    /// Finds which wildcards hold an escape, once the route is known.
    mutating func markEscapes(_ path: UnsafeBufferPointer<UInt8>) {
        escaped = 0
        for index in 0..<min(count, 16) {
            let range = ranges[index].range
            guard range.upperBound <= path.count else { continue }
            if path[range].contains(UInt8(ascii: "%")) { escaped |= 1 << UInt16(truncatingIfNeeded: index) }
        }
    }
}
