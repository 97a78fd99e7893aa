import Diagnostics

/// Makes descriptors of what files say: gives everything its full name, looks up what they refer to, reads their options,
/// settles their features, and checks what protoc checks.
///
/// It works in phases over all files, each going on as far as it can, so that one run tells all mistakes.
struct Linker {
    /// Nobody reads more, and what is found must not outgrow a hostile file.
    static let maximumFindings = 1000
    /// The search for a near word is not for free.
    private static let maximumSuggestions = 50

    /// Those that a file imports stand before it.
    let files: [FileSyntax]
    /// The files whose own style is looked at; the others are only used.
    let named: Set<Int>
    var pool = DescriptorPool()
    private(set) var found: [Finding] = []
    private var errors = 0
    private var suggestions = 0
    private var isSilent = false

    // What the descriptors were made from, by the same indexes.
    var messageSyntax: [MessageSyntax] = []
    var enumSyntax: [EnumSyntax] = []
    var serviceSyntax: [ServiceSyntax] = []
    var extensionSyntax: [FieldSyntax] = []
    /// The scope in which each extension is written.
    var extensionScopes: [String] = []
    var extensionParents: [Int?] = []

    /// Which files have a package, or one within it.
    var packageFiles: [String: Set<Int>] = [:]
    /// What each file sees: itself, its imports, and what those import publicly.
    var visible: [Set<Int>] = []
    /// What each file gives to those that import it.
    var exported: [Set<Int>] = []
    /// The files from which each file has used something.
    var used: [Set<Int>] = []
    /// The extension ranges of the messages that are extended.
    var extensionRanges: [Int: NumberRanges] = [:]
    /// Options that were used, to be checked once the options of the options are known.
    var uses: [OptionUse] = []
    /// The messages of options: of the run's own google/protobuf/descriptor.proto, else of the built-in one.
    let builtIn: DescriptorPool?

    /// - Parameter builtIn: nil if google/protobuf/descriptor.proto is among the files.
    init(_ files: [FileSyntax], named: Set<Int>, builtIn: DescriptorPool?) {
        self.files = files
        self.named = named
        self.builtIn = builtIn
    }

    mutating func run() {
        declare()
        resolveTypes()
        // How the value of an option is written depends on features, which are options too.
        isSilent = true
        interpretOptions { $0 == "features" || $0 == "packed" }
        isSilent = false
        uses = []
        resolveFeatures()
        interpretOptions()
        check()
    }

    var hasErrors: Bool { errors > 0 }

    // MARK: Reporting

    var isFull: Bool { errors >= Linker.maximumFindings }

    func range(_ span: Span, _ file: Int) -> SourceRange { span.within(files[file].source) }

    mutating func report(
        _ rule: Rule, _ message: String, _ span: Span, _ file: Int, label: String? = nil, help: String? = nil,
        suggestion: String? = nil, related: [Finding.Related] = []
    ) {
        guard !isSilent else { return }
        // Warnings must not crowd errors out: what has one is refused.
        if rule.level == .error {
            guard !isFull else { return }
            errors += 1
        } else {
            guard found.count - errors < Linker.maximumFindings else { return }
        }
        // A descriptor set has no places of its own.
        let message = files[file].isEncoded ? "\(files[file].path.text): \(message)" : message
        found.append(
            Finding(
                rule, message, at: range(span, file), label: label, help: help, suggestion: suggestion,
                related: files[file].isEncoded ? [] : related))
    }

    /// False when enough was searched.
    mutating func spendPatience() -> Bool {
        guard suggestions < Linker.maximumSuggestions, !isSilent else { return false }
        suggestions += 1
        return true
    }

    /// The nearest of the words, while there is still patience for searching.
    mutating func nearest(_ word: String, among words: some Sequence<String>) -> String? {
        guard spendPatience() else { return nil }
        return Suggest.nearest(word, among: words)
    }

    /// Where something with a name was written.
    func place(of symbol: DescriptorPool.Symbol) -> SourceRange? {
        switch symbol {
        case .package: nil
        case .message(let index): pool.messages[index].place
        case .enum(let index): pool.enums[index].place
        case .value(let index, let value): range(enumSyntax[index].values[value].name.span, pool.enums[index].file)
        case .field(let message, let index): pool.messages[message].fields[index].place
        case .oneof(let message, let index):
            range(messageSyntax[message].oneofs[index].name.span, pool.messages[message].file)
        case .extension(let index): pool.extensions[index].place
        case .service(let index): pool.services[index].place
        case .method(let index, let method): pool.services[index].methods[method].place
        }
    }

    func file(of symbol: DescriptorPool.Symbol) -> Int? {
        switch symbol {
        case .package: nil
        case .message(let index), .field(let index, _), .oneof(let index, _): pool.messages[index].file
        case .enum(let index), .value(let index, _): pool.enums[index].file
        case .extension(let index): pool.extensions[index].file
        case .service(let index), .method(let index, _): pool.services[index].file
        }
    }
}
