import Diagnostics
import Manifests

/// Which manifests the process serves: the files of `--config`, and `--set` over them.
struct Origin {
    private let paths: [String]
    let overrides: [String]
    /// Standard input can be read once.
    private var standardInput: Source?

    init(paths: [String], overrides: [String]) {
        self.paths = paths
        self.overrides = overrides
    }

    /// Each over those before it. What came from standard input is what it was at the start.
    mutating func read(noting files: ReadFiles) throws(SourceFile.Unreadable) -> [Source] {
        var sources: [Source] = []
        for path in paths {
            if path == "-" {
                if standardInput == nil { standardInput = try SourceFile.read(path) }
                if let standardInput { sources.append(standardInput) }
            } else {
                sources.append(try files.source(path))
            }
        }
        return sources
    }
}
