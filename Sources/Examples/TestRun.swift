package import Calling
import Catalog
package import Compiler
package import Diagnostics
import Pipeline

/// The examples of some manifests, run one after the other.
package struct TestRun: Sendable {
    /// What became of one manifest.
    package struct File: Sendable {
        package let name: String
        /// With an error among them nothing of the file is run.
        package let findings: [Finding]
        package let results: [ExampleResult]
        /// How many examples it has in all.
        package let count: Int

        package var hasErrors: Bool { findings.contains { $0.level == .error } }
        package var passed: Int { results.count { $0.hasPassed } }
        package var failed: Int { results.count { $0.hasFailed } }
        package var passedOver: Int { results.count { $0.passedOver != nil } }
    }

    package private(set) var files: [File] = []
    package let filter: String?
    /// What methods are called by.
    package let speech: CallProtocol
    /// Tells the time in nanoseconds, for how long each took.
    private let measure: @Sendable () -> Int64
    private let start: Int64

    /// - Parameter filter: a text that an example's service, pattern, name or request has, case ignored.
    package init(
        filter: String? = nil, speaking speech: CallProtocol = .grpc,
        measure: @escaping @Sendable () -> Int64 = { LoopClock.now() }
    ) {
        self.filter = filter
        self.speech = speech
        self.measure = measure
        start = measure()
    }

    /// Nanoseconds that all took so far.
    package var elapsed: Int64 { max(0, measure() - start) }

    /// Lints a manifest, and runs its examples if it has no mistakes.
    ///
    /// - Parameter found: what was wrong while it was read.
    package mutating func add(_ loading: Loading, name: String, _ found: consuming Findings) {
        var findings = found
        let compilation = Compilation(loading, &findings)
        var results: [ExampleResult] = []
        if !findings.hasErrors {
            let runner = Runner(compilation, speaking: speech, measure: measure)
            results = compilation.examples.filter(isMeant).map { runner.run($0) }
        }
        files.append(
            File(name: name, findings: findings.ordered(), results: results, count: compilation.examples.count))
    }

    private func isMeant(_ example: RouteExample) -> Bool {
        guard let filter else { return true }
        var words = [example.service, example.pattern, example.name ?? ""]
        if case .request(_, let call, _) = example.content {
            words.append("\(call.method) \(String(decoding: call.target, as: UTF8.self))")
        }
        let text = words.joined(separator: " ")
        return filter.isEmpty || text.lowercased().firstRange(of: filter.lowercased()) != nil
    }

    package var passed: Int { files.reduce(0) { $0 + $1.passed } }
    package var failed: Int { files.reduce(0) { $0 + $1.failed } }
    package var passedOver: Int { files.reduce(0) { $0 + $1.passedOver } }
    /// Whether no file has a mistake, no example failed, and the filter chose at least one.
    package var isGood: Bool { failed == 0 && !files.contains(where: \.hasErrors) && !filteredAllOut }

    /// A filter that chooses nothing is a misspelt one: what it was for would never be run.
    package var filteredAllOut: Bool {
        filter != nil && passed + failed + passedOver == 0 && !files.contains(where: \.hasErrors)
    }
}
