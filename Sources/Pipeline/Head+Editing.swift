import JSON

extension Head {
    /// The first value of a field, by its meaning or else by its lower-case name.
    package func field(_ known: KnownField, _ name: [UInt8]) -> ByteRange? {
        if known != .other { return value(of: known) }
        for index in 0..<fieldCount where fields[index].known == .other && matches(fields[index].name, name) {
            return fields[index].value
        }
        return nil
    }

    /// Removes all fields of a lower-case name, for what comes after in the chain.
    package mutating func remove(_ name: [UInt8]) {
        var kept = 0
        for index in 0..<fieldCount where !matches(fields[index].name, name) {
            fields[kept] = fields[index]
            kept &+= 1
        }
        guard kept != fieldCount else { return }
        fieldCount = kept
        noteAgain()
    }

    /// Keeps the first `count` fields, where others were moved up.
    package mutating func drop(to count: Int) {
        guard count < fieldCount else { return }
        fieldCount = count
        noteAgain()
    }

    /// Adds a field as if the client had sent it; false if there is no room.
    package mutating func append(_ name: [UInt8], _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = bytes.count
        bytes.append(name)
        bytes.append(value)
        let known = name.withUnsafeBufferPointer { KnownField.named($0) }
        let nameEnd = start &+ name.count
        let field = HeaderField(
            name: ByteRange(start: start, end: nameEnd), value: ByteRange(start: nameEnd, end: bytes.count),
            known: known)
        guard add(field) else { return false }
        note(known, at: fieldCount &- 1)
        return true
    }

    private func matches(_ range: ByteRange, _ name: [UInt8]) -> Bool {
        guard Int(range.count) == name.count else { return false }
        let sent = slice(range)
        guard sent.count == name.count else { return false }
        for index in 0..<name.count {
            let byte = sent[index]
            let folded = byte &- 65 < 26 ? byte | 0x20 : byte
            if folded != name[index] { return false }
        }
        return true
    }
}
