extension JSONValue {
    /// Appends the value as compact JSON.
    ///
    /// Doubles are the shortest text that reads back as the same number. A whole one has no fraction: `3.0` is
    /// written `3`, as JavaScript and ProtoJSON do, since to JSON there is one kind of number. NaN and the infinities,
    /// which JSON cannot say, become `null`, as in JavaScript.
    package func write(to writer: inout ByteWriter) {
        switch self {
        case .null: writer.append("null" as StaticString)
        case .bool(let value): writer.append(value ? "true" as StaticString : "false")
        case .int(let value): writer.append(decimal: Int(value))
        case .double(let value): writer.append(jsonNumber: value)
        case .string(let text): writer.append(jsonString: text)
        case .array(let elements):
            writer.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { writer.append(UInt8(ascii: ",")) }
                element.write(to: &writer)
            }
            writer.append(UInt8(ascii: "]"))
        case .object(let members):
            writer.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { writer.append(UInt8(ascii: ",")) }
                writer.append(jsonString: member.key)
                writer.append(UInt8(ascii: ":"))
                member.value.write(to: &writer)
            }
            writer.append(UInt8(ascii: "}"))
        }
    }
}

extension ByteWriter {
    /// Appends a double as a JSON number, or `null` if it is not finite.
    package mutating func append(jsonNumber value: Double) {
        // Up to 2^53 every whole number is exact; beyond, the exponent form is shorter than the digits.
        let exact = 9_007_199_254_740_992.0
        if !value.isFinite {
            append("null" as StaticString)
        } else if value.magnitude < exact, value == Double(Int(value)), value != 0 || value.sign == .plus {
            append(decimal: Int(value))
        } else {
            append(value.description)
        }
    }
}
