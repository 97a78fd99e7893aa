import Diagnostics

/// One `${…}` in a text: what it names, or what is wrong with it.
struct VariableReference {
    enum Kind {
        /// The name, and what stands for it if it is unset or empty.
        case variable(String, [UInt8]?)
        /// The path's place in the text.
        case file(Range<Int>)
        case malformed(Wrong)
    }

    struct Wrong {
        let message: String
        let range: Range<Int>
        let help: String
        var suggestion: String?
    }

    let kind: Kind
    /// From the `$` to behind the `}`.
    let range: Range<Int>

    /// - Parameter at: where a `${` stands.
    init(_ bytes: [UInt8], at start: Int) {
        let inside = start + 2
        let name = inside..<(bytes[inside...].firstIndex { !Self.continuesName($0) } ?? bytes.count)
        let word = String(decoding: bytes[name], as: UTF8.self)
        let close = bytes[name.upperBound...].firstIndex(of: UInt8(ascii: "}"))
        let sign = name.upperBound < bytes.count ? bytes[name.upperBound] : 0
        let second = name.upperBound + 1 < bytes.count ? bytes[name.upperBound + 1] : 0
        let isColon = sign == UInt8(ascii: ":")
        // What it is meant to be shows before its end, which may be missing.
        guard let close, Self.mayEnd(bytes[name.upperBound..<close], isColon: isColon) else {
            let end = name.upperBound
            range = start..<end
            let meant = Self.isName(bytes[name]) && !isColon ? "${\(word)}" : nil
            kind = .malformed(
                Wrong(
                    message: "`${` is not closed", range: start..<end,
                    help: Self.escapeHelp(meant.map { "write `\($0)`" } ?? "close it with `}`"), suggestion: meant))
            return
        }
        range = start..<close + 1
        let rest = bytes[name.upperBound..<close]
        let standard = rest.dropFirst(2)
        if word == "file", isColon, second != UInt8(ascii: "-") {
            let path = name.upperBound + 1..<close
            kind =
                path.isEmpty || bytes[path].contains(0)
                ? .malformed(
                    Wrong(message: "`${file:}` needs a path", range: range, help: "write `${file:/run/secrets/name}`"))
                : .file(path)
        } else if !Self.isName(bytes[name]) || !rest.isEmpty && !Self.operators.contains(sign) {
            let shown = String(decoding: bytes[inside..<close], as: UTF8.self)
            kind = .malformed(
                Wrong(
                    message: shown.isEmpty ? "`${}` names no variable" : "`\(shown)` is not the name of a variable",
                    range: range, help: Self.escapeHelp("names have letters, digits and `_`")))
        } else if rest.isEmpty {
            kind = .variable(word, nil)
        } else if !isColon || second != UInt8(ascii: "-") {
            // `?` asks for what is so anyway: unset is a mistake.
            let mustBeSet = sign == UInt8(ascii: "?") || second == UInt8(ascii: "?")
            let standard = String(decoding: rest.dropFirst(), as: UTF8.self)
            let meant = mustBeSet ? "${\(word)}" : sign == UInt8(ascii: "-") ? "${\(word):-\(standard)}" : nil
            kind = .malformed(
                Wrong(
                    message: "this form of `${…}` is not known", range: range,
                    help: meant.map { "write `\($0)`" } ?? "write `${\(word)}`, or `${\(word):-default}`",
                    suggestion: meant))
        } else if standard.indices.contains(where: { standard[$0...].starts(with: "${".utf8) }) {
            kind = .malformed(
                Wrong(
                    message: "a default cannot hold another `${`", range: range,
                    help: "write one variable with one default"))
        } else {
            kind = .variable(word, Array(standard))
        }
    }

    private static let operators = Set(":-?+=".utf8)

    private static func escapeHelp(_ help: String) -> String { help + "; for `${` as text write `$${`" }

    /// Without `:` there is no text between the braces, so a blank or a brace there says that the end is missing.
    private static func mayEnd(_ rest: ArraySlice<UInt8>, isColon: Bool) -> Bool {
        isColon || !rest.contains { $0 <= 0x20 || "{\"'".utf8.contains($0) }
    }

    private static func continuesName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// As POSIX has it, in either case (XBD section 8.1).
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        return !(0x30...0x39).contains(first) && bytes.allSatisfy(continuesName)
    }
}
