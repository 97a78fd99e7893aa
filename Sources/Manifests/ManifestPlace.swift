/// Where in a manifest something stands, written as `--set` reads it: `services.web.routes["GET /a.txt"]`.
package struct ManifestPlace: Sendable, Hashable {
    /// Bytes, since two keys that Swift's `String` holds for equal are two.
    package private(set) var path: [UInt8] = []

    package static let root = ManifestPlace()

    private init() {}

    /// The place of a key in the map that stands here.
    package func key(_ name: String) -> ManifestPlace {
        var place = self
        let isPlain = !name.isEmpty && name.utf8.allSatisfy(Self.isPlain)
        if isPlain {
            if !path.isEmpty { place.path.append(UInt8(ascii: ".")) }
            place.path += name.utf8
            return place
        }
        place.path += "[\"".utf8
        for byte in name.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { place.path.append(UInt8(ascii: "\\")) }
            place.path.append(byte)
        }
        place.path += "\"]".utf8
        return place
    }

    /// The place of an item in the list that stands here. `--set` has no such thing; its own words are `[0]`.
    package func item(_ index: Int) -> ManifestPlace {
        var place = self
        place.path += "[\(index)]".utf8
        return place
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
