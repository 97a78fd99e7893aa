import Glibc
import Synchronization

/// The places that access logs go to, each opened once however many routes write there.
package final class LogOutputs: Sendable {
    /// Where lines go.
    package enum Output: Hashable, Sendable {
        case standardOutput
        case standardError
        case file(path: String)
        /// The socket of the system's log.
        case syslog(path: String)
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
            let writer: LogWriter
            do throws(OpenError) {
                switch output {
                case .standardOutput: writer = LogWriter(descriptor: 1, loops: loops)
                case .standardError: writer = LogWriter(descriptor: 2, loops: loops)
                case .file(let path): writer = LogWriter(descriptor: try Self.openFile(path), loops: loops)
                case .syslog(let path): writer = LogWriter(syslog: try SyslogSocket(path: path), loops: loops)
                }
            } catch {
                return .failure(error)
            }
            open[output] = writer
            return .success(writer)
        }
    }

    private static func openFile(_ path: String) throws(OpenError) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw OpenError(reason: String(cString: strerror(errno))) }
        return descriptor
    }

    package struct OpenError: Error {
        package let reason: String
    }

    /// Opens the files again, since somebody has moved them away. Returns those that could not be, with the reason; their
    /// lines go on into the old file.
    package func reopen() -> [(path: String, reason: String)] {
        var failed: [(path: String, reason: String)] = []
        for (output, writer) in open.withLock({ Array($0) }) {
            guard case .file(let path) = output else { continue }
            do throws(OpenError) { writer.replace(by: try Self.openFile(path)) } catch {
                failed.append((path, error.reason))
            }
        }
        return failed
    }

    /// Writes what is still there. The loops are still by then. Returns how many lines were lost.
    package func close() -> Int {
        var lost = 0
        for writer in open.withLock({ Array($0.values) }) {
            writer.close()
            lost += writer.droppedLines
        }
        return lost
    }
}
