/// A plan as one loop uses it, and how many of the loop's exchanges began under it.
///
/// Exchanges point into their plan's routes without counting references, so the loop keeps each plan that it has left
/// until the last exchange of it has ended. The count is the loop's own: nothing is shared between loops for it.
package struct PlanLease: ~Copyable {
    package let plan: Plan
    /// The same, for who counts no reference: all loops would write to one place for each request.
    fileprivate let borrowed: Unmanaged<Plan>
    fileprivate var exchanges = 0
    /// Takes the plan back once the loop has left it.
    fileprivate var whenLeft: (@Sendable (Plan) -> Void)?

    fileprivate init(_ plan: Plan) {
        self.plan = plan
        borrowed = .passUnretained(plan)
    }
}

/// A lease at its own address. Used on its loop alone.
struct PlanLeasePointer: Equatable {
    private let lease: UnsafeMutablePointer<PlanLease>

    init(_ plan: Plan) {
        lease = .allocate(capacity: 1)
        lease.initialize(to: PlanLease(plan))
    }

    @inline(__always) var plan: Plan { lease.pointee.plan }

    /// Calls `body` with the plan, which the lease keeps.
    @inline(__always) func withPlan(_ body: (Plan) -> Void) { lease.pointee.borrowed._withUnsafeGuaranteedRef(body) }

    /// One more exchange uses the plan.
    @inline(__always) func enter() { lease.pointee.exchanges &+= 1 }

    /// One less does. True if none is left.
    @inline(__always) func leave() -> Bool {
        lease.pointee.exchanges &-= 1
        return lease.pointee.exchanges == 0
    }

    /// Another plan is in force. Ends the lease if no exchange holds it; else the last of them does.
    func retire(whenLeft: @escaping @Sendable (Plan) -> Void) {
        lease.pointee.whenLeft = whenLeft
        if lease.pointee.exchanges == 0 { end() }
    }

    /// Gives the plan back; the pointer is not valid any more.
    func end() {
        let (plan, whenLeft) = (lease.pointee.plan, lease.pointee.whenLeft)
        lease.deinitialize(count: 1)
        lease.deallocate()
        whenLeft?(plan)
    }
}
