import ArgumentParser
import Compiler
import Diagnostics
import Lifecycle

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell all about a key of the manifest, a rule of lint, a name or a function of expressions.",
        discussion: """
            A key is given by its path, as far as it is needed: timeout, middleware.access_log.format, template.status. \
            Without a word it lists every key, rule, name and function. Exits 1 if there is nothing of that name.
            """)

    @Argument(
        help: ArgumentHelp(
            "A key, such as limits.idle; a rule, such as unknown-key; a name, such as request.method; a function.",
            valueName: "word"))
    var word: String?

    func run() throws {
        let inColour = StandardOutput.takesColour
        guard let word else { return StandardOutput.write(Explanation.list(inColour: inColour)) }
        if let text = Explanation.text(of: word, inColour: inColour) { return StandardOutput.write(text) }
        let meant = Explanation.suggestion(for: word).map { "did you mean `\($0)`?" }
        StandardError.write(
            "radicled: there is no key, rule, name or function `\(HumanRenderer.safe(word))`\n"
                + "help: \(meant ?? "`radicled explain` lists them all")\n")
        throw ExitCode(1)
    }
}
