/// What a manifest may look at outside of its own text: the environment, and files that it names. Tests need neither.
package struct Surroundings: Sendable {
    /// Why a file cannot be read, in a few words.
    package struct Unreadable: Error {
        package let reason: String
        /// There is nothing of that name.
        package let isMissing: Bool

        package init(_ reason: String, isMissing: Bool = false) {
            self.reason = reason
            self.isMissing = isMissing
        }
    }

    /// The value of an environment variable, nil if there is none.
    package var variable: @Sendable (_ name: String) -> [UInt8]?
    /// A regular file's bytes; no more than `limit` and one, so that it shows which is longer.
    package var file: @Sendable (_ path: String, _ limit: Int) throws(Unreadable) -> [UInt8]
    /// The files whose paths match a pattern with `*`, `?` and `[…]`, sorted by their bytes.
    package var matches: @Sendable (_ pattern: String) -> [String]

    package init(
        variable: @escaping @Sendable (_ name: String) -> [UInt8]?,
        file: @escaping @Sendable (_ path: String, _ limit: Int) throws(Unreadable) -> [UInt8],
        matches: @escaping @Sendable (_ pattern: String) -> [String]
    ) {
        self.variable = variable
        self.file = file
        self.matches = matches
    }

    /// No variables and no files.
    package static let none = Surroundings(
        variable: { _ in nil },
        file: { _, _ throws(Unreadable) in throw Unreadable("No such file or directory", isMissing: true) },
        matches: { _ in [] })
}
