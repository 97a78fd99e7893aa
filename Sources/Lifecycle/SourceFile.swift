package import Diagnostics
import Glibc

/// Reads manifests from files and from standard input.
package enum SourceFile {
    /// Why a manifest could not even be looked at.
    package struct Unreadable: Error, CustomStringConvertible {
        package let path: String
        package let reason: String

        package var description: String { "cannot read \(path): \(reason)" }
    }

    /// A manifest's size (3 MiB). A little more is read, so that the reader can say that it is too large.
    private static let limit = 3 * 1024 * 1024 + 1

    /// - Parameter path: `-` is standard input.
    package static func read(_ path: String) throws(Unreadable) -> Source {
        if path == "-" { return Source(name: "standard input", bytes: try bytes(of: 0, path), directory: "") }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        if fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Unreadable(path: path, reason: "it is a directory")
        }
        return Source(name: path, bytes: try bytes(of: file, path))
    }

    private static func bytes(of file: Int32, _ path: String) throws(Unreadable) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count < limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw Unreadable(path: path, reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
