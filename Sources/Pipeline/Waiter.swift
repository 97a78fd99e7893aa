import NIOCore

/// A parked exchange, for whoever will wake it, on whatever thread that is.
package struct Waiter: @unchecked Sendable {
    // @unchecked: the parker is only called on its own loop.
    package let ticket: UInt64
    private let turn: Int
    private let eventLoop: any EventLoop
    private let parker: (any Parker)?

    /// - Parameter turn: `exchange.admitted` for a stage; `.max` for a responder.
    package init(_ exchange: inout Exchange, turn: Int) {
        ticket = exchange.ticket
        self.turn = turn
        eventLoop = exchange.loop.state.pointee.eventLoop
        parker = exchange.parker
    }

    /// Its parker looks whether this call still waits here.
    package func wake() { eventLoop.execute { parker?.wake(ticket, turn: turn) } }
}
