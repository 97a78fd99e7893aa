/// Values by CEL's equality. Scalars are hashed; a list or a map among them is compared with each of its kind.
struct ElementSet {
    private var keys: Set<MapValue.Key> = []
    private var others: [Value] = []

    init() {}

    init(_ values: [Value], _ frame: inout Frame) {
        for value in values where !insert(value, &frame) && frame.isExhausted { return }
    }

    /// False if it is there already, or the steps ran out.
    mutating func insert(_ value: Value, _ frame: inout Frame) -> Bool {
        guard pay(for: value, &frame) else { return false }
        if let key = MapValue.Key(value) { return keys.insert(key).inserted }
        for held in others {
            if held.equals(value, &frame) { return false }
            if frame.isExhausted { return false }
        }
        others.append(value)
        return true
    }

    func contains(_ value: Value, _ frame: inout Frame) -> Bool {
        guard pay(for: value, &frame) else { return false }
        // An equal value has an equal key, or none either.
        if let key = MapValue.Key(value) { return keys.contains(key) }
        for held in others {
            if held.equals(value, &frame) { return true }
            if frame.isExhausted { return false }
        }
        return false
    }

    private func pay(for value: Value, _ frame: inout Frame) -> Bool {
        if case .string(let text) = value { return frame.pay(1 + text.utf8.count / Limits.bytesPerStep) }
        return frame.pay(1)
    }
}
