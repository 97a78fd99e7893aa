import Glibc
import JSON
import Testing

/// One row of Tests/EndToEnd/hostile_heads.json, which the end-to-end test reads too.
///
/// `bytes` there is text of which each character is a byte, or a list of such texts and of `[text, count]` for one
/// that is repeated. `expect` is the status, or `ok`; 408 stands for waiting, since more must come.
struct HostileHead: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Nil if it must be accepted.
    let status: Int?
    /// Whether what is wrong is in the body.
    let isBody: Bool

    var testDescription: String { name }

    static let all: [HostileHead] = {
        guard case .success(.array(let rows)) = JSONReader.read(readTable()) else { return [] }
        return rows.compactMap(HostileHead.init)
    }()

    private init?(_ row: JSONValue) {
        guard case .string(let name) = row["name"], case .string(let part) = row["part"] else { return nil }
        self.name = name
        isBody = part == "body"
        switch row["expect"] {
        case .int(let status): self.status = Int(status)
        case .string("ok"): status = nil
        default: return nil
        }
        switch row["bytes"] {
        case .string(let text): bytes = HeadReading.bytes(latin1: text)
        case .array(let parts):
            var bytes: [UInt8] = []
            for part in parts {
                switch part {
                case .string(let text): bytes += HeadReading.bytes(latin1: text)
                case .array(let pair):
                    guard pair.count == 2, case .string(let text) = pair[0], case .int(let count) = pair[1] else {
                        return nil
                    }
                    for _ in 0..<count { bytes += HeadReading.bytes(latin1: text) }
                default: return nil
                }
            }
            self.bytes = bytes
        default: return nil
        }
    }

    /// The table lies beside the end-to-end tests: `TransportTests/` and `EndToEnd/` are neighbours.
    private static func readTable(_ here: String = #filePath) -> [UInt8] {
        let folder = here.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let file = open("\(folder)/EndToEnd/hostile_heads.json", O_RDONLY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(file, &piece, piece.count)
            if count <= 0 { return bytes }
            bytes += piece[..<count]
        }
    }
}
