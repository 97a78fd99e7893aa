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
    /// Where what is counted lies.
    package let metrics: MetricRegistry
    private let lost: LostLines
    private let contents: Mutex<Contents>

    private struct Contents {
        var open: [Output: LogWriter] = [:]
        /// What the plan before has open, until this one is in force.
        var earlier: [Output: LogWriter] = [:]
        /// No longer named, but still in the hands of calls that began under an earlier plan.
        var leaving: [Leaving] = []
    }

    private struct Leaving {
        weak var writer: LogWriter?
    }

    /// - Parameter loops: how many event loops write.
    package init(loops: Int, spans: SpanExporters = .none) {
        self.loops = loops
        self.spans = spans
        metrics = MetricRegistry(loops: loops)
        lost = LostLines()
        contents = Mutex(Contents())
    }

    /// For the plan that is to replace another: what both name stays open. What only one of them names is closed when
    /// nobody writes there any more, whichever of the two it is that goes.
    package init(after earlier: LogOutputs) {
        loops = earlier.loops
        spans = SpanExporters(after: earlier.spans)
        metrics = earlier.metrics
        lost = earlier.lost
        contents = Mutex(
            earlier.contents.withLock { contents in
                Contents(earlier: contents.open, leaving: contents.leaving.filter { $0.writer != nil })
            })
    }

    /// Lines that could not be written since the start of the process.
    package var lostLines: Int { lost.count }

    /// The plan that was compiled with these is in force.
    package func takeEffect() {
        spans.takeEffect()
        contents.withLock { contents in
            for (output, writer) in contents.earlier where contents.open[output] == nil {
                contents.leaving.append(Leaving(writer: writer))
            }
            contents.earlier = [:]
        }
    }

    /// The writer for an output, or nil with the reason if it cannot be opened.
    package func writer(for output: Output) -> Result<LogWriter, OpenError> {
        contents.withLock { contents in
            if let writer = contents.open[output] ?? contents.earlier[output] {
                contents.open[output] = writer
                return .success(writer)
            }
            let writer: LogWriter
            do throws(OpenError) {
                switch output {
                case .standardOutput: writer = LogWriter(descriptor: 1, loops: loops, lost: lost)
                case .standardError: writer = LogWriter(descriptor: 2, loops: loops, lost: lost)
                case .file(let path):
                    writer = LogWriter(owning: try Self.openFile(path), loops: loops, lost: lost)
                case .syslog(let path):
                    writer = LogWriter(syslog: try SyslogSocket(path: path), loops: loops, lost: lost)
                }
            } catch {
                return .failure(error)
            }
            contents.open[output] = writer
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
        for (output, writer) in contents.withLock({ Array($0.open) }) {
            guard case .file(let path) = output else { continue }
            do throws(OpenError) { writer.replace(by: try Self.openFile(path)) } catch {
                failed.append((path, error.reason))
            }
        }
        return failed
    }

    /// Writes what is still there. The loops are still by then. Returns how many lines were lost.
    package func close() -> Int {
        let writers = contents.withLock { Array($0.open.values) + $0.leaving.compactMap(\.writer) }
        for writer in writers { writer.close() }
        return lost.count
    }
}
