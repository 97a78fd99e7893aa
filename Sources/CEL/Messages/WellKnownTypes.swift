/// The message types of the package google.protobuf that are values of CEL's own: times, the wrappers, and what JSON is
/// made of (cel-spec, "Protocol Buffer Data Conversion"). They are there without any .proto file.
///
/// Numbers inside of a `Struct` or a `ListValue` stay what they are; CEL compares 1 and 1.0 as equal.
package struct WellKnownTypes: MessageTypes {
    package init() {}

    package var names: [String] { Self.all.map(\.name) }

    package func type(named name: String) -> (any MessageType)? {
        Self.all.first { sameBytes($0.name, name) }
    }

    private struct WellKnown: MessageType {
        let name: String
        let fields: [MessageField]
        let made: ValueType
        let maker: @Sendable ([Value?]) -> Value

        init(
            _ name: String, _ fields: [MessageField], _ made: ValueType,
            _ maker: @escaping @Sendable ([Value?]) -> Value
        ) {
            self.name = "google.protobuf." + name
            self.fields = fields
            self.made = made
            self.maker = maker
        }

        func make(_ values: [Value?]) -> Value { maker(values) }
    }

    private static let all: [WellKnown] = [
        WellKnown("Timestamp", [MessageField("seconds", .int), MessageField("nanos", .int)], .timestamp, timestamp),
        WellKnown("Duration", [MessageField("seconds", .int), MessageField("nanos", .int)], .duration, duration),
        wrapper("BoolValue", .bool, .bool(false)),
        wrapper("BytesValue", .bytes, .bytes([])),
        wrapper("DoubleValue", .double, .double(0)),
        wrapper("FloatValue", .double, .double(0)) { value in
            guard case .double(let number) = value else { return value }
            return .double(Double(Float(number)))
        },
        wrapper("Int32Value", .int, .int(0)) { value in
            guard case .int(let number) = value else { return value }
            return Int32(exactly: number) == nil ? .failure("\(number) is no int32") : value
        },
        wrapper("Int64Value", .int, .int(0)),
        wrapper("StringValue", .string, .string("")),
        wrapper("UInt32Value", .uint, .uint(0)) { value in
            guard case .uint(let number) = value else { return value }
            return UInt32(exactly: number) == nil ? .failure("\(number) is no uint32") : value
        },
        wrapper("UInt64Value", .uint, .uint(0)),
        WellKnown("ListValue", [MessageField("values", .list(.dyn))], .list(.dyn)) { $0.set.first ?? .list([]) },
        WellKnown("Struct", [MessageField("fields", .map(.string, .dyn))], .map(.string, .dyn)) { values in
            guard case .map(let map)? = values.set.first else { return .map(MapValue()) }
            for key in map.keys {
                guard case .string = key else {
                    return .failure("the keys of a google.protobuf.Struct are strings, not \(key.typeName)")
                }
            }
            return .map(map)
        },
        WellKnown(
            "Value",
            [
                MessageField("null_value", .null), MessageField("number_value", .double),
                MessageField("string_value", .string), MessageField("bool_value", .bool),
                MessageField("struct_value", .map(.string, .dyn), takesNull: true),
                MessageField("list_value", .list(.dyn), takesNull: true),
            ], .dyn
        ) { values in
            values.set.count > 1 ? .failure("a google.protobuf.Value holds one value") : values.set.first ?? .null
        },
    ]

    /// A message around one value, which CEL takes for the value.
    private static func wrapper(
        _ name: String, _ type: ValueType, _ unset: Value, _ fitted: @escaping @Sendable (Value) -> Value = { $0 }
    ) -> WellKnown {
        WellKnown(name, [MessageField("value", type)], type) { $0.set.first.map(fitted) ?? unset }
    }

    private static func parts(_ values: [Value?]) -> (seconds: Int64, nanos: Int64) {
        let numbers = values.map { value -> Int64 in
            if case .int(let number)? = value { number } else { 0 }
        }
        return (numbers.first ?? 0, numbers.last ?? 0)
    }

    /// Nanoseconds count forward, also before 1970 (timestamp.proto).
    private static func timestamp(_ values: [Value?]) -> Value {
        let (seconds, nanos) = parts(values)
        guard let nanoseconds = Int32(exactly: nanos), (0..<1_000_000_000).contains(nanos) else {
            return .failure("the nanos of a timestamp go from 0 to 999999999, not \(nanos)")
        }
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds).map { .timestamp($0) }
            ?? .failure("the timestamp is out of range: it goes from year 1 to year 9999")
    }

    /// Both parts have one sign (duration.proto).
    private static func duration(_ values: [Value?]) -> Value {
        let (seconds, nanos) = parts(values)
        guard (-999_999_999...999_999_999).contains(nanos) else {
            return .failure("the nanos of a duration go from -999999999 to 999999999, not \(nanos)")
        }
        guard seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0) else {
            return .failure("the seconds and the nanos of a duration have one sign")
        }
        let (whole, tooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = whole.addingReportingOverflow(nanos)
        return tooLong || overflow
            ? .failure("the duration is out of range") : .duration(TimeSpan(nanoseconds: sum))
    }
}

extension [Value?] {
    /// Those that are set.
    fileprivate var set: [Value] { compactMap(\.self) }
}
