import Glibc
package import Manifests

extension Surroundings {
    /// The process's environment and the file system.
    package static let process = Surroundings(
        variable: { name in
            guard let value = getenv(name) else { return nil }
            return Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
        },
        file: { path, limit throws(Unreadable) in
            do throws(SourceFile.Unreadable) {
                return try SourceFile.bytes(ofRegular: path, limit: limit)
            } catch {
                throw Unreadable(error.reason, isMissing: error.isMissing)
            }
        },
        matches: { pattern in
            var found = glob_t()
            defer { globfree(&found) }
            // Directories end in a slash then.
            guard glob(pattern, GLOB_MARK, nil, &found) == 0 else { return [] }
            let paths = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
            return paths.filter { $0.utf8.last != UInt8(ascii: "/") }.sorted {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        })
}
