package import CEL
import Glibc

/// The system's time zone database: TZif files below `/usr/share/zoneinfo` (RFC 8536).
package enum ZoneFiles {
    /// One for the process: a zone is read once, at load where its name is written out.
    package static let zones = TimeZones { name in
        for root in ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"]
        where access(root, R_OK) == 0 {
            return contents(root + "/" + name).map { .bytes($0) } ?? .unknown
        }
        return .noDatabase
    }

    /// Nil for what is no regular file, or too large to be one of a zone.
    private static func contents(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 20 else {
            return nil
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // A file that grows meanwhile is no zone either.
            if count < 0 || bytes.count > 1 << 20 { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

extension LoopAmbient {
    package var zones: TimeZones { ZoneFiles.zones }
}
