import CEL
import JSON

extension Names {
    /// `headers["x-a"]` of a method: text as of a route, and bytes where the name ends in `-bin`.
    static let metadata = Root(
        "headers", .map(.string, .dyn),
        whole: ValueReader { exchange in
            var entries = HeaderReader.all(exchange)
            for (at, entry) in entries.enumerated() {
                guard case .string(let name) = entry.key, case .string(let text) = entry.value,
                    BinaryMetadata.isBinary(name)
                else { continue }
                let value = BinaryMetadata.value(of: name, Array(text.utf8))
                // A value in a map cannot be a failure: the whole is one then.
                if value.isError { return value }
                entries[at].value = value
            }
            return .map(MapValue(entries))
        },
        fields: .open(
            .dyn, { name -> any Reader in BinaryMetadata.isBinary(name) ? BinaryMetadata(name) : HeaderReader(name) }),
        sentByClient: true, noun: "header")
}

/// `headers["x-a-bin"]`: the bytes that a client of gRPC sends as base64, with padding or without (gRPC over HTTP/2,
/// "Binary-Header").
///
/// Values of one name may come as several fields or as one with commas, which base64 has none of. They are values of
/// their own, not parts of one: the first is taken, as of `query` and `cookies`.
private final class BinaryMetadata: Reader {
    private let name: String
    private let text: HeaderReader

    init(_ name: String) {
        self.name = name
        text = HeaderReader(name)
    }

    var ownType: ValueType? { .bytes }

    func read(_ context: Context) -> Value? {
        var out = ByteWriter(capacity: 128)
        guard text.write(context, &out, .plain) else { return nil }
        return Self.value(of: name, Array(out.bytes))
    }

    static func isBinary(_ name: String) -> Bool { name.utf8.suffix(4).elementsEqual("-bin".utf8) }

    /// - Parameter text: all values, with commas between.
    static func value(of name: String, _ text: [UInt8]) -> Value {
        switch Base64.decode(Array(text.prefix { $0 != UInt8(ascii: ",") })) {
        case .success(let bytes): .bytes(bytes)
        case .failure: .error(EvaluationError("the metadata '\(name)' is not base64"))
        }
    }
}
