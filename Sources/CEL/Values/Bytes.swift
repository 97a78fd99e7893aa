import JSON

/// Whether two strings hold the same UTF-8 bytes.
func sameBytes(_ a: String, _ b: String) -> Bool {
    let count = a.utf8.count
    if count != b.utf8.count { return false }
    var a = a
    var b = b
    return a.withUTF8 { first in
        b.withUTF8 { second in same(UnsafeRawBufferPointer(first), UnsafeRawBufferPointer(second)) }
    }
}

/// Eight bytes at a time; both runs are of one length.
private func same(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at &+ 8 <= a.count {
        if a.loadUnaligned(fromByteOffset: at, as: UInt64.self) != b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        {
            return false
        }
        at &+= 8
    }
    while at < a.count {
        if a[at] != b[at] { return false }
        at &+= 1
    }
    return true
}

/// Whether the bytes of `a` come before those of `b`: for UTF-8 that is the order of the Unicode scalars.
func bytesPrecede(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

/// How many bytes the scalar at `at` takes; 1 where there is none that is well-formed.
func scalarLength(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    max(1, UTF8Scanner.sequenceLength(bytes, at))
}

/// A text for a message: in double quotes, controls escaped, cut if it is long.
func quoted(_ text: String, limit: Int = 40) -> String {
    var writer = ByteWriter(capacity: 64)
    var short = String(text.unicodeScalars.prefix(limit))
    let cut = short.utf8.count < text.utf8.count
    writer.append(UInt8(ascii: "\""))
    short.withUTF8 { writer.append(jsonEscaped: $0) }
    if cut { writer.append("…" as StaticString) }
    writer.append(UInt8(ascii: "\""))
    return String(decoding: writer.bytes, as: UTF8.self)
}
