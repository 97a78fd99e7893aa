import ArgumentParser
import Compiler

enum Version {
    static let number = Release.version
    static let text = "radicled " + number
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.")

    func run() {
        print(Version.text)
    }
}
