/// What happened when within a call, for its span.
package struct Timeline: Sendable {
    package enum Phase: UInt8, Sendable {
        /// Waits: in a queue, or for a delay.
        case parked
        case resumed
        /// The request's body is there to its last byte.
        case bodyRead
        /// The answer's head has left.
        case headSent

        package var name: StaticString {
            switch self {
            case .parked: "radicled.parked"
            case .resumed: "radicled.resumed"
            case .bodyRead: "http.request.body.read"
            case .headSent: "http.response.head.sent"
            }
        }
    }

    package static let capacity = 8
    package private(set) var count = 0
    private var phases = InlineArray<8, Phase>(repeating: .parked)
    private var times = InlineArray<8, Int64>(repeating: 0)

    package init() {}

    /// What there is no room for is left out.
    package mutating func mark(_ phase: Phase, _ time: Int64) {
        guard count < Self.capacity else { return }
        phases[count] = phase
        times[count] = time
        count &+= 1
    }

    package mutating func clear() { count = 0 }

    /// - Parameter index: under `count`.
    package subscript(index: Int) -> (phase: Phase, time: Int64) { (phases[index], times[index]) }
}
