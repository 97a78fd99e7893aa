import ArgumentParser

enum Version {
    /// Also in CHANGELOG.md.
    static let number = "0.1.0-dev"
    static let text = "radicled " + number
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")

    func run() {
        print(Version.text)
    }
}
