import Synchronization

/// What reading the file of a time zone gave.
package enum ZoneFile: Sendable {
    case bytes([UInt8])
    case unknown
    /// There is no time zone database on this machine at all.
    case noDatabase
}

/// Time zones by their IANA name, read once and kept. The file system is behind a closure: this module touches none.
package final class TimeZones: Sendable {
    /// For places without files: only `UTC` and fixed offsets are known.
    package static let none = TimeZones { _ in .noDatabase }

    private let read: @Sendable (String) -> ZoneFile
    private let known = Mutex<[String: ZoneRules]>([:])

    /// - Parameter read: the contents of the file with that name below the zone directory. It is called for well-formed
    ///   names only (`Area/City`: no dots, no empty parts, 64 bytes at most), and again after a name was not found.
    package init(_ read: @escaping @Sendable (String) -> ZoneFile) { self.read = read }

    /// Why a zone is not known, as an error's text.
    struct Unknown: Error {
        let message: String
        /// The name may be right: there is nothing to look it up in.
        var noDatabase = false
    }

    /// `UTC`, `+02:00`, `-09:30`, `02:00`, or a name such as `Europe/Berlin`.
    func zone(_ name: String) -> Result<ZoneRules, Unknown> {
        if sameBytes(name, "UTC") || sameBytes(name, "Z") { return .success(.utc) }
        if let offset = Self.fixedOffset(name) {
            return .success(ZoneRules(fixed: offset, Self.offsetName(offset)))
        }
        if let zone = known.withLock({ $0[name] }) { return .success(zone) }
        let unknown = Unknown(message: "unknown time zone \(quoted(name))")
        guard Self.isWellFormed(name) else { return .failure(unknown) }
        switch read(name) {
        case .bytes(let bytes):
            guard let zone = ZoneRules(bytes) else {
                return .failure(Unknown(message: "the file of the time zone \(quoted(name)) cannot be read"))
            }
            // Only names that have a file get here, so the table stays small.
            known.withLock { $0[name] = zone }
            return .success(zone)
        case .unknown: return .failure(unknown)
        case .noDatabase:
            return .failure(
                Unknown(
                    message: "there is no time zone database to look up \(quoted(name)) in; install tzdata",
                    noDatabase: true))
        }
    }

    private static func isWellFormed(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        // The first byte of each part is a letter: no hidden files, no options.
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, Lexer.startsName(first), first != UInt8(ascii: "_") else { return false }
            return part.allSatisfy { byte in
                Lexer.continuesName(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            }
        }
    }

    /// Seconds east of Greenwich.
    private static func fixedOffset(_ name: String) -> Int64? {
        var bytes = Array(name.utf8.prefix(7))
        var sign: Int64 = 1
        if bytes.first == UInt8(ascii: "-") { sign = -1 }
        if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        bytes.remove(at: 2)
        guard bytes.allSatisfy(Lexer.isDigit) else { return nil }
        let digits = bytes.map { Int64($0 - UInt8(ascii: "0")) }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits[2] * 10 + digits[3]
        return hours < 24 && minutes < 60 ? sign * (hours * 3600 + minutes * 60) : nil
    }

    /// `+02:00`
    static func offsetName(_ offset: Int64) -> String {
        let minutes = offset.magnitude / 60
        func two(_ number: UInt64) -> String { (number < 10 ? "0" : "") + String(number) }
        return (offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }
}
