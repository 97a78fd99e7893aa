package import JSON

/// Writes labels as they are exposed: `name="value",other="value"`, whatever is in the values.
package struct LabelWriter: ~Copyable {
    private var out = ByteWriter(capacity: 128)

    package init() {}

    package mutating func clear() { out.clear() }

    package var labels: [UInt8] { Array(out.bytes) }

    package var bytes: UnsafeBufferPointer<UInt8> { out.bytes }

    /// No value is longer: one that comes from outside could be of any length.
    package static let valueLimit = 512

    package mutating func label(_ name: StaticString, _ value: StaticString) {
        begin(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        out.append(value)
        out.append(UInt8(ascii: "\""))
    }

    package mutating func label(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) {
        begin(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        Self.append(escaped: value, to: &out)
        out.append(UInt8(ascii: "\""))
    }

    package mutating func label(_ name: StaticString, _ value: [UInt8]) {
        value.withUnsafeBufferPointer { label(name, $0) }
    }

    package mutating func label(_ name: StaticString, decimal value: Int) {
        begin(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        out.append(decimal: value)
        out.append(UInt8(ascii: "\""))
    }

    package mutating func label(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { begin($0) }
        value.withUTF8 { Self.append(escaped: $0, to: &out) }
        out.append(UInt8(ascii: "\""))
    }

    /// A label whose value `write` appends as it is; it is escaped then.
    ///
    /// - Parameter scratch: for the value; cleared first.
    package mutating func label(
        _ name: [UInt8], through scratch: inout ByteWriter, _ write: (inout ByteWriter) -> Void
    ) {
        scratch.clear()
        write(&scratch)
        name.withUnsafeBufferPointer { begin($0) }
        Self.append(escaped: scratch.bytes, to: &out)
        out.append(UInt8(ascii: "\""))
    }

    private mutating func begin(_ name: UnsafeBufferPointer<UInt8>) {
        if out.count > 0 { out.append(UInt8(ascii: ",")) }
        out.append(name)
        out.append("=\"")
    }

    /// Backslash, quote and line break escaped (text format 0.0.4 and OpenMetrics 1.0.0 alike); what is not UTF-8, and
    /// controls, which some parsers stumble over, become U+FFFD.
    private static func append(escaped value: UnsafeBufferPointer<UInt8>, to out: inout ByteWriter) {
        var isPlain = value.count <= valueLimit
        if isPlain {
            for byte in value where byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C {
                isPlain = false
                break
            }
        }
        if isPlain { return out.append(value) }
        var left = valueLimit
        for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
            let size = UTF8.width(scalar)
            guard left >= size else { return }
            left -= size
            switch scalar {
            case "\\": out.append("\\\\")
            case "\"": out.append("\\\"")
            case "\n": out.append("\\n")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": out.append("\u{FFFD}")
            default: for byte in UTF8.encode(scalar).map(Array.init) ?? [] { out.append(byte) }
            }
        }
    }
}
