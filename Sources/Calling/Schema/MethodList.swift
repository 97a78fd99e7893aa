import JSON
import Protobuf

/// The methods of all services, one a line: first what is written behind the target to call it.
enum MethodList {
    static func table(_ schema: CallSchema) -> String {
        var rows: [(name: String, signature: String)] = []
        for name in schema.services {
            guard let service = schema.pool.service(named: name), !service.methods.isEmpty else {
                rows.append((name, ""))
                continue
            }
            let package = schema.pool.files[service.file].package
            rows += service.methods.map {
                ("\(name)/\($0.name)", ProtoText.signature($0, schema.pool, in: package))
            }
        }
        // One with a very long name is not to push all others away.
        let width = rows.map(\.name.utf8.count).filter { $0 <= 60 }.max() ?? 0
        return rows.map { name, signature in
            if signature.isEmpty { return name + "\n" }
            return name + String(repeating: " ", count: max(0, width - name.utf8.count)) + "  " + signature + "\n"
        }.joined()
    }

    /// An object a line.
    static func json(_ schema: CallSchema) -> String {
        var out = ByteWriter(capacity: 1024)
        for name in schema.services {
            for method in schema.pool.service(named: name)?.methods ?? [] {
                JSONValue.object([
                    ("method", .string("\(name)/\(method.name)")),
                    ("input", .string(schema.pool.messages[method.input].fullName)),
                    ("output", .string(schema.pool.messages[method.output].fullName)),
                    ("clientStreams", .bool(method.clientStreams)), ("serverStreams", .bool(method.serverStreams)),
                ]).write(to: &out)
                out.append(UInt8(ascii: "\n"))
            }
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
