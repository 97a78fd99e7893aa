import Diagnostics
import JSON

/// How the messages of a stream stand one behind the other, which its content type says.
enum Framing: Sendable, CaseIterable {
    /// Server-sent events (HTML Living Standard, section 9.2).
    case events
    /// A JSON text a line.
    case lines
    /// A record separator before each JSON text (RFC 7464).
    case sequence

    var contentType: String {
        switch self {
        case .events: "text/event-stream"
        case .lines: "application/x-ndjson"
        case .sequence: "application/json-seq"
        }
    }

    /// What a content type says; parameters and case do not matter.
    init?(contentType: [UInt8]) {
        let name = contentType.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
        let folded = name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        guard let known = Self.allCases.first(where: { folded.elementsEqual($0.contentType.utf8) }) else { return nil }
        self = known
    }

    /// What others call the same, or what was likely meant.
    static func meant(by name: String) -> Framing? {
        switch name.lowercased() {
        case "application/ndjson", "application/jsonl", "application/x-jsonl", "application/jsonlines",
            "application/x-jsonlines", "application/stream+json", "application/x-json-stream", "application/json":
            .lines
        case "application/event-stream", "text/eventstream", "text/event-streams", "text/sse": .events
        case "application/json-sequence", "application/x-json-seq": .sequence
        default:
            Suggest.nearest(name, among: allCases.map(\.contentType)).flatMap { Framing(contentType: Array($0.utf8)) }
        }
    }
}

extension ByteWriter {
    /// The lines of a field of an event: text of several lines is sent as several fields, which the client joins by line
    /// feeds. A line ends with CR LF, LF or CR, for the client too.
    mutating func append(data text: UnsafeBufferPointer<UInt8>) {
        var at = 0
        while true {
            var end = at
            while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end += 1 }
            append("data: ")
            append(UnsafeBufferPointer(rebasing: text[at..<end]))
            append("\n")
            guard end < text.count else { return }
            at = text[end] == 0x0D && end + 1 < text.count && text[end + 1] == 0x0A ? end + 2 : end + 1
        }
    }
}
