import JSON

/// Text as a terminal shows it: a manifest must not be able to write escape sequences to it, and carets must stand
/// under what they mean.
package struct DisplayText {
    /// One character on the screen, or the escape that stands for it.
    package struct Cell {
        package let text: String
        /// In columns of the terminal.
        package let width: Int
        /// Where its bytes start in the line.
        package let offset: Int
    }

    package let cells: [Cell]

    package init(_ line: ArraySlice<UInt8>) {
        var cells: [Cell] = []
        line.withUnsafeBufferPointer { bytes in
            var at = 0
            while at < bytes.count {
                let length = UTF8Scanner.sequenceLength(bytes, at)
                if length == 0 {
                    let hex = String(bytes[at], radix: 16)
                    let text = "\\x" + (hex.utf8.count == 1 ? "0" : "") + hex
                    cells.append(Cell(text: text, width: text.utf8.count, offset: at))
                    at += 1
                    continue
                }
                let text = String(decoding: bytes[at..<at + length], as: UTF8.self)
                for scalar in text.unicodeScalars {
                    let shown = Self.shown(scalar)
                    cells.append(Cell(text: shown.text, width: shown.width, offset: at))
                }
                at += length
            }
        }
        self.cells = cells
    }

    /// A text that is no excerpt: a message, a name.
    static func safe(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        return text.unicodeScalars.map { $0 == "\t" ? " " : shown($0).text }.joined()
    }

    private static func shown(_ scalar: Unicode.Scalar) -> (text: String, width: Int) {
        if scalar.value >= 0x20 && scalar.value < 0x7F { return (String(scalar), 1) }
        if scalar == "\t" { return ("    ", 4) }
        let properties = scalar.properties
        switch properties.generalCategory {
        // Format characters can turn the direction of what follows; the joiner only shapes its neighbours.
        case .control, .lineSeparator, .paragraphSeparator, .format, .privateUse, .unassigned, .surrogate:
            if scalar.value == 0x200D { return (String(scalar), 0) }
            let text = "\\u{" + String(scalar.value, radix: 16) + "}"
            return (text, text.utf8.count)
        case .nonspacingMark, .enclosingMark: return (String(scalar), 0)
        default: return (String(scalar), isWide(scalar.value) ? 2 : 1)
        }
    }

    /// East Asian wide and full-width characters and emoji (UAX #11), by block.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
