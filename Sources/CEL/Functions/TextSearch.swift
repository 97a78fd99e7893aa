/// Finds a run of bytes in another, in time linear in both.
/// Knuth, Morris and Pratt, "Fast pattern matching in strings" (1977).
struct TextSearch {
    private let part: [UInt8]
    /// For each length of a match so far: the longest shorter one that ends the same.
    private let fallback: [Int]

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ part: [UInt8]) {
        self.part = part
        var fallback = [0]
        var matched = 0
        for at in part.indices.dropFirst() {
            while matched > 0, part[at] != part[matched] { matched = fallback[matched - 1] }
            if part[at] == part[matched] { matched += 1 }
            fallback.append(matched)
        }
        self.fallback = fallback
    }

    /// Up to here it is quicker to compare at each place than to make ready; it is still linear in the text.
    private static let short = 16

    /// The first place of `part` at or behind `start`, in bytes, where it is looked for once.
    static func first(_ part: String, in text: String, from start: Int = 0) -> Int? {
        guard (1...short).contains(part.utf8.count) else { return TextSearch(part).first(in: text, from: start) }
        var (part, text) = (part, text)
        return part.withUTF8 { part in
            text.withUTF8 { text in
                var at = start
                while at <= text.count - part.count {
                    if text[at] == part[0],
                        UnsafeBufferPointer(rebasing: text[at..<at + part.count]).elementsEqual(part)
                    {
                        return at
                    }
                    at += 1
                }
                return nil
            }
        }
    }

    /// The first place at or behind `start`, in bytes.
    func first(in text: String, from start: Int = 0) -> Int? {
        if part.isEmpty { return start <= text.utf8.count ? start : nil }
        var text = text
        return text.withUTF8 { first(in: $0, from: start) }
    }

    func first(in bytes: [UInt8]) -> Int? {
        part.isEmpty ? 0 : bytes.withUnsafeBufferPointer { first(in: $0, from: 0) }
    }

    private func first(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var matched = 0
        var at = start
        while at < bytes.count {
            while matched > 0, bytes[at] != part[matched] { matched = fallback[matched - 1] }
            if bytes[at] == part[matched] { matched += 1 }
            at += 1
            if matched == part.count { return at - matched }
        }
        return nil
    }
}
