import JSON

/// Protobuf's wire format (protobuf.dev, Encoding).
extension OTLPWriter {
    mutating func tag(_ number: Int, _ type: UInt64) { varint(UInt64(number) << 3 | type) }

    mutating func varint(_ value: UInt64) { out.append(varint: value) }

    mutating func varint(_ number: Int, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    /// Nothing if the number is 0, which is what a reader takes it for.
    mutating func count(_ number: Int, _ value: Int) {
        if value > 0 { varint(number, UInt64(min(value, Int(UInt32.max)))) }
    }

    mutating func fixed64(_ number: Int, _ value: UInt64) {
        tag(number, 1)
        out.append(uninitialized: 8) { UnsafeMutableRawPointer($0).storeBytes(of: value.littleEndian, as: UInt64.self) }
    }

    mutating func fixed32(_ value: UInt32) {
        out.append(uninitialized: 4) { UnsafeMutableRawPointer($0).storeBytes(of: value.littleEndian, as: UInt32.self) }
    }

    mutating func field(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        tag(number, 2)
        varint(UInt64(bytes.count))
        out.append(bytes)
    }

    mutating func field(_ number: Int, _ text: String) {
        tag(number, 2)
        varint(UInt64(text.utf8.count))
        out.append(text)
    }

    /// A string must be UTF-8, or the collector refuses all that is with it.
    mutating func text(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
        if UTF8Scanner.firstInvalid(bytes) == nil {
            field(number, bytes)
        } else {
            field(number, String(decoding: bytes, as: UTF8.self))
        }
    }

    mutating func bytes8(_ number: Int, _ value: UInt64) {
        tag(number, 2)
        varint(8)
        bigEndian(value)
    }

    mutating func bytes16(_ number: Int, _ high: UInt64, _ low: UInt64) {
        tag(number, 2)
        varint(16)
        bigEndian(high)
        bigEndian(low)
    }

    mutating func bigEndian(_ value: UInt64) {
        out.append(uninitialized: 8) { UnsafeMutableRawPointer($0).storeBytes(of: value.bigEndian, as: UInt64.self) }
    }

    /// Begins a message or a text whose length is known when it ends. Returns where its contents begin.
    mutating func begin(_ number: Int) -> Int {
        tag(number, 2)
        out.append(0)
        return out.count
    }

    /// Puts the length before the contents. Most have one of a byte, for which there is room; others are moved, which costs
    /// less than to measure them first.
    mutating func end(_ start: Int) {
        let count = out.count &- start
        var width = 1
        while count >> (7 &* width) != 0 { width &+= 1 }
        if width > 1 { out.insert(width &- 1, at: start) }
        var rest = count
        for index in 0..<width {
            let more: UInt8 = index &+ 1 < width ? 0x80 : 0
            out.replace(at: start &- 1 &+ index, with: UInt8(truncatingIfNeeded: rest & 0x7F) | more)
            rest >>= 7
        }
    }
}
