/// A message whose type is known only when the program runs: the values of its fields by number.
///
/// It does not hold its descriptor: `MessageCodec` reads and writes it, and makes sure that each value is of its field's type.
package struct Message: Sendable, Equatable {
    private struct Entry: Sendable, Equatable {
        let number: Int32
        var value: FieldValue
    }

    /// Its index in the pool.
    package let type: Int
    /// Encoded fields that the type does not have, in the order in which they came.
    package var unknown: [UInt8] = []
    /// Ordered by number.
    private var entries: [Entry] = []

    package init(type: Int) { self.type = type }

    package var isEmpty: Bool { entries.isEmpty && unknown.isEmpty }

    /// The numbers of the fields that have a value, in order.
    package var numbers: some Sequence<Int32> { entries.lazy.map(\.number) }

    package subscript(number: Int32) -> FieldValue? {
        get {
            let place = place(of: number)
            return has(number, at: place) ? entries[place].value : nil
        }
        set {
            let place = place(of: number)
            switch (has(number, at: place), newValue) {
            case (true, let value?): entries[place].value = value
            case (true, nil): entries.remove(at: place)
            case (false, let value?): entries.insert(Entry(number: number, value: value), at: place)
            case (false, nil): break
            }
        }
    }

    /// Changes a value where it lies; a list is not copied to be appended to.
    mutating func change(_ number: Int32, from start: FieldValue, _ body: (inout FieldValue) -> Void) {
        let place = place(of: number)
        if !has(number, at: place) { entries.insert(Entry(number: number, value: start), at: place) }
        body(&entries[place].value)
    }

    private func has(_ number: Int32, at place: Int) -> Bool {
        place < entries.count && entries[place].number == number
    }

    /// Where it is, or would be. Fields come mostly in order.
    private func place(of number: Int32) -> Int {
        guard let last = entries.last else { return 0 }
        if number > last.number { return entries.count }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The value of a field, or of one place in a list or map.
package enum FieldValue: Sendable, Equatable {
    case bool(Bool)
    case int32(Int32)
    case int64(Int64)
    case uint32(UInt32)
    case uint64(UInt64)
    case float(Float)
    case double(Double)
    /// As bytes: in proto2 it need not be UTF-8, and it is compared as bytes.
    case string([UInt8])
    case bytes([UInt8])
    case `enum`(Int32)
    case message(Message)
    case list([FieldValue])
    case map([MapKey: FieldValue])

    mutating func append(_ value: FieldValue) {
        guard case .list(var values) = self else { return }
        self = .list([])
        values.append(value)
        self = .list(values)
    }

    mutating func set(_ key: MapKey, _ value: FieldValue) {
        guard case .map(var values) = self else { return }
        self = .map([:])
        values[key] = value
        self = .map(values)
    }
}

/// The key of an entry of a map.
package enum MapKey: Sendable, Hashable, Comparable {
    case bool(Bool)
    case signed(Int64)
    case unsigned(UInt64)
    case string([UInt8])

    /// Keys of one map are of one kind.
    package static func < (a: MapKey, b: MapKey) -> Bool {
        switch (a, b) {
        case (.bool(let a), .bool(let b)): !a && b
        case (.signed(let a), .signed(let b)): a < b
        case (.unsigned(let a), .unsigned(let b)): a < b
        case (.string(let a), .string(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }
}
