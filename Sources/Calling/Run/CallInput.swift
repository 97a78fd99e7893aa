import Glibc
import NIOPosix

/// What a call sends: a text of the command line, a file, or standard input.
package enum CallInput: Equatable, Sendable {
    case text(String)
    /// `-` is standard input.
    case file(String)

    /// Reads what stands for it on a command line: JSON, `@FILE`, `@-` or `@`.
    package init(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "@") else {
            self = .text(text)
            return
        }
        let path = String(text.dropFirst())
        self = .file(path.isEmpty ? "-" : path)
    }

    /// Tells `events` each document as it comes, on a thread of its own.
    ///
    /// - Parameter turns: taken before each document, so that no more is read than is sent.
    func read(on pool: NIOThreadPool, into events: CallEvents, turns: Semaphore) throws(CallMistake) {
        var documents = JSONDocuments()
        switch self {
        case .text(let text):
            if case .success(let found) = documents.append(text.utf8) {
                for document in found { events.add(.input(.success(document))) }
            }
            if let last = documents.end() { events.add(.input(.success(last))) }
            events.add(.inputEnded)
        case .file(let path):
            let file = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw CallMistake("cannot read \(path): \(String(cString: strerror(errno)))") }
            pool.submit { _ in Self.read(file, path, events, turns) }
        }
    }

    private static func read(_ file: Int32, _ path: String, _ events: CallEvents, _ turns: Semaphore) {
        var documents = JSONDocuments()
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 {
                let reason = String(cString: strerror(errno))
                return events.post(.input(.failure(JSONDocuments.Fault(message: "cannot read \(path): \(reason)"))))
            }
            if count == 0 { break }
            switch documents.append(buffer[..<count]) {
            case .failure(let fault): return events.post(.input(.failure(fault)))
            case .success(let found):
                for document in found {
                    turns.wait()
                    events.post(.input(.success(document)))
                }
            }
        }
        if let last = documents.end() { events.post(.input(.success(last))) }
        events.post(.inputEnded)
    }
}
