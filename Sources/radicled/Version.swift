import ArgumentParser

enum Version {
    /// Also in CHANGELOG.md.
    static let text = "radicled 0.1.0-dev"
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")

    func run() {
        print(Version.text)
    }
}
