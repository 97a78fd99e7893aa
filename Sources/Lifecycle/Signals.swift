import Glibc

/// The signals that the process answers, waited for on the main thread: no handler runs in the middle of anything.
enum Signals {
    /// Call before any thread is started, so that all inherit the mask.
    static func block() {
        var set = waited
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that is gone is seen as a failed write, not as a signal.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for the next of them, but not longer than a time in nanoseconds; nil if none came.
    static func next(within nanoseconds: Int64) -> Int32? {
        var set = waited
        var time = timespec(
            tv_sec: Int(min(nanoseconds / 1_000_000_000, 1_000_000)), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let number = sigtimedwait(&set, nil, &time)
        return number > 0 ? number : nil
    }

    /// Ends the main thread's wait, from any thread.
    static func raise() { kill(getpid(), wake) }

    private static let wake = SIGUSR2

    private static var waited: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, wake] { sigaddset(&set, signal) }
        return set
    }
}
