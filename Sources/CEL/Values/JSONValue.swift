package import JSON

// Values as JSON. Bytes are base64, timestamps RFC 3339, durations seconds with an `s`, as ProtoJSON has them.
extension Value {
    /// Appends the value as JSON. What was written before a failure is for the caller to take back.
    package func writeJSON(_ out: inout ByteWriter) -> JSONOutcome {
        writeJSON(&out, limit: out.count + Limits.output)
    }

    /// - Parameter limit: the count of `out` at which it stops: a value whose parts are shared can be far larger written
    ///   out than in memory.
    private func writeJSON(_ out: inout ByteWriter, limit: Int) -> JSONOutcome {
        if out.count > limit { return .failed(Limits.outputExceeded) }
        switch self {
        case .null: out.append("null" as StaticString)
        case .bool(let flag): out.append(flag ? "true" as StaticString : "false" as StaticString)
        case .int(let number): out.append(decimal: Int(number))
        case .uint(let number): out.append(decimal: UInt(number))
        case .double(let number):
            guard number.isFinite else {
                return .failed(EvaluationError("\(doubleText(number)) cannot be written as JSON"))
            }
            out.append(doubleText(number))
        case .string(let text): out.append(jsonString: text)
        case .bytes(let bytes): out.append(jsonString: Base64.encode(bytes))
        case .timestamp(let time):
            out.append(UInt8(ascii: "\""))
            time.write(into: &out)
            out.append(UInt8(ascii: "\""))
        case .duration(let span):
            out.append(UInt8(ascii: "\""))
            span.write(into: &out)
            out.append(UInt8(ascii: "\""))
        case .ip(let address): out.append(jsonString: address.text)
        case .cidr(let network): out.append(jsonString: network.text)
        case .type(let type): out.append(jsonString: type.nameAsValue)
        case .optional(let wrapped): return wrapped?.writeJSON(&out, limit: limit) ?? .absent
        case .error(let error): return .failed(error)
        case .list(let list): return Self.write(list, &out, limit)
        case .map(let map): return Self.write(map, &out, limit)
        case .message(let message): return message.writeJSON(&out)
        }
        return .written
    }

    private static func write(_ list: [Value], _ out: inout ByteWriter, _ limit: Int) -> JSONOutcome {
        out.append(UInt8(ascii: "["))
        for (at, value) in list.enumerated() {
            if at > 0 { out.append(UInt8(ascii: ",")) }
            switch value.writeJSON(&out, limit: limit) {
            case .written: break
            // A place in a list cannot be left out without moving the others.
            case .absent: out.append("null" as StaticString)
            case .failed(let error): return .failed(error)
            }
        }
        out.append(UInt8(ascii: "]"))
        return .written
    }

    private static func write(_ map: MapValue, _ out: inout ByteWriter, _ limit: Int) -> JSONOutcome {
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in zip(map.keys, map.values) {
            let start = out.count
            if !isFirst { out.append(UInt8(ascii: ",")) }
            out.append(jsonString: key.text ?? "")
            out.append(UInt8(ascii: ":"))
            switch value.writeJSON(&out, limit: limit) {
            case .written: isFirst = false
            case .absent: out.truncate(to: start)
            case .failed(let error): return .failed(error)
            }
        }
        out.append(UInt8(ascii: "}"))
        return .written
    }
}

extension Value {
    /// JSON read as a value. A number without fraction or exponent that fits is an int, another one a double.
    package init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .int(let number): self = .int(number)
        case .double(let number): self = .double(number)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { Value($0) })
        case .object(let members): self = .map(MapValue(members.map { (.string($0.key), Value($0.value)) }))
        }
    }
}
