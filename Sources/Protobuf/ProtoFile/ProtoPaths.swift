/// The paths of roots, files and imports, as bytes.
enum ProtoPaths {
    private static let slash = UInt8(ascii: "/")

    /// Without a `./` in front or a slash behind; the current folder is empty.
    static func tidy(_ path: String) -> String {
        var bytes = Array(path.utf8)[...]
        while bytes.starts(with: [UInt8(ascii: "."), slash]) {
            bytes = bytes.dropFirst(2).drop { $0 == slash }
        }
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        return bytes.elementsEqual([UInt8(ascii: ".")]) ? "" : String(decoding: bytes, as: UTF8.self)
    }

    static func folder(_ path: String) -> String {
        let bytes = Array(path.utf8)
        guard let last = bytes.lastIndex(of: slash) else { return "" }
        return last == 0 ? "/" : String(decoding: bytes[..<last], as: UTF8.self)
    }

    static func join(_ root: String, _ path: String) -> String {
        if root.isEmpty { return path }
        return root.utf8.last == slash ? root + path : root + "/" + path
    }

    /// The path of a file from a root, if it lies in it.
    static func relative(_ path: String, to root: String) -> String? {
        if root.isEmpty { return path.utf8.first == slash ? nil : path }
        let start = root.utf8.last == slash ? Array(root.utf8) : Array(root.utf8) + [slash]
        guard path.utf8.count > start.count, path.utf8.starts(with: start) else { return nil }
        return String(decoding: path.utf8.dropFirst(start.count), as: UTF8.self)
    }

    /// What an import must not have: with it a file would have two names.
    static func wrongPart(of path: ProtoPath) -> String? {
        if path.bytes.isEmpty { return "being empty" }
        if path.bytes.contains(UInt8(ascii: "\\")) { return "backslashes" }
        if path.bytes.contains(0) { return "NUL" }
        if UTF8Check.firstInvalid(path.bytes) != nil { return "bytes that are not UTF-8" }
        for part in path.bytes.split(separator: slash, omittingEmptySubsequences: false) {
            if part.isEmpty { return "empty parts" }
            if part.elementsEqual([UInt8(ascii: ".")]) || part.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")]) {
                return "`.` and `..`"
            }
        }
        return nil
    }
}
