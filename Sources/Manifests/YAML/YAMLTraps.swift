import Diagnostics

/// A place where YAML reads something other than what was meant, with the edits that make it say what was meant.
struct Trap: Sendable {
    let finding: Finding
    let edits: [Repair.Edit]
    /// YAML accepts it and makes something else of it. The others are syntax errors: they are only believed where
    /// libyaml refuses the text too, so that a line that is right is never reported.
    let isSilent: Bool
}

/// Finds the traps of YAML by its own rough reading of the text: lines, keys, quotes, brackets, block scalars.
enum YAMLTraps {
    static func find(in source: Source, from start: Int) -> [Trap] {
        var scanner = TrapScanner(source, from: start)
        scanner.scan()
        return scanner.traps
    }
}
