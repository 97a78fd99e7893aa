/// A word that a stage has in each exchange of its route: what it must remember from one moment to another.
@usableFromInline package struct StageWord: Sendable {
    @usableFromInline let index: Int
}

/// The words that the stages of a route need. Filled while the route is compiled, on one thread.
package final class StageWords {
    package private(set) var count = 0
    /// The policies on trial, in the order of the chain.
    package private(set) var shadows: [Shadow] = []

    /// A policy in `mode: shadow`.
    package struct Shadow: Sendable {
        /// What `routes` calls it, escaped for JSON.
        package let name: [UInt8]
        /// Whether it would have stood in this call's way: not 0 then.
        package let note: StageWord
    }

    package init() {}

    /// One more word, which is 0 when an exchange begins.
    package func take() -> StageWord {
        count += 1
        return StageWord(index: count - 1)
    }

    /// Where a policy on trial notes what it would have refused.
    package func takeNote(of name: [UInt8]) -> StageWord {
        let note = take()
        shadows.append(Shadow(name: name, note: note))
        return note
    }
}

extension Exchange {
    /// A stage's word.
    @inlinable package subscript(word: StageWord) -> Int64 {
        get { words[word.index] }
        nonmutating set { words[word.index] = newValue }
    }

    /// Makes room for the route's words, all 0.
    mutating func clearWords(_ count: Int) {
        if count > wordCapacity {
            words.deallocate()
            words = .allocate(capacity: count)
            wordCapacity = count
        }
        words.initialize(repeating: 0, count: count)
    }

    /// Calls `body` with the name of each policy on trial that would have stood in this call's way.
    package func forEachShadow(_ body: ([UInt8]) -> Void) {
        for shadow in route.pointee.shadows where self[shadow.note] != 0 { body(shadow.name) }
    }
}
