import JSON
import Pipeline

/// The paths of the description. Two that differ in the names of their parameters alone are one to OpenAPI.
struct APIPaths {
    private struct Item {
        let path: APIPath
        var operations: [(method: String, operation: APIOperation)] = []
    }

    private var items: [Item] = []
    /// By the path without names.
    private var places: [String: Int] = [:]
    private var ids: Set<String> = []
    private(set) var count = 0

    /// The methods that OpenAPI has a place for, but HEAD, OPTIONS and TRACE where nobody asks for them by name.
    private static let anyMethod = ["get", "put", "post", "delete", "patch"]
    private static let methods = anyMethod + ["options", "head", "trace"]

    mutating func add(_ operation: APIOperation, at pattern: RoutePattern) {
        let path = APIPath(pattern)
        let method = pattern.method
        let methods = Self.methods.filter { name in method.map { $0.utf8.elementsEqual(name.uppercased().utf8) } ?? true
        }
        for name in method == nil ? Self.anyMethod : methods {
            var operation = operation
            if method == nil {
                operation.id += "_" + name
                // Their bodies have no meaning (RFC 9110 sections 9.3.1 and 9.3.5).
                if name == "get" || name == "delete" { operation.body = nil }
            }
            add(operation, name, path)
        }
    }

    private mutating func add(_ operation: APIOperation, _ method: String, _ path: APIPath) {
        count += 1
        let place = places[path.shape] ?? items.count
        if place == items.count {
            places[path.shape] = place
            items.append(Item(path: path))
        }
        var operation = operation
        operation.rename(path.names, to: items[place].path.names)
        if let at = items[place].operations.firstIndex(where: { $0.method == method }) {
            items[place].operations[at].operation.merge(operation)
            return
        }
        let id = operation.id
        var number = 1
        while !ids.insert(operation.id).inserted {
            number += 1
            operation.id = "\(id)_\(number)"
        }
        items[place].operations.append((method, operation))
    }

    var json: JSONValue {
        .object(
            items.map { item in (item.path.text, .object(item.operations.map { ($0.method, $0.operation.json) })) })
    }
}

extension APIOperation {
    /// Parameters of a path by other names.
    fileprivate mutating func rename(_ names: [String], to others: [String]) {
        for at in parameters.indices where parameters[at].place == .path {
            guard let place = names.firstIndex(where: { $0.utf8.elementsEqual(parameters[at].name.utf8) }),
                others.indices.contains(place)
            else { continue }
            let other = others[place]
            guard !other.utf8.elementsEqual(parameters[at].name.utf8) else { continue }
            let note = "`\(parameters[at].name)` in its own pattern."
            parameters[at].description = parameters[at].description.map { note + " " + $0 } ?? note
            parameters[at].name = other
        }
    }
}

/// A pattern as a path of OpenAPI.
struct APIPath {
    let text: String
    /// The same without the names of its parameters.
    let shape: String
    /// Of its parameters, in order.
    let names: [String]

    init(_ pattern: RoutePattern) {
        var text = ""
        var shape = ""
        var names: [String] = []
        for segment in pattern.segments {
            let (name, end): (String?, String) =
                switch segment {
                case .literal(let bytes): (nil, Self.escaped(bytes))
                case .wildcard(let name): (name, "")
                case .verb(let name, let verb), .restVerb(let name, let verb): (name, ":" + Self.escaped(verb))
                case .rest(let name): (name, "")
                case .end: (nil, "")
                }
            text += "/" + (name.map { "{\($0)}" } ?? "") + end
            shape += "/" + (name == nil ? "" : "{}") + end
            if let name { names.append(name) }
        }
        self.text = text
        self.shape = shape
        self.names = names
    }

    /// What a segment may hold as it is (RFC 3986 section 3.3), all else escaped.
    private static func escaped(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: out.append(byte)
            case _ where "-._~!$&'()*+,;=:@".utf8.contains(byte): out.append(byte)
            default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
