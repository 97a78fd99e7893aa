import JSON
import Pipeline

/// One request and its answer on an HTTP/2 connection: where both directions are.
///
/// It lives in a slot of the connection that does not move and is used again.
struct HTTP2Stream: ~Copyable {
    /// What the stream is doing; as `HTTP1Connection.Phase`, but that the two directions end apart.
    enum Phase: UInt8 {
        /// The slot is at rest.
        case free
        /// A stage that comes before the body parked the exchange.
        case parked
        /// The body is read, kept or dropped, before the responder starts.
        case body
        /// A stage that comes after the body parked the exchange.
        case parkedLate
        /// The responder is not started before others' answers have left.
        case held
        /// The responder takes the body piece by piece.
        case streaming
        /// The responder waits for its time.
        case waiting
        /// The responder waits for the peer to read.
        case blocked
        /// What the responder has made of some messages waits for the peer to read, and further messages wait for that.
        case full
        /// The answer is whole, and leaves as the windows let it.
        case ending
        /// The answer is out and its exchange over; the client has a moment to end its body by itself.
        case draining
    }

    /// What comes behind the bytes that wait for a window.
    enum Behind: UInt8 {
        /// More, or nothing yet known.
        case more
        /// The end of the stream.
        case end
        case trailers
        /// A reset: the answer is not whole.
        case reset
    }

    var id: UInt32 = 0
    var phase = Phase.free
    var exchange: UnsafeMutablePointer<Exchange>?

    // MARK: From the peer

    /// The peer has sent its last byte.
    var remoteEnded = false
    /// Bytes of the body that the head announced and that are still to come; nil if it announced none.
    var bodyLeft: Int?
    /// What came while nobody could take it; the window bounds it.
    var input = ByteWriter(capacity: 64)
    var continueOwed = false
    /// What the peer may still send.
    var receiveWindow = 0
    /// Bytes taken since the window was last opened for them.
    var taken = 0
    /// Those of them that the connection's window has not been told of.
    var takenUntold = 0

    // MARK: To the peer

    /// How much of a body the peer takes now; less than nothing after it made its windows smaller.
    var sendWindow = 0
    /// What the windows have not let out, from `outputAt` on.
    var output = ByteWriter(capacity: 64)
    var outputAt = 0
    var behind = Behind.more
    /// The frame with END_STREAM is out.
    var localEnded = false

    /// Monotonic time of the last event that counts for the current phase's limit.
    var since: Int64 = 0
    /// When something of the body last left, or began to wait.
    var sentSince: Int64 = 0
    var priority = HTTP2Priority()

    /// All of the request's body has been handed on.
    var bodyEnded: Bool { remoteEnded && input.count == 0 }
    var waitingOutput: Int { output.count &- outputAt }

    /// Makes the slot as new, keeping its memory.
    mutating func reset() {
        id = 0
        phase = .free
        exchange = nil
        remoteEnded = false
        bodyLeft = nil
        input.clear()
        input.shrink(to: 4096)
        continueOwed = false
        taken = 0
        takenUntold = 0
        output.clear()
        output.shrink(to: 4096)
        outputAt = 0
        behind = .more
        localEnded = false
        priority = HTTP2Priority()
    }
}

typealias StreamPointer = UnsafeMutablePointer<HTTP2Stream>

/// The open streams of a connection, in slots that are used again.
struct StreamTable: ~Copyable {
    /// Slots at rest that an idle connection keeps.
    private static let keptSlots = 2

    private var slots: [StreamPointer] = []
    private var free: [StreamPointer] = []

    deinit {
        for slot in slots + free {
            slot.deinitialize(count: 1)
            slot.deallocate()
        }
    }

    var count: Int { slots.count }

    subscript(index: Int) -> StreamPointer? { index >= 0 && index < slots.count ? slots[index] : nil }

    func find(_ id: UInt32) -> StreamPointer? {
        // The newest are asked for most.
        var index = slots.count
        while index > 0 {
            index &-= 1
            if slots[index].pointee.id == id { return slots[index] }
        }
        return nil
    }

    /// The stream whose exchange has this ticket.
    func find(ticket: UInt64) -> StreamPointer? {
        for slot in slots where slot.pointee.exchange?.pointee.ticket == ticket { return slot }
        return nil
    }

    mutating func open(_ id: UInt32) -> StreamPointer {
        let slot: StreamPointer
        if let rested = free.popLast() {
            slot = rested
        } else {
            slot = .allocate(capacity: 1)
            slot.initialize(to: HTTP2Stream())
        }
        slot.pointee.id = id
        slots.append(slot)
        return slot
    }

    /// The slot stays where it is until `trim`, so that whoever still looks at it sees that it is free.
    mutating func close(_ stream: StreamPointer) {
        guard let index = slots.firstIndex(of: stream) else { return }
        slots.remove(at: index)
        stream.pointee.reset()
        free.append(stream)
    }

    /// Gives memory back when nothing runs.
    mutating func trim() {
        while free.count > Self.keptSlots, let slot = free.popLast() {
            slot.deinitialize(count: 1)
            slot.deallocate()
        }
    }
}
