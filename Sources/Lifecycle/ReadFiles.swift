import Diagnostics
import Glibc
import Manifests
import Synchronization

/// Which file stands behind a path, and whether it was written since: what changes when somebody saves it, renames another
/// one onto it, or turns a symbolic link on its way.
struct FileStamp: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: timespec
    private let changed: timespec

    /// Nil where there is no regular file; a pipe has nothing to come back to.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = status.st_mtim
        changed = status.st_ctim
    }

    static func == (a: FileStamp, b: FileStamp) -> Bool {
        a.device == b.device && a.inode == b.inode && a.size == b.size && same(a.modified, b.modified)
            && same(a.changed, b.changed)
    }

    private static func same(_ a: timespec, _ b: timespec) -> Bool { a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec }
}

/// The files that a manifest was made of, found or not, as they were when they were read.
final class ReadFiles: Sendable {
    /// What makes a new reading worth while.
    struct Stamps: Equatable {
        /// By their paths, as bytes.
        var files: [[UInt8]: FileStamp?] = [:]
        /// What the patterns of `include` found.
        var matches: [[UInt8]: [[UInt8]]] = [:]
    }

    private struct Contents {
        var stamps = Stamps()
        /// Nil where the file could not be read.
        var digests: [[UInt8]: Int?] = [:]
    }

    private let contents = Mutex(Contents())

    /// A file of `--config`.
    func source(_ path: String) throws(SourceFile.Unreadable) -> Source {
        // Before it is read: what is written while it is read is a change.
        let stamp = FileStamp(path)
        note(path, stamp, nil)
        let source = try SourceFile.read(path)
        note(path, stamp, source.bytes)
        return source
    }

    /// The process's, with each file noted.
    var surroundings: Surroundings {
        var surroundings = Surroundings.process
        let (file, matches) = (surroundings.file, surroundings.matches)
        surroundings.file = { [self] path, limit throws(Surroundings.Unreadable) in
            let stamp = FileStamp(path)
            note(path, stamp, nil)
            let bytes = try file(path, limit)
            note(path, stamp, bytes)
            return bytes
        }
        surroundings.matches = { [self] pattern in
            let found = matches(pattern)
            contents.withLock { $0.stamps.matches[Array(pattern.utf8)] = found.map { Array($0.utf8) } }
            return found
        }
        return surroundings
    }

    private func note(_ path: String, _ stamp: FileStamp?, _ bytes: [UInt8]?) {
        let (path, digest) = (Array(path.utf8), bytes.map(Self.digest))
        contents.withLock { contents in
            contents.stamps.files.updateValue(stamp, forKey: path)
            contents.digests.updateValue(digest, forKey: path)
        }
    }

    /// Keyed anew by each process, so that nobody can make two files that look the same.
    private static func digest(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    var stamps: Stamps { contents.withLock { $0.stamps } }

    /// As they are now.
    func currentStamps() -> Stamps {
        var stamps = stamps
        for path in stamps.files.keys { stamps.files.updateValue(FileStamp(Self.text(path)), forKey: path) }
        for pattern in stamps.matches.keys { stamps.matches[pattern] = Self.matches(pattern) }
        return stamps
    }

    private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }

    private static func matches(_ pattern: [UInt8]) -> [[UInt8]] {
        Surroundings.process.matches(text(pattern)).map { Array($0.utf8) }
    }

    /// Whether reading them again gives something else.
    func haveOtherContents() -> Bool {
        let (stamps, digests) = contents.withLock { ($0.stamps, $0.digests) }
        if stamps.matches.contains(where: { Self.matches($0) != $1 }) { return true }
        return digests.contains { path, digest in
            // Nothing that is read here is larger; what would be is not read.
            let bytes = try? SourceFile.bytes(ofRegular: Self.text(path), limit: 16 * 1024 * 1024)
            return bytes.map(Self.digest) != digest
        }
    }
}
