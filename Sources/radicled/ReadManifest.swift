import ArgumentParser
import Compiler
import Diagnostics
import JSON
import Lifecycle

/// The manifest that a command is about.
enum ReadManifest {
    /// Ends the command with 2 if the file cannot be read, and with `mistakes` if it has some, which are told.
    static func compile(
        _ file: String, overrides: [String], mistakes: Int32 = 1, inColour: Bool = false
    ) throws -> Compilation {
        let source: Source
        do {
            source = try SourceFile.read(file)
        } catch {
            StandardError.write("radicled: \(error)\n")
            throw ExitCode(2)
        }
        var findings = Findings()
        let loading = Loading([source], overrides: overrides, in: .process, &findings)
        let compilation = Compilation(loading, &findings)
        if findings.hasErrors {
            let ordered = findings.ordered()
            var out = ByteWriter(capacity: 4096)
            HumanRenderer(inColour: inColour).render(ordered, to: &out)
            StandardError.write(String(decoding: out.bytes, as: UTF8.self) + HumanRenderer.summary(ordered) + "\n")
            throw ExitCode(mistakes)
        }
        return compilation
    }
}
