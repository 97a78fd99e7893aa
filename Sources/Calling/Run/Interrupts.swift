import Glibc
import NIOPosix
import Synchronization

/// Ctrl-C: the call is given up, and the server told so. A second one ends the program where it is.
final class Interrupts: Sendable {
    /// As shells tell of who was interrupted.
    static let code: Int32 = 130

    private let events = Mutex<CallEvents?>(nil)

    /// Call before any thread is started, so that all inherit the mask.
    init(on pool: NIOThreadPool) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        pool.start()
        pool.submit { [self] _ in
            while true {
                var set = sigset_t()
                sigemptyset(&set)
                sigaddset(&set, SIGINT)
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                let events = events.withLock { events in
                    defer { events = nil }
                    return events
                }
                guard let events else { _exit(Self.code) }
                events.add(.interrupted)
            }
        }
    }

    /// Whom the next one is told.
    func tell(_ events: CallEvents) { self.events.withLock { $0 = events } }
}
