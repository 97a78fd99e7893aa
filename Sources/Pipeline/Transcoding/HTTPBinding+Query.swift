import Protobuf

extension HTTPBinding {
    /// The fields that the parameters of a query set, encoded one behind the other.
    func read(query: UnsafeBufferPointer<UInt8>, hasBody: Bool) throws(TranscodingError) -> [UInt8] {
        var reading = QueryReading(self, hasBody: hasBody)
        var fault: TranscodingError?
        QueryString.forEach(query) { name, value in
            guard fault == nil else { return }
            do throws(TranscodingError) {
                try reading.take(QueryString.decodedBytes(name), QueryString.decodedBytes(value))
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        return reading.message
    }
}

/// Reads the parameters of one query.
private struct QueryReading {
    /// A field of a oneof that is set, and the message that has it, by the path to it.
    private struct Choice {
        let path: [Int32]
        let oneof: Int
        let number: Int32
    }

    private let binding: HTTPBinding
    private(set) var message: [UInt8] = []
    /// Those that may not come again.
    private var seen: Set<[Int32]> = []
    private var choices: [Choice] = []

    init(_ binding: HTTPBinding, hasBody: Bool) {
        self.binding = binding
        for variable in binding.variables { _ = choose(variable.field) }
        if hasBody, let field = binding.body.field, let oneof = field.oneof {
            choices.append(Choice(path: [], oneof: oneof, number: field.number))
        }
    }

    mutating func take(_ name: [UInt8], _ value: [UInt8]) throws(TranscodingError) {
        let text = HTTPBinding.short(String(decoding: name, as: UTF8.self))
        func refuse(_ message: String) -> TranscodingError {
            TranscodingError("query parameter `\(text)`: \(message)", field: text)
        }
        switch binding.body {
        case .whole, .raw: throw refuse("this method takes none, the body is the whole message")
        case .none, .field, .rawField: break
        }
        let names = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let field: FieldPath
        do throws(FieldPath.Fault) {
            field = try FieldPath(names, in: binding.input, binding.codec)
        } catch {
            throw refuse(error.message)
        }
        if let first = field.steps.first, first.number == binding.body.field?.number {
            throw refuse("the field is the body of the request")
        }
        if binding.variables.contains(where: { $0.field.steps == field.steps }) {
            throw refuse("the field is part of the path")
        }
        if !field.isRepeated, !seen.insert(field.steps.map(\.number)).inserted {
            throw refuse("it is there twice, and the field is no list")
        }
        guard choose(field) else { throw refuse("another field of the same oneof is there too") }
        do throws(MessageJSONReader.Unreadable) {
            message += try field.encoded(value)
        } catch {
            throw refuse(error.message)
        }
    }

    /// False if another field of a oneof on the way is set.
    private mutating func choose(_ field: FieldPath) -> Bool {
        for (place, step) in field.steps.enumerated() where step.oneof >= 0 {
            let path = field.steps.prefix(place).map(\.number)
            guard let made = choices.first(where: { $0.oneof == step.oneof && $0.path == path }) else {
                choices.append(Choice(path: path, oneof: step.oneof, number: step.number))
                continue
            }
            if made.number != step.number { return false }
        }
        return true
    }
}
