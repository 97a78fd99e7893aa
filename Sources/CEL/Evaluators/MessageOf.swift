/// `Name{field: value, ?other: optional}`
final class MessageOf: Evaluator {
    private let type: any MessageType
    /// By the place of the field in the type's list.
    private let entries: [(field: Int, value: any Evaluator, optional: Bool)]

    init(_ type: any MessageType, _ entries: [(field: Int, value: any Evaluator, optional: Bool)]) {
        self.type = type
        self.entries = entries
    }

    func evaluate(_ frame: inout Frame) -> Value {
        let fields = type.fields
        guard frame.pay(fields.count) else { return .exhausted }
        var values = [Value?](repeating: nil, count: fields.count)
        for entry in entries {
            var value = entry.value.evaluate(&frame)
            if case .error = value { return value }
            if entry.optional {
                guard case .optional(let wrapped) = value else {
                    return .failure("'?' wants an optional, not \(value.typeName)")
                }
                guard let wrapped else { continue }
                value = wrapped
            }
            let field = fields[entry.field]
            if field.takesNull, case .null = value { continue }
            guard field.type.holds(value) else {
                return .failure("the field '\(field.name)' is \(field.type), not \(value.typeName)")
            }
            guard frame.pay(value.partCount) else { return .exhausted }
            values[entry.field] = value
        }
        return type.make(values)
    }
}
