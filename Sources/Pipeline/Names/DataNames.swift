package import CEL
import JSON

extension Names {
    /// `data`: what the manifest's data files and inline data say. Not a value as a whole, since secrets are in it.
    static func data(_ fields: [Root.Field]) -> Root {
        Root("data", .map(.string, .dyn), fields: .closed(fields), sentByClient: false, noun: "data entry")
    }
}

extension Root.Field {
    /// A value of `data`, the same for all calls that a plan serves.
    package static func data(_ name: String, _ value: Value, isSecret: Bool = false) -> Root.Field {
        Root.Field(
            name, ValueType(ofData: value), DataReader(value, isFixed: !isSecret), sentByClient: false,
            isSecret: isSecret)
    }

    /// One whose file could not be read: nothing is known of it.
    package static func unknownData(_ name: String) -> Root.Field {
        Root.Field(name, .dyn, DataReader(.null, isFixed: false), sentByClient: false)
    }
}

/// Gives a value that was made at load: calls share it.
private final class DataReader: Reader {
    /// What fails because of a secret is not found at load: its message may quote it.
    let isFixed: Bool
    private let value: Value
    private let text: [UInt8]?

    init(_ value: Value, isFixed: Bool) {
        self.value = value
        self.isFixed = isFixed
        if case .string(let text) = value { self.text = Array(text.utf8) } else { self.text = nil }
    }

    func read(_ context: Context) -> Value? { value }

    func write(_ context: Context, _ out: inout ByteWriter, _ encoding: Encoding) -> Bool {
        guard let text else { return false }
        text.withUnsafeBufferPointer { if !out.append($0, as: encoding) { out.append($0) } }
        return true
    }
}
