import Glibc
import Pipeline
import Synchronization

/// What the process is asked to do, by signals and by its own threads.
enum Wish: Sendable {
    /// Who waits for the outcome is told it.
    case reload(Reload.Cause, reply: (@Sendable (Reload.Outcome) -> Void)? = nil)
    case reopenLogs
    /// SIGTERM or SIGINT.
    case end(Int32)
    /// A loop has left this plan; with the last loop it goes.
    case drop(Plan)
}

/// Wishes on their way to the main thread, which takes them one by one: nothing that changes what is running meets
/// another such thing.
final class Mailbox: Sendable {
    private let wishes = Mutex<[Wish]>([])

    /// From any thread; does not wait.
    func post(_ wish: Wish) {
        wishes.withLock { $0.append(wish) }
        Signals.raise()
    }

    /// The next wish; nil if none comes within a time in nanoseconds. `.max` waits for ever. On the main thread alone.
    func next(within nanoseconds: Int64 = .max) -> Wish? {
        let end = LoopClock.later(LoopClock.now(), nanoseconds)
        while true {
            if let wish = wishes.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return wish }
            let left = end == .max ? .max : max(0, end - LoopClock.now())
            switch Signals.next(within: left) {
            case SIGHUP: return .reload(.signal, reply: nil)
            case SIGUSR1: return .reopenLogs
            case let signal? where signal == SIGTERM || signal == SIGINT: return .end(signal)
            case nil where left == 0: return nil
            default: continue
            }
        }
    }
}
