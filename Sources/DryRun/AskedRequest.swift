import CEL
import Catalog
import JSON

/// A request as somebody asks about it: `POST /orders`, or a whole URL, with header fields and a body.
package struct AskedRequest: Sendable {
    /// What is wrong with the question; no request could be made of it.
    package struct Mistake: Error, CustomStringConvertible {
        package let description: String
    }

    package let method: String
    /// The target of the request line: a path with its query, `*`, or an authority for CONNECT.
    package let target: String
    /// In their order; a `host` is among them.
    package private(set) var fields: [(name: String, value: String)] = []
    package let body: [UInt8]
    package let isTLS: Bool
    /// Whether the host was said, and not only put there because a request has one.
    package let saysHost: Bool
    /// The IP address that it comes from.
    package let client: String
    /// Where a request comes from if nobody says: this machine.
    package static let nearby = "127.0.0.1"

    /// - Parameters:
    ///   - text: `[METHOD ]TARGET`; GET without a method.
    ///   - headers: `Name: value` each.
    ///   - bodyName: the file that the body comes from. Its ending tells the content type where no header does.
    ///   - client: an IP address.
    package init(
        _ text: String, headers: [String] = [], body: [UInt8]? = nil, bodyName: String? = nil, client: String = nearby
    ) throws(Mistake) {
        if IPAddress(client) == nil {
            throw Mistake(description: "the client is an IP address such as 192.0.2.7, not `\(client)`")
        }
        self.client = client
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let last = words.last else { throw Mistake(description: "there is no request to explain") }
        method = words.count == 2 ? words[0] : "GET"
        let place = Self.place(last.trimmed)
        target = place.target
        if let odd = (method + target).utf8.first(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw Mistake(
                description: odd == 0x20
                    ? "the request has a space too many: write `METHOD /path`, and %20 for a space in the path"
                    : "the request has a control character in it")
        }
        isTLS = place.isTLS
        self.body = body ?? []
        for header in headers { fields.append(try Self.field(header)) }
        if let host = fields.first(where: { $0.name.lowercased() == "host" })?.value {
            if let other = place.host, !other.utf8.elementsEqual(host.utf8) {
                throw Mistake(description: "the URL is for \(other), the header for \(host): leave one out")
            }
            saysHost = true
        } else {
            saysHost = place.host != nil
            fields.insert(("host", place.host ?? "localhost"), at: 0)
        }
        if let body, !has("content-type"), let type = Self.contentType(body, bodyName) {
            fields.append(("content-type", type))
        }
        if body != nil, !has("content-length"), !has("transfer-encoding") {
            fields.append(("content-length", "\(self.body.count)"))
        }
    }

    package var host: String { fields.first { $0.name.lowercased() == "host" }?.value ?? "" }

    package var contentType: String? { fields.first { $0.name.lowercased() == "content-type" }?.value }

    /// Whether it is a call that comes over HTTP/2.
    var isGRPC: Bool {
        let type = contentType?.lowercased().prefix { $0 != ";" && $0 != " " } ?? ""
        return type == "application/grpc" || type.hasPrefix("application/grpc+")
    }

    private func has(_ name: String) -> Bool { fields.contains { $0.name.lowercased() == name } }

    /// As a client would send a URL: the authority in the host, no fragment.
    private static func place(_ text: String) -> (target: String, host: String?, isTLS: Bool) {
        let lower = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
            return (text, nil, false)
        }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let path = String(rest[end...])
        // Nobody sends the name and password of a URL as a part of its host.
        let host = rest[..<end].split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        return (path.hasPrefix("/") ? path : "/" + path, host, scheme == "https://")
    }

    /// By the file's name, else by what JSON alone looks like; nil where nothing tells.
    private static func contentType(_ body: [UInt8], _ name: String?) -> String? {
        let named = name.map { ContentType.of(path: $0) }
        if let named, named != ContentType.unknown { return named }
        guard body.first == UInt8(ascii: "{") || body.first == UInt8(ascii: "[") else { return nil }
        let read = body.withUnsafeBufferPointer { JSONReader.read($0) }
        if case .success = read { return "application/json" }
        return nil
    }

    private static func field(_ text: String) throws(Mistake) -> (name: String, value: String) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw Mistake(description: "a header is written `Name: value`, not `\(text)`")
        }
        if text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            throw Mistake(description: "a header cannot hold a line break")
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]).trimmed)
    }

    /// The head as it would come over the wire.
    var head: [UInt8] {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.utf8.first == 0x20 || rest.utf8.first == 0x09 { rest.removeFirst() }
        while rest.utf8.last == 0x20 || rest.utf8.last == 0x09 { rest.removeLast() }
        return String(rest)
    }
}
