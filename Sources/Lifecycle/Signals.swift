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

    /// Waits for the next of them.
    static func next() -> Int32 {
        var set = waited
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number
    }

    /// Waits for the next of them, but not past a time in seconds; nil if none came.
    static func next(within seconds: Double) -> Int32? {
        var set = waited
        let whole = Int(seconds)
        var time = timespec(tv_sec: whole, tv_nsec: Int((seconds - Double(whole)) * 1e9))
        let number = sigtimedwait(&set, nil, &time)
        return number > 0 ? number : nil
    }

    private static var waited: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { sigaddset(&set, signal) }
        return set
    }
}
