/// Why a call could not be made at all: nothing was asked, or nobody answered.
package struct CallMistake: Error, Equatable, CustomStringConvertible {
    package let message: String
    /// What to do about it.
    package var help: String?

    package init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }

    package var description: String { help.map { "\(message)\nhelp: \($0)" } ?? message }
}
