package import Diagnostics
import Glibc

/// Reads manifests from files and from standard input.
package enum SourceFile {
    /// Why a manifest could not even be looked at.
    package struct Unreadable: Error, CustomStringConvertible {
        package let path: String
        package let reason: String
        /// There is nothing of that name.
        let isMissing: Bool

        fileprivate init(path: String, reason: String, isMissing: Bool = false) {
            self.path = path
            self.reason = reason
            self.isMissing = isMissing
        }

        package var description: String { "cannot read \(path): \(reason)" }
    }

    /// A manifest's size (3 MiB).
    private static let limit = 3 * 1024 * 1024

    /// - Parameter path: `-` is standard input.
    package static func read(_ path: String) throws(Unreadable) -> Source {
        if path == "-" { return Source(name: "standard input", bytes: try bytes(of: 0, path, limit), directory: "") }
        return Source(name: path, bytes: try bytes(of: path, limit: limit))
    }

    /// All of them, or why the first bad one cannot be read.
    package static func read(_ paths: [String]) throws(Unreadable) -> [Source] {
        var sources: [Source] = []
        for path in paths { sources.append(try read(path)) }
        return sources
    }

    /// What a request's body may be at most (64 MiB).
    private static let bodyLimit = 64 * 1024 * 1024

    /// The body of a request.
    /// - Parameter path: `-` is standard input.
    package static func body(_ path: String) throws(Unreadable) -> [UInt8] {
        let bytes = path == "-" ? try bytes(of: 0, path, bodyLimit) : try bytes(of: path, limit: bodyLimit)
        if bytes.count > bodyLimit { throw Unreadable(path: path, reason: "it is larger than 64 MiB") }
        return bytes
    }

    /// The bytes of a file that a manifest names: no pipe or device, which could keep the start waiting for ever.
    static func bytes(ofRegular path: String, limit: Int) throws(Unreadable) -> [UInt8] {
        try bytes(of: path, limit: limit, mustBeRegular: true)
    }

    private static func bytes(
        of path: String, limit: Int, mustBeRegular: Bool = false
    ) throws(Unreadable) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | (mustBeRegular ? O_NONBLOCK : 0))
        guard file >= 0 else {
            let code = errno
            throw Unreadable(
                path: path, reason: String(cString: strerror(code)), isMissing: code == ENOENT || code == ENOTDIR)
        }
        defer { close(file) }
        var status = stat()
        if fstat(file, &status) == 0 {
            let kind = status.st_mode & S_IFMT
            if kind == S_IFDIR { throw Unreadable(path: path, reason: "it is a directory") }
            if mustBeRegular, kind != S_IFREG { throw Unreadable(path: path, reason: "it is not a regular file") }
        }
        return try bytes(of: file, path, limit)
    }

    /// No more than a piece over the limit, so that it shows that it is too large.
    private static func bytes(of file: Int32, _ path: String, _ limit: Int) throws(Unreadable) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw Unreadable(path: path, reason: String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
