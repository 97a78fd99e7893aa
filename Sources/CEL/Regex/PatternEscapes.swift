// What starts with a backslash.
extension PatternParser {
    mutating func escape() throws(PatternError) {
        guard let letter = peek(1) else {
            throw PatternError(
                "the pattern ends in a backslash", bytes(at, at + 1), help: "for the character itself write '\\\\'")
        }
        if let assertion = Self.assertion(letter) {
            at += 2
            add(PatternSyntax(.assertion(assertion)))
            return
        }
        if let set = try perlSet() {
            add(number(set))
            return
        }
        switch UnicodeScalar(letter) {
        case "p", "P": add(number(try unicodeSet()))
        case "Q":
            at += 2
            while let scalar = peek() {
                if next(is: "\\"), next(is: "E", 1) {
                    at += 2
                    return
                }
                add(scalar)
                at += 1
            }
        case "Z":
            throw PatternError("there is no '\\Z'", bytes(at, at + 2), help: "'\\z' and '$' are the end of the text")
        case "C": throw PatternError("there is no '\\C': a text is made of characters, not of bytes", bytes(at, at + 2))
        case "k", "g":
            throw PatternError(
                "a reference back, `\\\(text(at + 1, at + 2))`, is not supported", bytes(at, at + 2), help: Self.linear)
        default: add(try escapedScalar())
        }
    }

    private static func assertion(_ letter: UInt32) -> PatternAssertion? {
        switch UnicodeScalar(letter) {
        case "A": .textStart
        case "z": .textEnd
        case "b": .wordBoundary
        case "B": .noWordBoundary
        default: nil
        }
    }

    /// One character by an escape, in and outside of square brackets.
    mutating func escapedScalar() throws(PatternError) -> UInt32 {
        let start = at
        guard let letter = peek(1) else {
            throw PatternError(
                "the pattern ends in a backslash", bytes(at, at + 1), help: "for the character itself write '\\\\'")
        }
        at += 2
        switch UnicodeScalar(letter) {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x": return try hexadecimal(start)
        default: break
        }
        if (0x30...0x39).contains(letter) { return try octal(letter, start) }
        let isLetter = (0x41...0x5A).contains(letter) || (0x61...0x7A).contains(letter)
        if letter < 0x80, !isLetter { return letter }
        throw PatternError(
            "unknown escape '\(text(start, at))'", bytes(start, at), help: "for a backslash itself write '\\\\'")
    }

    /// `\012`, as in RE2: a zero and up to two digits more, or two or three digits. One digit alone would be a reference.
    private mutating func octal(_ first: UInt32, _ start: Int) throws(PatternError) -> UInt32 {
        var value = first - 0x30
        func digit() -> UInt32? { peek().flatMap { (0x30...0x37).contains($0) ? $0 - 0x30 : nil } }
        guard first == 0x30 || value < 8 && digit() != nil else {
            throw PatternError(
                "a reference back, `\(text(start, at))`, is not supported", bytes(start, at), help: Self.linear)
        }
        for _ in 0..<2 {
            guard let next = digit() else { break }
            value = value * 8 + next
            at += 1
        }
        return value
    }

    /// `\x41` or `\x{1F600}`.
    private mutating func hexadecimal(_ start: Int) throws(PatternError) -> UInt32 {
        func digit() -> UInt32? { peek().flatMap(UInt8.init(exactly:)).flatMap(hexValue).map(UInt32.init) }
        var value: UInt32 = 0
        if next(is: "{") {
            at += 1
            let first = at
            while let next = digit(), value <= ScalarSet.last {
                value = value * 16 + next
                at += 1
            }
            if at > first, next(is: "}"), value <= ScalarSet.last {
                at += 1
                return value
            }
        } else if let high = digit() {
            at += 1
            if let low = digit() {
                at += 1
                return high * 16 + low
            }
        }
        throw PatternError(
            "the escape is no character", bytes(start, min(at + 1, scalars.count)),
            help: "\\x takes two hexadecimal digits, or any number of them in braces: \\x{1F600}")
    }
}
