/// Tells when the files of a manifest have changed and rest again.
///
/// It looks at them instead of being told: a few calls of `stat` see what `inotify` needs a watch on every directory and
/// link of every path for, and see it on every file system (docs/decisions/0022).
struct FileWatch {
    /// Nanoseconds from one look to the next.
    private static let interval: Int64 = 500_000_000
    /// The same while something changes: who writes a file may need a moment for all of it.
    private static let quiet: Int64 = 100_000_000
    /// Looks after which a change counts although it goes on.
    private static let patience = 20

    private var files: ReadFiles
    private var settled: ReadFiles.Stamps
    private var last: ReadFiles.Stamps
    private var looks = 0

    init(_ files: ReadFiles) {
        self.files = files
        settled = files.stamps
        last = settled
    }

    /// Nanoseconds until the next look is due.
    var pause: Int64 { looks == 0 ? Self.interval : Self.quiet }

    /// Looks at the files. True if they have other contents than when they were read, and nobody writes them any more.
    mutating func look() -> Bool {
        let now = files.currentStamps()
        defer { last = now }
        guard now != settled else {
            looks = 0
            return false
        }
        looks += 1
        guard now == last && looks > 1 || looks > Self.patience else { return false }
        looks = 0
        settled = now
        // Touched, or written as it was.
        return files.haveOtherContents()
    }
}
