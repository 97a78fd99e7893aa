import Glibc
import JSON
import NIOCore
import NIOEmbedded
import Telemetry
import Testing

@Suite struct LogWriterTests {
    /// A new file that is deleted already, open for reading and writing.
    private static func file() throws -> Int32 {
        var name = Array("/tmp/log-writer-XXXXXX\0".utf8CString)
        let descriptor = mkstemp(&name)
        try #require(descriptor >= 0)
        unlink(name)
        return descriptor
    }

    private static func content(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    private static func wait(_ condition: () -> Bool) -> Bool {
        for _ in 0..<5000 {
            if condition() { return true }
            usleep(1000)
        }
        return false
    }

    @Test func gathersLinesAndWritesThemInTime() throws {
        let file = try Self.file()
        defer { close(file) }
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: file, loops: 1)
        writer.append(loop: 0, on: loop) { $0.append("one\n") }
        writer.append(loop: 0, on: loop) { $0.append("two\n") }
        #expect(Self.content(file) == "", "a line costs no system call")
        loop.advanceTime(by: .milliseconds(49))
        #expect(Self.content(file) == "")
        loop.advanceTime(by: .milliseconds(1))
        #expect(Self.content(file) == "one\ntwo\n")
        writer.append(loop: 0, on: loop) { $0.append("three\n") }
        loop.advanceTime(by: .milliseconds(50))
        #expect(Self.content(file) == "one\ntwo\nthree\n", "it is armed again")
        writer.close()
        #expect(writer.droppedLines == 0)
    }

    @Test func writesAFullBatchAtOnce() throws {
        let file = try Self.file()
        defer { close(file) }
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: file, loops: 1)
        let line = String(repeating: "x", count: 1023) + "\n"
        for _ in 0..<63 { writer.append(loop: 0, on: loop) { $0.append(line) } }
        #expect(Self.content(file) == "")
        writer.append(loop: 0, on: loop) { $0.append(line) }
        #expect(Self.content(file).utf8.count == 64 * 1024)
        loop.advanceTime(by: .milliseconds(50))
        #expect(Self.content(file).utf8.count == 64 * 1024)
        writer.close()
    }

    @Test func keepsLoopsApartAndTheirLinesWhole() throws {
        let file = try Self.file()
        defer { close(file) }
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: file, loops: 2)
        writer.append(loop: 0, on: loop) { $0.append("a1\n") }
        writer.append(loop: 1, on: loop) { $0.append("b1\n") }
        writer.append(loop: 0, on: loop) { $0.append("a2\n") }
        writer.append(loop: 7, on: loop) { $0.append("nobody's\n") }
        writer.close()
        #expect(Self.content(file) == "a1\na2\nb1\n")
    }

    @Test func writesToAPipeFromAThread() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: ends[1], loops: 1)
        writer.append(loop: 0, on: loop) { $0.append("line\n") }
        writer.flush(loop: 0)
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(ends[0], &bytes, 16) == 5)
        #expect(bytes.starts(with: Array("line\n".utf8)))
        writer.close()
    }

    /// The loop goes on, and what is too much is dropped and counted.
    @Test func dropsWhatAStandingReaderCannotTake() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: ends[1], loops: 1)
        let line = String(repeating: "x", count: 60 * 1024 - 1) + "\n"
        for _ in 0..<400 {
            writer.append(loop: 0, on: loop) { $0.append(line) }
            writer.flush(loop: 0)
        }
        #expect(writer.droppedLines > 0)
        // 16 MiB wait, and the pipe holds a little.
        #expect(writer.droppedLines < 400 - 250)
        signal(SIGPIPE, SIG_IGN)
        close(ends[0])
        writer.close()
        #expect(Self.wait { writer.droppedLines >= 399 }, "what waited could not be written either")
        close(ends[1])
    }

    @Test func outlivesAFullDisk() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let loop = EmbeddedEventLoop()
        let writer = LogWriter(descriptor: full, loops: 1)
        writer.append(loop: 0, on: loop) { $0.append("lost\n") }
        writer.flush(loop: 0)
        #expect(Self.wait { writer.droppedLines == 1 })
        writer.close()
    }

    @Test func opensAnOutputOnce() throws {
        let outputs = LogOutputs(loops: 1)
        let path = "/tmp/log-outputs-\(getpid()).log"
        defer { unlink(path) }
        let first = try outputs.writer(for: .file(path: path)).get()
        let second = try outputs.writer(for: .file(path: path)).get()
        #expect(first === second)
        let loop = EmbeddedEventLoop()
        first.append(loop: 0, on: loop) { $0.append("line\n") }
        _ = outputs.close()
        let file = open(path, O_RDONLY)
        defer { close(file) }
        #expect(Self.content(file) == "line\n")
        guard case .failure(let error) = outputs.writer(for: .file(path: "/tmp/no/such/folder/x.log")) else {
            Issue.record("a file in no folder was opened")
            return
        }
        #expect(error.reason == "No such file or directory")
    }
}
