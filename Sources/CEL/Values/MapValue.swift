/// A map that keeps the order of its entries. Keys are bool, int, uint or string, and compare as CEL says: `1`, `1u`
/// and `1.0` are one key, strings are equal if their bytes are.
package struct MapValue: Sendable {
    private let shape: Shape
    /// In the order of the keys.
    package let values: [Value]

    /// The keys of maps that are made alike: immutable, so that they share it freely.
    private final class Shape: Sendable {
        let keys: [Value]
        /// Only for maps of more than a few entries: a short one is faster searched in line.
        let index: [Key: Int]

        init(keys: [Value], index: [Key: Int]) {
            self.keys = keys
            self.index = index
        }
    }

    private static let searchedInLine = 8
    private static let nothing = Shape(keys: [], index: [:])

    package init() {
        shape = Self.nothing
        values = []
    }

    /// Another map with the keys of this one.
    ///
    /// - Parameter values: one for each key, in their order.
    init(likeness map: MapValue, values: [Value]) {
        shape = map.shape
        self.values = values
    }

    /// A map of these entries; of entries with the same key the last one's value counts, at the first one's place.
    /// Entries whose key cannot be one are left out: callers that must tell check with `canBeKey`.
    package init(_ entries: [(key: Value, value: Value)]) {
        var keys: [Value] = []
        var values: [Value] = []
        keys.reserveCapacity(entries.count)
        values.reserveCapacity(entries.count)
        var index: [Key: Int] = [:]
        let isShort = entries.count <= Self.searchedInLine
        for entry in entries {
            guard let key = Key(entry.key) else { continue }
            if let at = isShort ? keys.firstIndex(where: { Key($0) == key }) : index[key] {
                values[at] = entry.value
            } else {
                if !isShort { index[key] = keys.count }
                keys.append(entry.key)
                values.append(entry.value)
            }
        }
        shape = Shape(keys: keys, index: index)
        self.values = values
    }

    package var count: Int { values.count }
    package var isEmpty: Bool { values.isEmpty }
    package var keys: [Value] { shape.keys }
    var entries: [(key: Value, value: Value)] { zip(keys, values).map { (key: $0, value: $1) } }

    package func value(for key: Value) -> Value? {
        guard let wanted = Key(key) else { return nil }
        if !shape.index.isEmpty { return shape.index[wanted].map { values[$0] } }
        for at in shape.keys.indices where Key(shape.keys[at]) == wanted { return values[at] }
        return nil
    }

    package func value(for key: String) -> Value? {
        if !shape.index.isEmpty { return value(for: .string(key)) }
        for at in shape.keys.indices {
            if case .string(let name) = shape.keys[at], sameBytes(name, key) { return values[at] }
        }
        return nil
    }

    package static func canBeKey(_ value: Value) -> Bool {
        switch value {
        case .bool, .int, .uint, .string: true
        default: false
        }
    }

    /// What equal keys have in common.
    enum Key: Hashable {
        case bool(Bool)
        case int(Int64)
        /// Above what an int holds.
        case large(UInt64)
        case text(ByteString)

        init?(_ value: Value) {
            switch value {
            case .bool(let flag): self = .bool(flag)
            case .int(let number): self = .int(number)
            case .uint(let number): self = Int64(exactly: number).map { .int($0) } ?? .large(number)
            case .double(let number):
                if let whole = Int64(exactly: number) {
                    self = .int(whole)
                } else if let whole = UInt64(exactly: number) {
                    self = .large(whole)
                } else {
                    return nil
                }
            case .string(let text): self = .text(ByteString(text))
            default: return nil
            }
        }
    }
}

/// A string that is equal to another if their bytes are: Swift's own equality is canonical equivalence.
struct ByteString: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: ByteString, b: ByteString) -> Bool { sameBytes(a.text, b.text) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
