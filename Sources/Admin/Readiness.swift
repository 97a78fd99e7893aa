import Synchronization

/// Whether the server wants requests, and if not, why.
package final class Readiness: Sendable {
    package struct Reason: Sendable {
        /// One word, for programs: `draining`.
        package let name: String
        package let text: String

        package init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }

        package static let draining = Reason("draining", "the server goes down, and takes no more requests soon")
    }

    private let reasons = Mutex<[Reason]>([])

    package init() {}

    /// What keeps it from being ready; empty if nothing does.
    package var current: [Reason] { reasons.withLock { $0 } }

    package func hold(for reason: Reason) { reasons.withLock { $0.append(reason) } }
}
