import JSON
import Pipeline
import Protobuf

/// The details of failures: messages of any type.
enum StatusDetails {
    /// Those that clients expect to be known.
    static let codec = MessageCodec(
        ProtoFiles.builtIn(["google/rpc/error_details.proto", "google/rpc/status.proto"]))

    /// Of the value of `grpc-status-details-bin`: google.rpc.Status in base64.
    static func read(_ value: String) -> [CallEnd.Detail] {
        guard let bytes = base64(value), let type = codec.pool.messageIndex(named: "google.rpc.Status"),
            case .success(let status) = codec.decode(bytes, as: type), case .list(let items) = status[3]
        else { return [] }
        return items.compactMap { item in
            guard case .message(let any) = item, case .string(let url) = any[1] else { return nil }
            var bytes: [UInt8] = []
            if case .bytes(let value) = any[2] { bytes = value }
            return CallEnd.Detail(type: name(String(decoding: url, as: UTF8.self)), content: .binary(bytes))
        }
    }

    /// Of the list `details` of Connect (`type`, `value`), and of google.rpc.Status as JSON (`@type`).
    static func read(_ json: JSONValue?) -> [CallEnd.Detail] {
        guard case .array(let items) = json else { return [] }
        return items.compactMap { item in
            if case .string(let type) = item["type"], case .string(let value) = item["value"],
                let bytes = base64(value)
            {
                return CallEnd.Detail(type: name(type), content: .binary(bytes))
            }
            guard case .string(let url) = item["@type"], case .object(let members) = item else { return nil }
            var out = ByteWriter(capacity: 256)
            JSONValue.object(members.filter { $0.key != "@type" }).write(to: &out)
            return CallEnd.Detail(type: name(url), content: .json(Array(out.bytes)))
        }
    }

    /// With padding or without.
    private static func base64(_ text: String) -> [UInt8]? {
        try? Base64.decode(Array(text.utf8)).get()
    }

    private static func name(_ url: String) -> String {
        url.split(separator: "/").last.map(String.init) ?? url
    }
}

extension Code {
    /// Of its name in upper or lower case; Connect spells one of them otherwise.
    init?(name: String) {
        let upper = name.uppercased()
        if upper.utf8.elementsEqual("CANCELED".utf8) {
            self = .canceled
            return
        }
        guard let code = Code.allCases.first(where: { "\($0.name)".utf8.elementsEqual(upper.utf8) }) else { return nil }
        self = code
    }
}
