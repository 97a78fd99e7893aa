import ArgumentParser
import Lifecycle

struct DevCert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev-cert",
        abstract: "Make a certificate for development: dev.pem and dev.key.",
        discussion: """
            It is for localhost, 127.0.0.1, ::1 and the name of this machine, vouches for itself and ends after a year. The \
            key is new each time and readable by you alone.

                radicled dev-cert
                radicled dev-cert --directory tls --force
            """)

    @Option(help: ArgumentHelp("Where the files are written; it must be there.", valueName: "directory"))
    var directory = "."

    @Flag(help: "Write files that are there already anew.")
    var force = false

    func run() throws {
        do {
            StandardOutput.write(try DevelopmentFiles.write(into: directory, replacing: force))
        } catch {
            StandardError.write("radicled: \(error.message)\n")
            throw ExitCode(2)
        }
    }
}
