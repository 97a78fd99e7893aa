import Diagnostics
import Manifests

extension Surroundings {
    /// Variables and files by name; a pattern with one star matches by its ends.
    static func inMemory(_ variables: [String: String] = [:], files: [String: String] = [:]) -> Surroundings {
        Surroundings(
            variable: { name in variables[name].map { Array($0.utf8) } },
            file: { path, limit throws(Unreadable) in
                guard let text = files[path] else { throw Unreadable("No such file or directory", isMissing: true) }
                return Array(text.utf8.prefix(limit + 1))
            },
            matches: { pattern in
                let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
                guard let start = parts.first, let end = parts.last, parts.count == 2 else { return [] }
                return files.keys.filter { $0.hasPrefix(start) && $0.hasSuffix(end) }.sorted()
            })
    }
}
