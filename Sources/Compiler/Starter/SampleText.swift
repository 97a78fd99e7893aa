import Protobuf

/// Values for fields that tell by their names what they are for.
enum SampleText {
    /// A text for a field of this name.
    ///
    /// - Parameter number: which one of several it is, from 1.
    static func text(_ name: String, number: Int = 1) -> String {
        let words = words(of: name)
        let last = words.last ?? ""
        switch last {
        case "email", "mail": return number == 1 ? "ann@example.com" : "bob@example.com"
        case "url", "uri", "link", "href": return number == 1 ? "https://example.com/" : "https://example.com/\(number)"
        case "id", "uid", "uuid", "guid", "key":
            return words.count == 1 ? "\(last)-\(number)" : words.dropLast().joined(separator: "-") + "-\(number)"
        case "host", "hostname", "domain": return "example.com"
        case "ip": return "192.0.2.\(number)"
        case "currency": return "EUR"
        case "language", "lang": return "en"
        case "country", "region": return "GB"
        case "locale": return "en-GB"
        case "timezone": return "Europe/London"
        case "phone": return "+44 20 7946 0000"
        case "version": return "1.\(number).0"
        case "date": return "2026-01-0\(min(number, 9))"
        case "time", "timestamp", "at": return "2026-01-01T00:00:00Z"
        default: break
        }
        if last == "code", let kind = words.dropLast().last {
            switch kind {
            case "currency", "language", "country", "region": return text(kind, number: number)
            default: break
            }
        }
        let text = words.joined(separator: " ")
        return number == 1 ? text : "\(text) \(number)"
    }

    /// A whole number for a field of this name.
    static func integer(_ name: String, number: Int = 1) -> String {
        switch words(of: name).last ?? "" {
        case "year": "2026"
        case "port": "8080"
        case "latitude", "lat": "51"
        default: String(number)
        }
    }

    /// A number with a fraction that every binary format has, for a field of this name.
    static func fraction(_ name: String, number: Int = 1) -> String {
        switch words(of: name).last ?? "" {
        case "latitude", "lat": "51.5"
        case "longitude", "lng", "lon": "-0.125"
        default: "\(number).5"
        }
    }

    /// Whether a field names a failure: what answers well leaves it out.
    static func isFailure(_ name: String) -> Bool {
        let words = words(of: name)
        return words == ["partial", "success"]
            || words.contains { ["error", "errors", "failure", "failures", "exception"].contains($0) }
    }

    /// Whether a field says where the next page begins: with a text in it a client would ask for ever.
    static func isNextPage(_ name: String) -> Bool {
        let words = words(of: name)
        return words.first == "next" && ["token", "cursor", "page"].contains(words.last ?? "")
    }

    /// Whether a field says which page, or which part of an answer, a client wants.
    static func isOfPaging(_ name: String) -> Bool {
        let words = words(of: name)
        return words.first == "page" || ["filter", "mask"].contains(words.last ?? "") || words == ["order", "by"]
    }

    /// Whether a field counts.
    static func isCount(_ name: String) -> Bool {
        ["count", "total", "received"].contains(words(of: name).last ?? "")
    }

    /// Whether a field is what the answer says.
    static func isSaid(_ name: String) -> Bool {
        ["message", "greeting", "reply", "text"].contains(words(of: name).last ?? "")
    }

    /// `HTTPServer`, `httpServer` and `http_server` are two words.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        let bytes = Array(name.utf8)
        func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
        for (at, byte) in bytes.enumerated() {
            let startsWord =
                isUpper(byte) && at > 0
                && (!isUpper(bytes[at - 1]) || at + 1 < bytes.count && !isUpper(bytes[at + 1]) && bytes[at + 1] > 0x60)
            if byte == UInt8(ascii: "_") || startsWord {
                if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
            }
            if byte != UInt8(ascii: "_") { word.append(isUpper(byte) ? byte | 0x20 : byte) }
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
