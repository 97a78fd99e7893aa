import JSON
package import Protobuf

/// A failure as google.rpc.Status in JSON, the body of a transcoded call that failed.
enum StatusJSON {
    /// - Parameter codec: knows the types of the method, which its details may have.
    static func write(_ failure: Failure, codec: MessageCodec?, into out: inout ByteWriter) {
        out.append("{\"code\":")
        out.append(decimal: UInt(failure.code.rawValue))
        out.append(",\"message\":")
        out.append(jsonString: CallStatus.shown(failure.message))
        out.append(",\"details\":[")
        for (index, detail) in CallStatus.details(failure).enumerated() {
            if index > 0 { out.append(",") }
            write(detail, codec, into: &out)
        }
        out.append("]}")
    }

    /// As google.protobuf.Any in JSON; of a type that is not known the bytes.
    private static func write(_ detail: ErrorDetail, _ codec: MessageCodec?, into out: inout ByteWriter) {
        out.append("{\"@type\":")
        out.append(jsonString: "type.googleapis.com/\(detail.type)")
        if let (known, type) = ErrorDetailTypes.find(detail.type, codec),
            case .success(let message) = known.decode(detail.bytes, as: type)
        {
            let mark = out.count
            let isWellKnown = detail.type.hasPrefix("google.protobuf.")
            out.append(isWellKnown ? ",\"value\":" : ",")
            let start = out.count
            if case .success = MessageJSONWriter(known).write(message, to: &out) {
                if isWellKnown { return out.append("}") }
                // Its own braces become those of the whole: `{"@type":…,` and then its fields.
                guard out.count &- start > 2 else {
                    out.truncate(to: mark)
                    return out.append("}")
                }
                return out.remove(at: start)
            }
            out.truncate(to: mark)
        }
        out.append(",\"value\":\"")
        detail.bytes.withUnsafeBufferPointer { Base64.encode($0, into: &out) }
        out.append("\"}")
    }
}

/// A failure as Connect has it in JSON (Connect protocol, "Error").
enum ConnectError {
    static func write(_ failure: Failure, codec: MessageCodec?, into out: inout ByteWriter) {
        out.append("{\"code\":\"")
        out.append(failure.code.connectName)
        out.append("\"")
        if !failure.message.isEmpty {
            out.append(",\"message\":")
            out.append(jsonString: CallStatus.shown(failure.message))
        }
        let details = CallStatus.details(failure)
        for (index, detail) in details.enumerated() {
            out.append(index == 0 ? ",\"details\":[" : ",")
            out.append("{\"type\":")
            out.append(jsonString: detail.type)
            out.append(",\"value\":\"")
            detail.bytes.withUnsafeBufferPointer { Base64.encode($0, isPadded: false, into: &out) }
            out.append("\"")
            writeDebug(detail, codec, into: &out)
            out.append(index == details.count - 1 ? "}]" : "}")
        }
        out.append("}")
    }

    /// For people.
    private static func writeDebug(_ detail: ErrorDetail, _ codec: MessageCodec?, into out: inout ByteWriter) {
        guard let (known, type) = ErrorDetailTypes.find(detail.type, codec),
            case .success(let message) = known.decode(detail.bytes, as: type)
        else { return }
        let mark = out.count
        out.append(",\"debug\":")
        if case .failure = MessageJSONWriter(known).write(message, to: &out) { out.truncate(to: mark) }
    }

    /// Fields as lines, as members of an object: each has a list of its values.
    static func write(metadata lines: UnsafeBufferPointer<UInt8>, into out: inout ByteWriter) {
        var names: [[UInt8]] = []
        var values: [[UInt8]: [[UInt8]]] = [:]
        TrailerLines.forEach(lines) { name, value in
            let name = Array(name)
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(Array(value))
        }
        for (index, name) in names.enumerated() {
            out.append(index == 0 ? "\"" : ",\"")
            name.withUnsafeBufferPointer { out.append(jsonEscaped: $0) }
            out.append("\":[")
            for (place, value) in (values[name] ?? []).enumerated() {
                out.append(place == 0 ? "\"" : ",\"")
                value.withUnsafeBufferPointer { out.append(jsonEscaped: $0) }
                out.append("\"")
            }
            out.append("]")
        }
    }
}

/// Where the types of details are described.
package enum ErrorDetailTypes {
    /// Those of the method's files, else google/rpc's, which services need not import.
    package static func find(_ name: String, _ codec: MessageCodec?) -> (MessageCodec, Int)? {
        if let codec, case .message(let type) = codec.pool.symbol(named: name) { return (codec, type) }
        if case .message(let type) = builtIn.pool.symbol(named: name) { return (builtIn, type) }
        return nil
    }

    package static let builtIn = MessageCodec(
        ProtoFiles.builtIn(["google/rpc/error_details.proto", "google/rpc/status.proto"]))
}

/// Fields that follow a body, as lines `name: value`.
package enum TrailerLines {
    package static func forEach(
        _ lines: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var at = 0
        while at < lines.count {
            let nameStart = at
            while at < lines.count, lines[at] != UInt8(ascii: ":") { at &+= 1 }
            let name = UnsafeBufferPointer(rebasing: lines[nameStart..<at])
            let valueStart = min(at &+ 2, lines.count)
            at = valueStart
            while at < lines.count, lines[at] != UInt8(ascii: "\r") { at &+= 1 }
            body(name, FieldValue.trimmed(UnsafeBufferPointer(rebasing: lines[valueStart..<at])))
            at &+= 2
        }
    }
}
