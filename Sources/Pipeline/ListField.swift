/// Fields whose value is a list with commas (RFC 9110 section 5.6.1).
package enum ListField {
    /// Whether the list has a member, which is given in lower case. Parameters of members do not count.
    package static func contains(_ field: UnsafeBufferPointer<UInt8>, _ member: StaticString) -> Bool {
        var at = 0
        while at < field.count {
            while at < field.count, field[at] == 0x20 || field[at] == 0x09 || field[at] == UInt8(ascii: ",") { at += 1 }
            let start = at
            while at < field.count, field[at] != UInt8(ascii: ",") { at += 1 }
            var end = start
            while end < at, field[end] != 0x20, field[end] != 0x09, field[end] != UInt8(ascii: ";") { end += 1 }
            if equalsIgnoringCase(UnsafeBufferPointer(rebasing: field[start..<end]), member) { return true }
        }
        return false
    }
}
