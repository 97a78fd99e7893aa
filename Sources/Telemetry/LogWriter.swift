import Glibc
package import JSON
package import NIOCore
import NIOPosix
import Synchronization

/// Lines on their way to one output, gathered by loop: a request costs a copy into memory, not a system call.
///
/// A file is written from the loop, since that does not wait for anybody. A pipe or a terminal may have a reader that
/// stands still: a thread writes there, and what it cannot write in time is dropped and counted.
package final class LogWriter: Sendable {
    private let descriptor: Int32
    /// Writing here never waits for a reader.
    private let isFile: Bool
    /// Where lines go instead of the descriptor.
    private let syslog: SyslogSocket?
    private let batches: Batches
    private let thread: NIOThreadPool?
    /// In bytes.
    private let waiting = Atomic<Int>(0)
    private let waitingLines = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)
    private let lost: LostLines
    private let isOwner: Bool
    /// The last line that was written stands there without its end.
    private let isBroken = Atomic<Bool>(false)

    private static let batchSize = 64 * 1024
    /// What a reader that stands still may cost in memory before lines are dropped.
    private static let waitingLimit = 16 * 1024 * 1024
    /// How long a line may rest before it is written.
    private static let patience = TimeAmount.milliseconds(50)

    /// - Parameters:
    ///   - descriptor: an open file; stays the caller's to close.
    ///   - loops: how many loops write; each has its own batch.
    package convenience init(descriptor: Int32, loops: Int, lost: LostLines = LostLines()) {
        self.init(descriptor, isOwner: false, nil, loops, lost)
    }

    /// Closes the descriptor when nobody writes here any more.
    convenience init(owning descriptor: Int32, loops: Int, lost: LostLines) {
        self.init(descriptor, isOwner: true, nil, loops, lost)
    }

    convenience init(syslog: SyslogSocket, loops: Int, lost: LostLines) {
        self.init(-1, isOwner: false, syslog, loops, lost)
    }

    private init(_ descriptor: Int32, isOwner: Bool, _ syslog: SyslogSocket?, _ loops: Int, _ lost: LostLines) {
        self.descriptor = descriptor
        self.isOwner = isOwner
        self.syslog = syslog
        self.lost = lost
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
        self.isFile = isFile
        self.batches = Batches(count: loops)
        if isFile {
            thread = nil
        } else {
            let pool = NIOThreadPool(numberOfThreads: 1)
            pool.start()
            thread = pool
        }
    }

    /// The timers of the loops keep a writer until its lines are written. At the very end of the process they may not have
    /// run; a file can be written to all the same.
    deinit {
        for loop in 0..<batches.count {
            guard let batch = batches[loop], batch.pointee.lines.count > 0 else { continue }
            let lines = UnsafeRawBufferPointer(batch.pointee.lines.bytes)
            if isFile { write(lines) } else { drop(lines) }
        }
        thread?.shutdownGracefully { _ in }
        syslog?.close()
        if isOwner { Glibc.close(descriptor) }
    }

    /// Lines that could not be written since the start.
    package var droppedLines: Int { dropped.load(ordering: .relaxed) }

    /// Appends one line, its break included, from the loop of this number.
    @inline(__always) package func append(
        loop: Int, on eventLoop: any EventLoop, _ line: (inout ByteWriter) -> Void
    ) {
        guard let batch = batches[loop] else { return }
        let wasEmpty = batch.pointee.lines.count == 0
        line(&batch.pointee.lines)
        if batch.pointee.lines.count >= Self.batchSize {
            flush(loop: loop)
        } else if wasEmpty, !batch.pointee.isArmed {
            arm(batch, loop, eventLoop)
        }
    }

    private func arm(_ batch: UnsafeMutablePointer<Batch>, _ loop: Int, _ eventLoop: any EventLoop) {
        batch.pointee.isArmed = true
        eventLoop.scheduleTask(in: Self.patience) { [self] in
            batches[loop]?.pointee.isArmed = false
            flush(loop: loop)
        }
    }

    /// Writes what this loop has gathered.
    package func flush(loop: Int) {
        guard let batch = batches[loop], batch.pointee.lines.count > 0 else { return }
        if isFile {
            write(UnsafeRawBufferPointer(batch.pointee.lines.bytes))
        } else {
            handOver(Array(batch.pointee.lines.bytes))
        }
        batch.pointee.lines.clear()
    }

    private func handOver(_ bytes: [UInt8]) {
        let count = bytes.count
        guard waiting.add(count, ordering: .relaxed).newValue <= Self.waitingLimit else {
            waiting.subtract(count, ordering: .relaxed)
            bytes.withUnsafeBytes { drop($0) }
            return
        }
        let lines = bytes.count { $0 == 0x0A }
        waitingLines.add(lines, ordering: .relaxed)
        thread?.submit { [self] _ in
            bytes.withUnsafeBytes { bytes in
                if let syslog { countLost(syslog.send(bytes)) } else { write(bytes) }
            }
            waitingLines.subtract(lines, ordering: .relaxed)
            waiting.subtract(count, ordering: .relaxed)
        }
    }

    /// Goes on in another file, which it takes. What is being written ends in the old one or the new one, as a whole.
    func replace(by other: Int32) {
        dup2(other, descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        Glibc.close(other)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        if isBroken.load(ordering: .relaxed), Glibc.write(descriptor, "\n", 1) == 1 {
            isBroken.store(false, ordering: .relaxed)
        }
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let count = Glibc.write(descriptor, base, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                // Somebody made our pipe non-blocking: wait for its reader a little.
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if isFile || poll(&poller, 1, 1000) <= 0 { return drop(rest, of: bytes) }
            } else {
                // A full disk or a reader that is gone must not end the service.
                return drop(rest, of: bytes)
            }
        }
    }

    /// What was written of a line that breaks off is ended before the next one, so that only that line is lost.
    private func drop(_ rest: UnsafeRawBufferPointer, of bytes: UnsafeRawBufferPointer) {
        let written = bytes.count - rest.count
        if written > 0, bytes[written - 1] != 0x0A { isBroken.store(true, ordering: .relaxed) }
        drop(rest)
    }

    /// A line of which a part was written is lost too.
    private func drop(_ rest: UnsafeRawBufferPointer) {
        countLost(rest.count { $0 == 0x0A })
    }

    private func countLost(_ lines: Int) {
        dropped.add(lines, ordering: .relaxed)
        lost.add(lines)
    }

    /// Writes what is still there; the loops are still or call no more. Waits for a slow reader, but not long.
    package func close() {
        for loop in 0..<batches.count { flush(loop: loop) }
        guard let thread else { return }
        let end = NIODeadline.now() + .seconds(1)
        while waiting.load(ordering: .relaxed) > 0, NIODeadline.now() < end { usleep(1000) }
        let left = waitingLines.load(ordering: .relaxed)
        if left > 0 { countLost(left) }
        thread.shutdownGracefully { _ in }
        syslog?.close()
    }
}

/// How many lines could not be written, by all writers of the process, those that are closed included.
package final class LostLines: Sendable {
    private let lines = Atomic<Int>(0)

    package init() {}

    package var count: Int { lines.load(ordering: .relaxed) }

    fileprivate func add(_ count: Int) { lines.add(count, ordering: .relaxed) }
}

private struct Batch: ~Copyable {
    var lines = ByteWriter(capacity: 72 * 1024)
    var isArmed = false
}

/// One batch a loop at fixed addresses.
private struct Batches: ~Copyable, @unchecked Sendable {
    // @unchecked: each batch is touched on its own loop, and by `close` when the loops are still.
    private let storage: UnsafeMutablePointer<Batch>
    let count: Int

    init(count: Int) {
        self.count = max(1, count)
        storage = .allocate(capacity: self.count)
        for index in 0..<self.count { (storage + index).initialize(to: Batch()) }
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    subscript(index: Int) -> UnsafeMutablePointer<Batch>? {
        index >= 0 && index < count ? storage + index : nil
    }
}
