import Glibc
import JSON
import Manifests
import Pipeline
import Telemetry

/// Sends a file as it is, with validators, conditions and ranges (RFC 9110 sections 8.8, 13 and 14).
///
/// It is read in pieces from the loop, no faster than the peer takes them, so a large file costs no memory. Its name
/// comes from the manifest alone: nothing that a client sends can lead elsewhere.
final class FileResponder: Responder {
    let intake = Intake.nothing
    let answersAlone = true
    private let path: String
    private let head: TemplateHead

    init(path: String, head: consuming TemplateHead) {
        self.path = path
        self.head = head
    }

    static let isDirectory = "it is a directory"

    /// Why the file could not be served, or nil.
    static func whyNotReadable(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return String(cString: strerror(errno)) }
        if status.st_mode & S_IFMT == S_IFDIR { return isDirectory }
        if status.st_mode & S_IFMT != S_IFREG { return "it is not a regular file" }
        return access(path, R_OK) == 0 ? nil : String(cString: strerror(errno))
    }

    /// The whole file, for what must be at hand: the page of a failure. A megabyte at most.
    static func read(_ path: String, in surroundings: Surroundings) -> [UInt8] {
        let bytes = (try? surroundings.file(path, pageLimit)) ?? []
        return Array(bytes.prefix(pageLimit))
    }

    private static let pageLimit = 1024 * 1024

    func start(_ exchange: inout Exchange) -> Step {
        let method = exchange.head.method
        exchange.file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        var status = stat()
        guard exchange.file >= 0, fstat(exchange.file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            exchange.fail(Failure(.notFound, "the file is not there"))
            return .fail
        }
        if let step = head.apply(&exchange) { return step }
        let size = Int(status.st_size)
        let modified = Int64(status.st_mtim.tv_sec)
        let tag = Self.tag(status)
        exchange.response.add("etag") { $0.append(tag) }
        exchange.response.add("last-modified") { CivilTime(unixSeconds: modified).writeHTTPDate(into: &$0) }
        exchange.response.add("accept-ranges") { $0.append("bytes") }
        guard exchange.response.status == 200, method == .get || method == .head else {
            return send(&exchange, from: 0, count: size)
        }
        if Self.isOutdated(exchange, tag, modified) {
            exchange.fail(Failure(.failedPrecondition, "the file is another one by now", status: 412))
            return .fail
        }
        if Self.isNotModified(exchange, tag, modified) {
            exchange.response.status = 304
            return .done
        }
        switch Self.range(exchange, tag, modified, size) {
        case .whole: return send(&exchange, from: 0, count: size)
        case .part(let first, let last):
            exchange.response.status = 206
            exchange.response.add("content-range") { out in
                out.append("bytes ")
                out.append(decimal: first)
                out.append("-")
                out.append(decimal: last)
                out.append("/")
                out.append(decimal: size)
            }
            return send(&exchange, from: first, count: last - first + 1)
        case .unsatisfiable:
            exchange.response.status = 416
            exchange.response.add("content-range") { out in
                out.append("bytes */")
                out.append(decimal: size)
            }
            return .done
        }
    }

    func resume(_ exchange: inout Exchange) -> Step { readMore(&exchange) }

    private func send(_ exchange: inout Exchange, from first: Int, count: Int) -> Step {
        exchange.position = first
        exchange.remaining = count
        if exchange.head.method == .head {
            exchange.response.declaredLength = count
            exchange.response.isStreaming = true
            exchange.response.bodyIsWithheld = true
            return .done
        }
        if count > exchange.room {
            exchange.response.declaredLength = count
            exchange.response.isStreaming = true
        }
        return readMore(&exchange)
    }

    /// Appends as much as there is room for.
    private func readMore(_ exchange: inout Exchange) -> Step {
        let state = exchange.loop.state
        var wanted = min(exchange.remaining, exchange.room)
        while wanted > 0 {
            var count = 0
            let (file, position, piece) = (exchange.file, exchange.position, wanted)
            state.pointee.body.reserve(wanted)
            let start = state.pointee.body.count
            state.pointee.body.append(uninitialized: wanted) { count = pread(file, $0, piece, off_t(position)) }
            state.pointee.body.truncate(to: start + max(0, count))
            if count < 0, errno == EINTR { continue }
            // Shorter than it was when the head left: only a missing end can tell the peer.
            guard count > 0 else { return exchange.response.isStreaming ? .cut : fail(&exchange) }
            exchange.position += count
            exchange.remaining -= count
            wanted -= count
        }
        return exchange.remaining == 0 ? .done : .blocked
    }

    private func fail(_ exchange: inout Exchange) -> Step {
        exchange.fail(Failure(.internal, "the file could not be read"))
        return .fail
    }

    // MARK: Validators

    /// Changes whenever the file's time or size does, as nginx and Go have it.
    private static func tag(_ status: stat) -> [UInt8] {
        var out = ByteWriter(capacity: 64)
        out.append("\"")
        out.append(
            hex: UInt64(bitPattern: Int64(status.st_mtim.tv_sec)) &* 1_000_000_000 &+ UInt64(status.st_mtim.tv_nsec))
        out.append("-")
        out.append(hex: UInt32(truncatingIfNeeded: status.st_size))
        out.append("\"")
        return Array(out.bytes)
    }

    /// If-Match, or without it If-Unmodified-Since (RFC 9110 section 13.2.2).
    private static func isOutdated(_ exchange: borrowing Exchange, _ tag: [UInt8], _ modified: Int64) -> Bool {
        if let range = exchange.head.value(of: .ifMatch) { return !matches(exchange.head.slice(range), tag) }
        if let range = exchange.head.value(of: .ifUnmodifiedSince),
            let since = HTTPDate.parse(exchange.head.slice(range))
        {
            return modified > since
        }
        return false
    }

    /// If-None-Match, or without it If-Modified-Since (RFC 9110 section 13.2.2).
    private static func isNotModified(_ exchange: borrowing Exchange, _ tag: [UInt8], _ modified: Int64) -> Bool {
        if let range = exchange.head.value(of: .ifNoneMatch) {
            return matches(exchange.head.slice(range), tag)
        }
        if let range = exchange.head.value(of: .ifModifiedSince),
            let since = HTTPDate.parse(exchange.head.slice(range))
        {
            return modified <= since
        }
        return false
    }

    /// Whether a list of entity tags holds this one, by weak comparison (RFC 9110 section 8.8.3.2).
    private static func matches(_ list: UnsafeBufferPointer<UInt8>, _ tag: [UInt8]) -> Bool {
        for item in list.split(separator: UInt8(ascii: ",")) {
            var item = item.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = item.last, last == 0x20 || last == 0x09 { item = item.dropLast() }
            if item.elementsEqual("*".utf8) { return true }
            if item.starts(with: "W/".utf8) { item = item.dropFirst(2) }
            if item.elementsEqual(tag) { return true }
        }
        return false
    }

    // MARK: Ranges

    private enum Range {
        case whole
        case part(Int, Int)
        case unsatisfiable
    }

    /// One range of bytes; what is not understood, and more than one, gives the whole (RFC 9110 section 14.2).
    private static func range(
        _ exchange: borrowing Exchange, _ tag: [UInt8], _ modified: Int64, _ size: Int
    ) -> Range {
        guard exchange.head.method == .get, let field = exchange.head.value(of: .range) else { return .whole }
        if let condition = exchange.head.value(of: .ifRange) {
            let text = exchange.head.slice(condition)
            guard text.elementsEqual(tag) || HTTPDate.parse(text) == modified else { return .whole }
        }
        let text = Array(exchange.head.slice(field))
        guard text.count > 6, text[..<6].elementsEqual("bytes=".utf8) else { return .whole }
        let parts = text[6...].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        func number(_ digits: ArraySlice<UInt8>) -> Int? {
            guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        if parts[0].isEmpty {
            guard let count = number(parts[1]) else { return .whole }
            return count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count), size - 1)
        }
        guard let first = number(parts[0]) else { return .whole }
        if parts[1].isEmpty { return first < size ? .part(first, size - 1) : .unsatisfiable }
        guard let last = number(parts[1]), first <= last else { return .whole }
        return first < size ? .part(first, min(last, size - 1)) : .unsatisfiable
    }
}
