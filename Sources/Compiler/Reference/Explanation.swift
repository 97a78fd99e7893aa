import CEL
import Catalog
import Diagnostics
import JSON
import Manifests
import Protobuf

/// What `radicled explain` says, from the definitions of keys and rules.
package enum Explanation {
    /// Of a rule by its id, of a key by its path, of what expressions can read and call; nil if there is nothing of that
    /// name.
    package static func text(of word: String, inColour: Bool = false) -> String? {
        var out = PlainText(inColour: inColour)
        if let rule = Rules.all.first(where: { $0.id.utf8.elementsEqual(word.utf8) }) {
            RuleExplanation.write(rule, to: &out)
            return out.text
        }
        let keys = KeyIndex.shared.find(word)
        for (number, key) in keys.enumerated() {
            if number > 0 { out.blank() }
            KeyExplanation.write(key, to: &out)
        }
        var inExpressions = PlainText(inColour: inColour)
        if ExpressionExplanation.write(word, to: &inExpressions) {
            if !keys.isEmpty { out.blank() }
            out.append(inExpressions)
        }
        return out.text.isEmpty ? nil : out.text
    }

    /// What was likely meant by a word that names nothing.
    package static func suggestion(for word: String) -> String? {
        let keys = KeyIndex.shared.entries
        if let nearest = Suggest.nearest(word, among: keys.map(\.title) + keys.map(\.field.name) + Rules.all.map(\.id))
        {
            return nearest
        }
        let inExpressions = Suggest.nearest(word, among: ExpressionReference.words)
        // `server.idle`: the last word is a key, if not of that section.
        guard let last = word.split(separator: ".").last, last.utf8.count < word.utf8.count,
            inExpressions?.hasSuffix(".\(last)") != true
        else { return inExpressions }
        if let key = keys.first(where: { $0.field.name == last }) { return key.title }
        return inExpressions ?? Suggest.nearest(String(last), among: keys.map(\.field.name))
    }

    /// Every key, every rule, every name and function of expressions, a line each.
    package static func list(inColour: Bool = false) -> String {
        var out = PlainText(inColour: inColour)
        out.heading("keys")
        for key in KeyIndex.shared.entries {
            out.line(key.title, firstSentence(key.field.doc), column: 36)
        }
        out.blank()
        out.heading("rules of lint")
        for rule in Rules.all { out.line(rule.id, rule.summary, column: 36) }
        out.blank()
        out.heading("names in expressions")
        for name in ExpressionReference.names { out.line(name.title, firstSentence(name.doc), column: 36) }
        out.blank()
        out.heading("functions in expressions")
        for function in FunctionReference.all {
            let form = function.forms.first?.split(separator: " → ").first.map(String.init) ?? function.name
            out.line(form.count > 33 ? function.name : form, firstSentence(function.doc), column: 36)
        }
        out.blank()
        out.paragraph("`radicled explain WORD` tells more of any of them.", indent: 0)
        return out.text
    }

    static func firstSentence(_ doc: String) -> String {
        var sentence = ""
        for part in doc.split(separator: ". ", maxSplits: 1).prefix(1) { sentence = String(part) }
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}

private enum KeyExplanation {
    static func write(_ key: KeyIndex.Entry, to out: inout PlainText) {
        out.heading(key.title)
        out.paragraph(key.field.doc)
        out.blank()
        for (word, meaning) in KeyFacts(key).all { out.term(word, meaning, column: 11) }
        for section in key.sections {
            out.blank()
            out.paragraph("The keys of \(KeyFacts.named(section.key)):")
            out.blank()
            let column = (section.fields.map(\.name.count).max() ?? 0) + 3
            for field in section.fields {
                out.term(field.name, KeyFacts.line(field), column: column, indent: 4)
            }
        }
        guard let manifest = ExampleManifest.text(key) else { return }
        out.blank()
        out.paragraph("An example:")
        out.blank()
        out.verbatim(manifest)
    }
}

private enum RuleExplanation {
    static func write(_ rule: Rule, to out: inout PlainText) {
        out.heading("\(rule.level.rawValue)[\(rule.id)]: \(rule.summary)")
        out.paragraph(rule.explanation)
        out.blank()
        out.paragraph("\(rule.isOfProtos ? "A .proto file" : "A manifest") that breaks the rule:")
        out.blank()
        out.verbatim(rule.shortBad)
        out.blank()
        out.paragraph("What `radicled lint` says:")
        out.blank()
        out.verbatim(rule.toldOfBad)
        out.blank()
        out.paragraph("One that does not:")
        out.blank()
        out.verbatim(rule.good)
    }
}

extension Rule {
    /// Whether its samples are `.proto` files.
    var isOfProtos: Bool { Rules.protos.contains { $0.id == id } }

    /// The language of its samples, as Markdown names it.
    var language: String { isOfProtos ? "protobuf" : "yaml" }

    /// The bad sample as a page can show it: one of thousands of lines or letters is cut, and no control character is sent
    /// to a terminal.
    var shortBad: String {
        let printable = String(
            String.UnicodeScalarView(
                bad.unicodeScalars.map { $0.value < 0x20 && $0 != "\n" && $0 != "\t" ? "\u{FFFD}" : $0 }))
        let lines = printable.split(separator: "\n", omittingEmptySubsequences: false)
        let cut = lines.prefix(30).map { $0.count > 160 ? String($0.prefix(100)) + "…" : String($0) }
        return cut.joined(separator: "\n") + (lines.count > 30 ? "\n…\n" : "")
    }

    /// What lint says of the bad sample.
    var toldOfBad: String {
        var findings = Findings()
        if isOfProtos {
            let manifest = Source(name: "radicled.yaml", text: "proto: bad.proto\n")
            _ = ProtoFiles.compile(
                [ProtoFiles.Entry("bad.proto", at: SourceRange(manifest, 7, 16))], roots: [],
                read: { $0 == "bad.proto" ? .bytes(Array(bad.utf8)) : .missing }, &findings)
        } else {
            _ = Compilation(Source(name: "bad.yaml", text: bad), &findings)
        }
        var out = ByteWriter(capacity: 1024)
        HumanRenderer().render(findings.ordered(), to: &out)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
