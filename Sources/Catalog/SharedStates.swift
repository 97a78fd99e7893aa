package import Manifests
import Synchronization

/// What outlives a plan: a gate, a bucket, a count of calls, each by its place in the manifest.
///
/// Each plan is compiled with states of its own, which begin with those of the plan before it. A manifest with mistakes
/// therefore changes nothing, and what a new one no longer has goes with the last plan that used it.
package final class SharedStates: Sendable {
    private struct Key: Hashable {
        let place: ManifestPlace
        let type: ObjectIdentifier
    }

    private struct Contents {
        /// Those of the plan before, until this one is in force.
        var earlier: [Key: any AnyObject & Sendable] = [:]
        var states: [Key: any AnyObject & Sendable] = [:]
        var changes: [@Sendable () -> Void] = []
    }

    private let contents: Mutex<Contents>

    /// - Parameter earlier: those of the plan that is to be replaced.
    package init(after earlier: SharedStates? = nil) {
        contents = Mutex(Contents(earlier: earlier?.contents.withLock { $0.states } ?? [:]))
    }

    /// The state at a place: one of a type, made if there was none.
    ///
    /// - Parameter adjust: changes the settings of a state that was there before. Called when the plan is put in force,
    ///   since until then the state serves the plan before it.
    package func state<State: AnyObject & Sendable>(
        at place: ManifestPlace, _ make: () -> State, adjust: @escaping @Sendable (State) -> Void = { _ in }
    ) -> State {
        let key = Key(place: place, type: ObjectIdentifier(State.self))
        return contents.withLock { contents in
            if let state = contents.states[key] as? State { return state }
            let state: State
            if let old = contents.earlier[key] as? State {
                state = old
                contents.changes.append { adjust(old) }
            } else {
                state = make()
            }
            contents.states[key] = state
            return state
        }
    }

    /// The plan that was compiled with these is in force: settings that have changed hold from now on.
    package func takeEffect() {
        let changes = contents.withLock { contents in
            defer {
                contents.changes = []
                contents.earlier = [:]
            }
            return contents.changes
        }
        for change in changes { change() }
    }
}
