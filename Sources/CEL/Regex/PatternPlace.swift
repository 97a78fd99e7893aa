/// Finds where in a string literal a part of its content was written, so that a caret stands under the part of a
/// pattern that is wrong.
enum PatternPlace {
    /// - Parameters:
    ///   - part: in the bytes of the literal's content.
    ///   - content: the literal's content, escapes resolved.
    ///   - literal: the literal's place in `text`, prefix and quotes included.
    /// - Returns: a place in `text`; the whole literal if what stands there is not just a literal.
    static func range(_ part: Range<Int>, of content: String, in literal: Range<Int>, _ text: [UInt8]) -> Range<Int> {
        guard literal.upperBound <= text.count, let pieces = pieces(literal, text),
            pieces.reduce(0, { $0 + $1.bytes }) == content.utf8.count
        else { return literal }
        var offset = 0
        var start: Int?
        var end: Int?
        for piece in pieces {
            if start == nil, offset + piece.bytes > part.lowerBound { start = piece.range.lowerBound }
            offset += piece.bytes
            if offset >= part.upperBound, piece.bytes > 0 {
                end = part.isEmpty && start == nil ? nil : piece.range.upperBound
                break
            }
        }
        // A place behind the last byte.
        let last = pieces.last?.range.upperBound ?? literal.lowerBound
        guard let start else { return last..<last }
        return part.isEmpty ? start..<start : start..<max(start, end ?? last)
    }

    /// One character or escape, and how many bytes of the content it makes.
    private typealias Piece = (range: Range<Int>, bytes: Int)

    private static func pieces(_ literal: Range<Int>, _ text: [UInt8]) -> [Piece]? {
        var at = literal.lowerBound
        var isRaw = false
        while at < literal.upperBound, text[at] | 0x20 == UInt8(ascii: "r") || text[at] | 0x20 == UInt8(ascii: "b") {
            if text[at] | 0x20 == UInt8(ascii: "r") { isRaw = true }
            at += 1
        }
        guard at < literal.upperBound, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "'") else {
            return nil
        }
        let quote = text[at]
        let isTriple = literal.upperBound - at >= 6 && text[at + 1] == quote && text[at + 2] == quote
        let end = literal.upperBound - (isTriple ? 3 : 1)
        at += isTriple ? 3 : 1
        var pieces: [Piece] = []
        while at < end {
            let piece = piece(at, end, text, isRaw: isRaw)
            pieces.append(piece)
            at = piece.range.upperBound
        }
        return at == end ? pieces : nil
    }

    private static func piece(_ at: Int, _ end: Int, _ text: [UInt8], isRaw: Bool) -> Piece {
        if text[at] == 0x0D, at + 1 < end, text[at + 1] == 0x0A { return (at..<at + 2, 1) }
        guard text[at] == UInt8(ascii: "\\"), !isRaw, at + 1 < end else { return (at..<at + 1, 1) }
        let digits: Int
        var radix: UInt32 = 16
        switch text[at + 1] {
        case UInt8(ascii: "x"), UInt8(ascii: "X"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            digits = 3
            radix = 8
        default: return (at..<at + 2, 1)
        }
        let first = radix == 8 ? at + 1 : at + 2
        let last = min(first + digits, end)
        let value = text[first..<last].reduce(UInt32(0)) { $0 &* radix &+ UInt32(hexValue($1) ?? 0) }
        return (at..<last, UnicodeScalar(value).map { UTF8.width($0) } ?? 1)
    }
}
