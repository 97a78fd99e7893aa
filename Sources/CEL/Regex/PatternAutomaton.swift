/// A program as a table of states: whether a text has a match is one look at the table for each character.
///
/// It is made as a whole when the pattern is compiled, so that all threads can share it, and is given up for a pattern
/// that would make it large: the machine does those.
struct PatternAutomaton: Sendable {
    /// The first state: there is a match, whatever follows. The second: there is none.
    private let failed: UInt16
    private let start: UInt16
    /// For each state and kind of character the state behind it. A state is the place of its row.
    private let table: [UInt16]
    /// The kind of each ASCII character.
    private let ascii: [UInt8]
    /// The kinds of the others, by ranges that start here.
    private let starts: [UInt32]
    private let kinds: [UInt8]
    /// The kind that stands for the end of the text.
    private let end: UInt8

    init(
        failed: UInt16, start: UInt16, table: [UInt16], starts: [UInt32], kinds: [UInt8], end: UInt8
    ) {
        self.failed = failed
        self.start = start
        self.table = table
        self.starts = starts
        self.kinds = kinds
        self.end = end
        ascii = (UInt32(0)..<128).map { Self.kind(of: $0, starts, kinds) }
    }

    private static func kind(of scalar: UInt32, _ starts: [UInt32], _ kinds: [UInt8]) -> UInt8 {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= scalar { low = middle } else { high = middle }
        }
        return kinds[low]
    }

    var size: Int { table.count }

    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        table.withUnsafeBufferPointer { table in
            ascii.withUnsafeBufferPointer { ascii in
                var state = start
                var at = 0
                while at < text.count {
                    let kind: UInt8
                    let byte = text[at]
                    if byte < 0x80 {
                        kind = ascii[Int(byte)]
                        at += 1
                    } else {
                        let scalar = decodedScalar(text, at)
                        kind = Self.kind(of: scalar.value, starts, kinds)
                        at += scalar.width
                    }
                    state = table[Int(state) + Int(kind)]
                    if state <= failed { return state < failed }
                }
                return table[Int(state) + Int(end)] < failed
            }
        }
    }
}
