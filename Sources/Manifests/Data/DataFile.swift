package import CEL
package import Diagnostics
import JSON

/// A file under `data`: JSON, YAML or CSV by its ending, read whole when the manifest is compiled.
package struct DataFile: Sendable {
    /// What a plan keeps in memory for good.
    static let maximumSize = 16 * 1024 * 1024
    static let maximumValues = 1_000_000

    /// As it is opened.
    let path: String
    /// As findings call it: a `${…}` in it stays what the manifest says.
    package let shown: String
    /// Where the manifest names it.
    let place: SourceRange

    package static func decode(_ node: Node, _ findings: inout Findings) -> DataFile? {
        guard let path = FilePath.decode(node, &findings), let scalar = node.scalar,
            scalar.text.insertions.allSatisfy(\.isKnown)
        else { return nil }
        let source = node.range.source
        return DataFile(
            path: path.path, shown: source.resolve(String(decoding: scalar.asWritten, as: UTF8.self)), place: node.range
        )
    }

    /// The value, or what is wrong with the file, each at its place in it.
    package func read(in surroundings: Surroundings, _ findings: inout Findings) -> Value? {
        guard let form = Form(path) else {
            refuse("its name does not say what it holds", "name it .json, .yaml, .yml or .csv", &findings)
            return nil
        }
        let bytes: [UInt8]
        let limit = form == .yaml ? YAMLReader.maximumSize : Self.maximumSize
        do {
            bytes = try surroundings.file(path, limit)
        } catch {
            refuse(error.reason, "a path is relative to the manifest that says it", &findings)
            return nil
        }
        if bytes.count > limit {
            let help = form == .yaml ? "JSON and CSV may have 16 MiB" : "data is kept in memory; keep what is needed"
            refuse("it is larger than \(limit / 1024 / 1024) MiB", help, &findings)
            return nil
        }
        let source = Source(name: shown, bytes: bytes)
        if let bad = bytes.withUnsafeBufferPointer({ UTF8Scanner.firstInvalid($0) }) {
            findings.report(
                DataRules.unreadable, "the file is not UTF-8 here", at: SourceRange(source, bad, bad + 1),
                help: "save the file as UTF-8", related: [named])
            return nil
        }
        return switch form {
        case .json: json(source, &findings)
        case .yaml: yaml(source, &findings)
        case .csv: csv(source, &findings)
        }
    }

    private enum Form {
        case json
        case yaml
        case csv

        init?(_ path: String) {
            let name = path.lowercased()
            if name.hasSuffix(".json") {
                self = .json
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                self = .yaml
            } else if name.hasSuffix(".csv") {
                self = .csv
            } else {
                return nil
            }
        }
    }

    private var named: Finding.Related { Finding.Related(place, "named here") }

    private func refuse(_ reason: String, _ help: String, _ findings: inout Findings) {
        findings.report(DataRules.unreadable, "cannot read \(shown): \(reason)", at: place, help: help)
    }

    private func tooMany(_ findings: inout Findings) {
        refuse(
            "it has more than \(Self.maximumValues) values", "data is kept in memory; keep what is needed", &findings)
    }

    // MARK: Forms

    private func json(_ source: Source, _ findings: inout Findings) -> Value? {
        switch JSONReader.read(source.bytes) {
        case .success(let value):
            guard value.count(upTo: Self.maximumValues) <= Self.maximumValues else {
                tooMany(&findings)
                return nil
            }
            return Value(value)
        case .failure(let error):
            let length = source.bytes.withUnsafeBufferPointer {
                error.offset < $0.count ? UTF8Scanner.sequenceLength($0, error.offset) : 0
            }
            findings.report(
                DataRules.broken, error.message, at: SourceRange(source, error.offset, error.offset + length),
                help: Self.help(source.bytes, error), related: [named])
            return nil
        }
    }

    /// What is nearly always meant where JSON is broken.
    private static func help(_ bytes: [UInt8], _ error: JSONError) -> String {
        guard error.offset < bytes.count else { return "the file ends too early: it may not be written to its end" }
        let before = bytes[..<error.offset].last { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        switch bytes[error.offset] {
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            if before == UInt8(ascii: ",") { return "JSON has no comma after the last entry" }
        case UInt8(ascii: "'"): return "JSON's quotes are `\"`"
        case UInt8(ascii: "/"), UInt8(ascii: "#"): return "JSON has no comments"
        case 0xEF where error.offset == 0: return "save the file without it"
        default: break
        }
        if error.message.hasSuffix("twice") { return "keep one of them" }
        return "the file must be JSON as RFC 8259 has it"
    }

    private func yaml(_ source: Source, _ findings: inout Findings) -> Value? {
        guard let node = YAMLReader.data(source, &findings) else { return nil }
        if node.isNull {
            findings.report(
                DataRules.unreadable, "there is nothing in the file", at: SourceRange(source, 0, 0),
                help: "write `{}` for an empty map, `[]` for an empty list", related: [named])
            return nil
        }
        return Value(data: node)
    }

    private func csv(_ source: Source, _ findings: inout Findings) -> Value? {
        let (table, mistakes) = CSVReader.read(source.bytes, mostFields: Self.maximumValues)
        for mistake in mistakes {
            findings.report(
                DataRules.broken, mistake.message,
                at: SourceRange(source, mistake.range.lowerBound, mistake.range.upperBound), help: mistake.help,
                related: [named])
        }
        guard mistakes.isEmpty else { return nil }
        let keys = table.header.map { Value.string($0) }
        return .list(
            table.rows.map { row in .map(MapValue(zip(keys, row).map { (key: $0, value: .string($1)) })) })
    }
}

extension JSONValue {
    /// How many values this is; no more than a few over the limit are counted. The reader has bounded the depth.
    fileprivate func count(upTo limit: Int) -> Int {
        var count = 1
        switch self {
        case .array(let elements):
            for element in elements where count <= limit { count += element.count(upTo: limit) }
        case .object(let members):
            for member in members where count <= limit { count += member.value.count(upTo: limit) }
        default: break
        }
        return count
    }
}

extension Value {
    /// YAML as a value. The reader has bounded its depth and its size, aliases written out.
    package init(data node: Node) {
        switch node.content {
        case .sequence(let items): self = .list(items.map { Value(data: $0) })
        case .mapping(let entries):
            self = .map(MapValue(entries.map { (key: .string($0.name), value: Value(data: $0.value)) }))
        case .scalar(let scalar):
            switch scalar.value {
            case .null: self = .null
            case .bool(let flag): self = .bool(flag)
            case .int(let number): self = .int(Int64(number))
            case .float(let number): self = .double(number)
            case .string: self = .string(scalar.text.string)
            }
        }
    }
}
