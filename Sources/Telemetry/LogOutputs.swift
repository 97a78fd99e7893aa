import Glibc
import Synchronization

/// The places that access logs go to, each opened once however many routes write there.
package final class LogOutputs: Sendable {
    /// Where lines go.
    package enum Output: Hashable, Sendable {
        case standardOutput
        case standardError
        case file(path: String)
    }

    private let loops: Int
    /// Where spans go.
    package let spans: SpanExporters
    private let open = Mutex<[Output: LogWriter]>([:])

    /// - Parameter loops: how many event loops write.
    package init(loops: Int, spans: SpanExporters = .none) {
        self.loops = loops
        self.spans = spans
    }

    /// The writer for an output, or nil with the reason if it cannot be opened.
    package func writer(for output: Output) -> Result<LogWriter, OpenError> {
        open.withLock { open in
            if let writer = open[output] { return .success(writer) }
            let descriptor: Int32
            switch output {
            case .standardOutput: descriptor = 1
            case .standardError: descriptor = 2
            case .file(let path):
                descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
                if descriptor < 0 { return .failure(OpenError(reason: String(cString: strerror(errno)))) }
            }
            let writer = LogWriter(descriptor: descriptor, loops: loops)
            open[output] = writer
            return .success(writer)
        }
    }

    package struct OpenError: Error {
        package let reason: String
    }

    /// Writes what is still there. The loops are still by then. Returns how many batches of lines were lost.
    package func close() -> Int {
        var lost = 0
        for writer in open.withLock({ Array($0.values) }) {
            writer.close()
            lost += writer.droppedBatches
        }
        return lost
    }
}
