import Catalog
import Compiler
import Diagnostics
import Manifests
import Pipeline
import Synchronization
import Testing

/// What a plan keeps of the one before it.
@Suite struct SharedStatesTests {
    private final class Bucket: Sendable {
        let size: Mutex<Int>
        init(_ size: Int) { self.size = Mutex(size) }
    }

    private final class Other: Sendable {}

    private static func bucket(_ states: SharedStates, _ place: ManifestPlace, _ size: Int) -> Bucket {
        states.state(at: place) {
            Bucket(size)
        } adjust: {
            $0.size.withLock { $0 = size }
        }
    }

    private let place = ManifestPlace.root.key("services").key("web")

    @Test func onePlaceHasOneOfAType() {
        let states = SharedStates()
        let bucket = Self.bucket(states, place, 1)
        #expect(Self.bucket(states, place, 1) === bucket)
        #expect(Self.bucket(states, place.key("routes"), 1) !== bucket)
        let other = states.state(at: place) { Other() }
        #expect(states.state(at: place) { Other() } === other)
        #expect(Self.bucket(states, place, 1) === bucket)
    }

    @Test func settingsChangeWhenThePlanIsInForce() {
        let old = SharedStates()
        let bucket = Self.bucket(old, place, 1)
        old.takeEffect()
        let new = SharedStates(after: old)
        #expect(Self.bucket(new, place, 2) === bucket)
        #expect(bucket.size.withLock { $0 } == 1, "the old plan goes on with its own")
        new.takeEffect()
        #expect(bucket.size.withLock { $0 } == 2)
    }

    @Test func aPlanThatIsRefusedChangesNothing() {
        let old = SharedStates()
        let bucket = Self.bucket(old, place, 1)
        _ = Self.bucket(SharedStates(after: old), place, 2)
        let new = SharedStates(after: old)
        #expect(Self.bucket(new, place, 3) === bucket)
        #expect(bucket.size.withLock { $0 } == 1)
    }

    @Test func whatIsGoneFromTheManifestIsDropped() {
        var states = SharedStates()
        weak let first = Self.bucket(states, place, 1)
        states = SharedStates(after: states)
        #expect(first != nil, "the old plan may stay")
        states.takeEffect()
        #expect(first == nil, "a manifest without the place has not asked for it")
        states = SharedStates(after: states)
        #expect(Self.bucket(states, place, 4).size.withLock { $0 } == 4, "and begins anew")
    }

    /// The routes' counts by their patterns.
    private func counts(_ text: String, _ states: SharedStates) throws -> [String: CallCount] {
        var findings = Findings()
        let loading = Loading([Source(name: "a.yaml", text: text)], in: .examples, &findings)
        let plan = try #require(Compilation(loading, states: states, &findings).plan)
        let routes = (0..<plan.routeCount).map { plan.route($0) }
        return Dictionary(uniqueKeysWithValues: routes.map { ($0.pointee.pattern, $0.pointee.calls) })
    }

    @Test func countsOfCallsGoOnWhereTheRouteStays() throws {
        let states = SharedStates()
        let old = try counts(
            "radicle: 1\nservices: { web: { routes: { GET /a: { template: a }, GET /b: { template: b } } } }", states)
        _ = old["GET /a"]?.next()
        let new = try counts(
            "radicle: 1\nservices: { web: { routes: { GET /c: { echo: {} }, GET /a: { template: new } } } }",
            SharedStates(after: states))
        #expect(new["GET /a"] === old["GET /a"])
        #expect(new["GET /a"]?.next() == 2)
        #expect(new["GET /c"]?.next() == 1)
        let moved = try counts(
            "radicle: 1\nservices: { other: { routes: { GET /a: { template: a } } } }", SharedStates(after: states))
        #expect(moved["GET /a"] !== old["GET /a"])
    }
}
