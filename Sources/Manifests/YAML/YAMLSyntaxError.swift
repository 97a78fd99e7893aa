import CLibYAML
import Diagnostics

/// libyaml's refusal, in words that help, at the place where the mistake is rather than where it was noticed.
struct YAMLSyntaxError {
    private let problem: String
    private let context: String
    private let at: Int
    private let contextAt: Int

    init(_ parser: yaml_parser_t, _ offsets: CharacterOffsets) {
        problem = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
        context = parser.context.map { String(cString: $0) } ?? ""
        at = parser.error == YAML_READER_ERROR ? parser.problem_offset : offsets[parser.problem_mark.index]
        contextAt = offsets[parser.context_mark.index]
    }

    private struct Words {
        let message: String
        var label: String?
        let help: String
        /// Point at the start of what could not be finished.
        var atContext = false
    }

    func finding(in text: [UInt8], _ place: (Int, Int) -> SourceRange) -> Finding {
        var words = words
        let start = words.atContext ? contextAt : visible(at, text)
        if problem == "did not find expected key", text[start...].starts(with: "- ".utf8) {
            words = Words(
                message: "an item of a list stands among the keys of a map",
                help: "give it a key, or indent it below the key whose list it is")
        }
        let range = place(start, wordEnd(start, text))
        var related: [Finding.Related] = []
        if !words.atContext, context.hasPrefix("while parsing a flow") {
            related.append(Finding.Related(place(contextAt, min(contextAt + 1, text.count)), "opened here"))
        }
        return Finding(
            YAMLRules.syntax, words.message, at: range, label: words.label, help: words.help, related: related)
    }

    private var words: Words {
        switch problem {
        case "mapping values are not allowed in this context":
            Words(
                message: "a key is not allowed here",
                help: "give it the indentation of its neighbours, or put text that has a `: ` in it in quotes")
        case "could not find expected ':'":
            Words(
                message: "this line has no `:`", label: "expected `key: value`",
                help: "write `key: value`, or indent text that goes on from the line above", atContext: true)
        case "did not find expected key":
            Words(
                message: "expected a key here",
                help: "keys of one map have the same indentation; check for a quote or bracket left open above")
        case "did not find expected '-' indicator":
            Words(
                message: "expected `-` here", help: "items of one list start with `- ` and have the same indentation")
        case "did not find expected ',' or '}'":
            Words(message: "expected `,` or `}` here", help: "close the map, or put text that holds brackets in quotes")
        case "did not find expected ',' or ']'":
            Words(
                message: "expected `,` or `]` here", help: "close the list, or put text that holds brackets in quotes")
        case "found unexpected end of stream", "found unexpected document indicator":
            Words(message: "this quote is not closed", help: "add the same quote at the end", atContext: true)
        case "did not find expected node content":
            Words(message: "expected a value here", help: "put text that starts with a sign in quotes")
        case "block sequence entries are not allowed in this context":
            Words(
                message: "a list cannot start on this line", help: "put `- ` on a line of its own, or write `[a, b]`")
        case "found character that cannot start any token":
            Words(
                message: "a value cannot start like this", help: "put it in quotes; indent with spaces, not with tabs")
        case "found undefined tag handle":
            Words(message: "this tag is not known", help: "if the text is meant to start with `!`, put it in quotes")
        case "did not find expected alphabetic or numeric character":
            Words(
                message: "`*` and `&` start an alias or an anchor, which needs a name", help: "put text in quotes",
                atContext: true)
        case "found invalid Unicode character escape code", "did not find expected hexdecimal number":
            Words(message: "this escape is not a character", help: "`\\x` takes two digits, `\\u` four, `\\U` eight")
        case "found unknown escape character":
            Words(message: "this escape is not known", help: "write `\\\\` for a backslash, or use single quotes")
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            Words(message: "indentation is spaces, not tabs", help: "replace the tab with spaces")
        case _ where context.contains("directive"):
            Words(
                message: "this directive is not known", help: "a manifest needs no line that starts with `%`",
                atContext: true)
        default: Words(message: problem.lowercased(), help: "the value may need quotes, or another indentation")
        }
    }

    /// A mark at the end of the text, or in the blanks before a break, is moved back to what stands before it.
    private func visible(_ offset: Int, _ text: [UInt8]) -> Int {
        guard offset >= text.count || text[offset] == 0x0A || text[offset] == 0x0D else { return offset }
        var back = min(offset, text.count)
        while back > 0, [0x20, 0x09, 0x0A, 0x0D].contains(text[back - 1]) { back -= 1 }
        return back
    }

    /// To the end of the word, so that the caret has some width.
    private func wordEnd(_ start: Int, _ text: [UInt8]) -> Int {
        var end = start
        while end < text.count, !(" \t\r\n,:#[]{}".utf8.contains(text[end])) { end += 1 }
        return end > start ? end : min(start + 1, max(start, text.count))
    }
}
