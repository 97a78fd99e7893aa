import Diagnostics

/// Decodes a scalar's text once more than libyaml does, to know where each byte of it comes from (YAML 1.2.2,
/// sections 7.3 and 8.1). The reader compares both results: where they differ, only the whole place is known.
struct ScalarDecoder {
    private let text: [UInt8]
    private let end: Int
    private var at: Int
    private(set) var bytes: [UInt8] = []
    /// Where each decoded byte comes from, in `text`.
    private(set) var places: [Int] = []

    init(_ text: [UInt8], _ range: Range<Int>) {
        self.text = text
        self.at = range.lowerBound
        self.end = min(range.upperBound, text.count)
    }

    private var byte: UInt8 { at < end ? text[at] : 0 }
    private func peek(_ ahead: Int) -> UInt8 { at + ahead < end ? text[at + ahead] : 0 }
    private var isBlank: Bool { byte == 0x20 || byte == 0x09 }
    private var isBreak: Bool { at < end && (byte == 0x0A || byte == 0x0D) }

    private mutating func emit(_ byte: UInt8, from place: Int) {
        bytes.append(byte)
        places.append(place)
    }

    private mutating func copy() {
        emit(byte, from: at)
        at += 1
    }

    /// Steps over one line break and gives its place.
    private mutating func stepBreak() -> Int {
        let place = at
        at += byte == 0x0D && peek(1) == 0x0A ? 2 : 1
        return place
    }

    // MARK: Flow scalars

    mutating func plain() {
        while at < end {
            if isBreak { fold(keeping: 0) } else { copy() }
        }
        trimBlanks(downTo: 0)
    }

    mutating func single() {
        at += 1
        while at < end {
            if byte == UInt8(ascii: "'") {
                guard peek(1) == UInt8(ascii: "'") else { return }
                emit(UInt8(ascii: "'"), from: at)
                at += 2
            } else if isBreak {
                fold(keeping: 0)
            } else {
                copy()
            }
        }
    }

    mutating func double() {
        at += 1
        // Blanks that an escape made are text; blanks before a break are not.
        var kept = 0
        while at < end, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                escape()
                kept = bytes.count
            } else if isBreak {
                fold(keeping: kept)
                kept = bytes.count
            } else {
                copy()
            }
        }
    }

    /// One break becomes a space, each further one a line feed; blanks around them go.
    private mutating func fold(keeping kept: Int) {
        trimBlanks(downTo: kept)
        let first = stepBreak()
        var more: [Int] = []
        while at < end, isBlank || isBreak {
            if isBreak { more.append(stepBreak()) } else { at += 1 }
        }
        if more.isEmpty { emit(0x20, from: first) }
        for place in more { emit(0x0A, from: place) }
    }

    private mutating func trimBlanks(downTo kept: Int) {
        while bytes.count > kept, bytes.last == 0x20 || bytes.last == 0x09 {
            bytes.removeLast()
            places.removeLast()
        }
    }

    private mutating func escape() {
        let start = at
        at += 1
        if isBreak {
            _ = stepBreak()
            var more: [Int] = []
            while at < end, isBlank || isBreak {
                if isBreak { more.append(stepBreak()) } else { at += 1 }
            }
            for place in more { emit(0x0A, from: place) }
            return
        }
        let letter = byte
        at += 1
        var scalar: UInt32
        switch letter {
        case UInt8(ascii: "0"): scalar = 0
        case UInt8(ascii: "a"): scalar = 7
        case UInt8(ascii: "b"): scalar = 8
        case UInt8(ascii: "t"), 0x09: scalar = 9
        case UInt8(ascii: "n"): scalar = 10
        case UInt8(ascii: "v"): scalar = 11
        case UInt8(ascii: "f"): scalar = 12
        case UInt8(ascii: "r"): scalar = 13
        case UInt8(ascii: "e"): scalar = 27
        case UInt8(ascii: "N"): scalar = 0x85
        case UInt8(ascii: "_"): scalar = 0xA0
        case UInt8(ascii: "L"): scalar = 0x2028
        case UInt8(ascii: "P"): scalar = 0x2029
        case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
            scalar = 0
            let digits = letter == UInt8(ascii: "x") ? 2 : letter == UInt8(ascii: "u") ? 4 : 8
            for _ in 0..<digits {
                scalar = (scalar << 4) | UInt32(hex(byte))
                at += 1
            }
        default: scalar = UInt32(letter)
        }
        // All bytes of the character point into the escape, the first at its backslash.
        for (offset, byte) in Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8).enumerated() {
            emit(byte, from: start + offset)
        }
    }

    private func hex(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: 0
        }
    }

    // MARK: Block scalars

    /// - Parameter indent: how many spaces the content has; nil to take it from the first line that is not empty.
    mutating func block(indent given: Int?) {
        let literal = byte == UInt8(ascii: "|")
        var keep = false
        var strip = false
        while at < end, !isBreak {
            if byte == UInt8(ascii: "#") {
                while at < end, !isBreak { at += 1 }
                break
            }
            if byte == UInt8(ascii: "+") { keep = true }
            if byte == UInt8(ascii: "-") { strip = true }
            at += 1
        }
        guard at < end else { return }
        _ = stepBreak()
        let indent = given ?? firstIndent()
        var leading: [Int] = []
        var trailing = emptyLines(indent)
        var wasBlank = false
        while at < end, column == indent {
            let blank = isBlank
            if !literal, let place = leading.first, !wasBlank, !blank {
                if trailing.isEmpty { emit(0x20, from: place) }
            } else {
                for place in leading { emit(0x0A, from: place) }
            }
            for place in trailing { emit(0x0A, from: place) }
            wasBlank = blank
            while at < end, !isBreak { copy() }
            leading = at < end ? [stepBreak()] : []
            lineStart = at
            trailing = emptyLines(indent)
        }
        if !strip { for place in leading { emit(0x0A, from: place) } }
        if keep { for place in trailing { emit(0x0A, from: place) } }
    }

    private var lineStart = 0
    private var column: Int { at - lineStart }

    /// Eats indentation, and the breaks of lines that have nothing else.
    private mutating func emptyLines(_ indent: Int) -> [Int] {
        var breaks: [Int] = []
        lineStart = at
        while true {
            while at < end, column < indent, byte == 0x20 { at += 1 }
            guard isBreak else { return breaks }
            breaks.append(stepBreak())
            lineStart = at
        }
    }

    private func firstIndent() -> Int {
        var probe = at
        var start = at
        var most = 0
        while probe < end {
            if text[probe] == 0x20 {
                probe += 1
            } else if text[probe] == 0x0A || text[probe] == 0x0D {
                most = max(most, probe - start)
                probe += 1
                start = probe
            } else {
                return max(most, probe - start, 1)
            }
        }
        return max(most, probe - start, 1)
    }
}
