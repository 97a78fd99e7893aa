import Glibc
import Synchronization

/// What a call waits for.
enum CallEvent: Sendable {
    case wire(WireEvent)
    /// A document of the input.
    case input(Result<[UInt8], JSONDocuments.Fault>)
    case inputEnded
    /// Ctrl-C.
    case interrupted
}

/// Events on their way from the threads that read to the one that decides and prints.
///
/// Who posts waits while many are there: a slow terminal slows the server down, and nothing piles up.
final class CallEvents: Sendable {
    private static let room: UInt32 = 256

    private let events = Mutex<[CallEvent]>([])
    private let waiting = Semaphore(0)
    private let free = Semaphore(room)
    private let isClosed = Atomic(false)

    /// From any thread but the one that takes.
    func post(_ event: CallEvent) {
        free.wait()
        // Whoever else waits is to be let go too.
        if isClosed.load(ordering: .acquiring) { return free.signal() }
        events.withLock { $0.append(event) }
        waiting.signal()
    }

    /// Nobody takes any more; what is posted is dropped.
    func close() {
        isClosed.store(true, ordering: .releasing)
        free.signal()
    }

    /// As `post`, without waiting: for events that come a few to a call.
    func add(_ event: CallEvent) {
        events.withLock { $0.append(event) }
        free.tryWait()
        waiting.signal()
    }

    /// The next one; nil if none comes until then, on the clock of `CallClock`.
    func next(until deadline: Int64) -> CallEvent? {
        guard waiting.wait(until: deadline) else { return nil }
        free.signal()
        return events.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}

/// Nanoseconds since the Unix epoch, which the system's semaphores wait by.
enum CallClock {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// The time in so many nanoseconds; `.max` is never.
    static func time(in nanoseconds: Int64) -> Int64 {
        let (sum, overflow) = now.addingReportingOverflow(nanoseconds)
        return overflow ? .max : sum
    }
}

/// The system's counting semaphore.
///
/// `@unchecked`, as the library's own functions are what makes it safe; it lies at one address.
final class Semaphore: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    init(_ count: UInt32) {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, count)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func tryWait() { sem_trywait(semaphore) }

    func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }

    /// False if the time came first.
    func wait(until time: Int64) -> Bool {
        if time == .max {
            wait()
            return true
        }
        var moment = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        while sem_timedwait(semaphore, &moment) != 0 {
            if errno != EINTR { return false }
        }
        return true
    }
}
