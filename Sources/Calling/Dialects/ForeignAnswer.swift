import Diagnostics
import JSON
import Pipeline

/// An answer that is not of the protocol: a proxy's page, a server of something else.
struct ForeignAnswer {
    private static let limit = 64 * 1024

    let status: Int
    let type: String
    private(set) var body: [UInt8] = []

    init(status: Int, _ fields: CallFields) {
        self.status = status
        type = fields.first { $0.name == "content-type" }?.value ?? ""
    }

    mutating func append(_ bytes: [UInt8]) {
        body += bytes.prefix(max(0, Self.limit - body.count))
    }

    /// - Parameter expected: what the answer should be: `gRPC`.
    func end(expected: String) -> CallEnd {
        let kind = type.isEmpty ? "without a content type" : HumanRenderer.safe(type)
        let line = summary.map { ": \($0)" } ?? ""
        return CallEnd(
            code: status == 200 ? .unknown : Self.code(for: status),
            message: "the answer is not \(expected) but HTTP \(status), \(kind)\(line)")
    }

    /// What a problem document says, or the first line of a text.
    private var summary: String? {
        if let json = try? JSONReader.read(body).get() {
            if case .string(let text) = json["detail"] ?? json["message"] ?? json["title"] { return text }
            return nil
        }
        guard type.hasPrefix("text/plain") else { return nil }
        let line = String(decoding: body.prefix(200), as: UTF8.self).split { $0.isNewline }.first
        return line.map { HumanRenderer.safe(String($0)) }
    }

    /// For answers without a status of their own (grpc, http-grpc-status-mapping.md).
    static func code(for status: Int) -> Code {
        switch status {
        case 400, 431: .internal
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404: .unimplemented
        case 429, 502, 503, 504: .unavailable
        default: .unknown
        }
    }
}
