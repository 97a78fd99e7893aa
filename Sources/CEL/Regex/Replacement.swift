/// What stands for a match in `regex.replace`: text in which `\1` to `\9` are the groups, `\0` is the match and `\\` is a
/// backslash.
struct Replacement: Sendable {
    private enum Part: Sendable {
        case text([UInt8])
        case group(Int)
    }

    private let parts: [Part]
    /// How many slots of a match it looks at, the match's own included.
    let slots: Int

    /// - Parameter groups: how many the pattern has.
    init(_ text: String, groups: Int) throws(PatternError) {
        var parts: [Part] = []
        var plain: [UInt8] = []
        var highest = 0
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "\\") else {
                plain.append(bytes[at])
                at += 1
                continue
            }
            let next = at + 1 < bytes.count ? bytes[at + 1] : 0
            switch next {
            case UInt8(ascii: "\\"): plain.append(next)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let group = Int(next - UInt8(ascii: "0"))
                guard group <= groups else {
                    throw PatternError(
                        "the replacement names group \(group), and the pattern has \(groups)", at..<at + 2)
                }
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = []
                parts.append(.group(group))
                highest = max(highest, group)
            default:
                throw PatternError(
                    "a backslash in the replacement stands before neither a digit nor a backslash", at..<at + 1,
                    help: "\\1 to \\9 are the groups, \\0 is the match; for a backslash itself write '\\\\'")
            }
            at += 2
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
        slots = 2 * (highest + 1)
    }

    func append(_ match: [Int32], of text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        for part in parts {
            switch part {
            case .text(let bytes): out += bytes
            case .group(let group):
                let start = Int(match[2 * group])
                let end = Int(match[2 * group + 1])
                if start >= 0, end >= start { out += text[start..<end] }
            }
        }
    }
}
