import JSON

/// What an attribute can hold (opentelemetry-proto, `AnyValue` of `common/v1/common.proto`).
enum OTLPValue {
    case text(String)
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case list([OTLPValue])
}

/// What spans of libraries have and those of the server have not: values of all kinds, attributes of events, links.
extension OTLPWriter {
    /// The message that an attribute is in, by the number of its field for them.
    enum Owner: Int {
        case event = 3
        case link = 4
        case span = 9
    }

    mutating func attribute(_ key: String, _ value: OTLPValue, of owner: Owner) {
        var key = key
        switch format {
        case .protobuf:
            let start = begin(owner.rawValue)
            key.withUTF8 { text(1, Self.cut($0)) }
            let inner = begin(2)
            write(value)
            end(inner)
            end(start)
        case .json:
            separate()
            out.append("{\"key\":\"")
            key.withUTF8 { out.append(jsonEscaped: Self.cut($0)) }
            out.append("\",\"value\":{")
            write(value)
            out.append("}}")
        }
    }

    /// - Parameter dropped: how many attributes there was no room for.
    mutating func event(
        _ name: String, at time: UInt64, dropped: Int, attributes: (inout OTLPWriter) -> Void
    ) {
        var name = name
        switch format {
        case .protobuf:
            let start = begin(11)
            fixed64(1, time)
            name.withUTF8 { text(2, Self.cut($0)) }
            attributes(&self)
            count(4, dropped)
            end(start)
        case .json:
            separate()
            out.append("{\"timeUnixNano\":\"")
            out.append(decimal: UInt(truncatingIfNeeded: time))
            out.append("\",\"name\":\"")
            name.withUTF8 { out.append(jsonEscaped: Self.cut($0)) }
            out.append("\"")
            list("attributes", attributes)
            count("droppedAttributesCount", dropped)
            out.append("}")
        }
    }

    /// A link to the span that somebody in this place of a trace would be called from.
    mutating func link(
        to place: TracePlace, dropped: Int, attributes: (inout OTLPWriter) -> Void
    ) {
        let (trace, flags) = (place.trace, UInt32(place.trace.flags) | 0x100 | (place.isRemote ? 0x200 : 0))
        var state = place.state
        switch format {
        case .protobuf:
            let start = begin(13)
            bytes16(1, trace.high, trace.low)
            bytes8(2, trace.caller)
            if !state.isEmpty { field(3, state) }
            attributes(&self)
            count(5, dropped)
            tag(6, 5)
            fixed32(flags)
            end(start)
        case .json:
            separate()
            out.append("{\"traceId\":\"")
            trace.write(traceID: &out)
            out.append("\",\"spanId\":\"")
            out.append(hex: trace.caller)
            if !state.isEmpty {
                out.append("\",\"traceState\":\"")
                state.withUTF8 { out.append(jsonEscaped: $0) }
            }
            out.append("\",\"flags\":")
            out.append(decimal: UInt(flags))
            list("attributes", attributes)
            count("droppedAttributesCount", dropped)
            out.append("}")
        }
    }

    /// The one member of an AnyValue.
    private mutating func write(_ value: OTLPValue) {
        switch format {
        case .protobuf:
            switch value {
            case .text(var value): value.withUTF8 { text(1, Self.cut($0)) }
            case .bool(let value): varint(2, value ? 1 : 0)
            case .integer(let value): varint(3, UInt64(bitPattern: value))
            case .double(let value): fixed64(4, value.bitPattern)
            case .list(let values):
                let start = begin(5)
                for value in values {
                    let inner = begin(1)
                    write(value)
                    end(inner)
                }
                end(start)
            }
        case .json:
            switch value {
            case .text(var value):
                out.append("\"stringValue\":\"")
                value.withUTF8 { out.append(jsonEscaped: Self.cut($0)) }
                out.append("\"")
            case .bool(let value):
                out.append("\"boolValue\":")
                out.append((value ? "true" : "false") as StaticString)
            case .integer(let value):
                out.append("\"intValue\":\"")
                out.append(decimal: Int(value))
                out.append("\"")
            case .double(let value):
                out.append("\"doubleValue\":")
                writeJSON(value)
            case .list(let values):
                out.append("\"arrayValue\":{\"values\":[")
                for (index, value) in values.enumerated() {
                    out.append((index > 0 ? ",{" : "{") as StaticString)
                    write(value)
                    out.append("}")
                }
                out.append("]}")
            }
        }
    }

    /// What is no number has a name (protobuf.dev, ProtoJSON Format).
    private mutating func writeJSON(_ value: Double) {
        if value.isNaN {
            out.append("\"NaN\"")
        } else if value.isInfinite {
            out.append((value < 0 ? "\"-Infinity\"" : "\"Infinity\"") as StaticString)
        } else {
            out.append(jsonNumber: value)
        }
    }
}
