import Diagnostics
import Pipeline

/// Segments that are wildcards to other routers, and text to this one.
enum LiteralWildcardsPass {
    static func run(_ routes: [PlacedRoute], _ findings: inout Findings) {
        for route in routes where !route.patterns.isEmpty && route.method == nil { check(route.key, &findings) }
    }

    private static func check(_ key: PlacedText, _ findings: inout Findings) {
        let slash = UInt8(ascii: "/")
        guard var at = key.bytes.firstIndex(of: slash) else { return }
        while at < key.bytes.count {
            let end = key.bytes[(at + 1)...].firstIndex(of: slash) ?? key.bytes.count
            let segment = key.bytes[(at + 1)..<end]
            if let meant = meant(segment, isLast: end == key.bytes.count) {
                findings.report(
                    RouteRules.literalWildcard,
                    "`\(String(decoding: segment, as: UTF8.self))` is text here, not a wildcard",
                    at: key.range((at + 1)..<end), help: "write `\(meant)`", suggestion: meant)
            }
            at = end
        }
    }

    /// `:name`, `<name>`, `*` and `*name` as they are written here.
    private static func meant(_ segment: ArraySlice<UInt8>, isLast: Bool) -> String? {
        var name = segment.dropFirst()
        switch segment.first {
        case UInt8(ascii: ":"): return isName(name) ? "{\(text(name))}" : nil
        case UInt8(ascii: "<"):
            guard name.popLast() == UInt8(ascii: ">") else { return nil }
            return isName(name) ? "{\(text(name))}" : nil
        case UInt8(ascii: "*"):
            if name.allSatisfy({ $0 == UInt8(ascii: "*") }) { return isLast ? "{rest...}" : "{name}" }
            return isName(name) ? "{\(text(name))\(isLast ? "..." : "")}" : nil
        default: return nil
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let isWord: (UInt8) -> Bool = { byte in
            byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard let first = bytes.first, !(0x30...0x39).contains(first) else { return false }
        return bytes.allSatisfy(isWord)
    }
}
