import Diagnostics
import JSON
import Protobuf

/// Makes messages of what was written, and tells where it is wrong.
struct InputMessage {
    let method: CalledMethod

    /// - Parameter number: which of the documents it is, from 1; nil where there is only one.
    func read(_ document: [UInt8], number: Int?) throws(CallMistake) -> Message {
        let start = number.map { "message \($0): " } ?? ""
        let json: JSONValue
        switch JSONReader.read(document) {
        case .success(let value): json = value
        case .failure(let error):
            let place = Self.place(of: error.offset, in: document)
            throw CallMistake(
                "\(start)the data is not JSON: line \(place.line), column \(place.column): \(error.message)")
        }
        let type = method.codec.pool.messages[method.input]
        switch MessageJSONReader(method.codec).read(json, as: method.input) {
        case .success(let message):
            if let missing = method.codec.missingField(message) {
                throw CallMistake("\(start)`\(missing)` is required, and is not there")
            }
            return message
        case .failure(let error):
            let path = HumanRenderer.safe(error.path)
            let what = HumanRenderer.safe(error.message)
            throw CallMistake(
                start + (error.owner != nil || path.isEmpty ? what : "`\(path)`: \(what)"),
                help: suggestion(for: error) ?? "the message is a `\(type.fullName)`")
        }
    }

    private func suggestion(for error: MessageJSONReader.Unreadable) -> String? {
        guard let owner = error.owner else { return nil }
        let fields = method.codec.pool.messages[owner].fields
        let name = String(error.path.split(separator: ".").last ?? "")
        let names = fields.map(\.jsonName)
        if let nearest = Suggest.nearest(name, among: names + fields.map(\.name)) {
            return "did you mean `\(nearest)`?"
        }
        return names.isEmpty ? "it has no fields" : "it has " + names.map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func place(of offset: Int, in document: [UInt8]) -> (line: Int, column: Int) {
        let before = document.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (line, String(decoding: before[start...], as: UTF8.self).count + 1)
    }
}
