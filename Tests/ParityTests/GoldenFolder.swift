import Glibc
import Testing

/// A folder of Tests/Golden: what the program says, kept as files. `BLESS=1` rewrites them; read the difference then.
struct GoldenFolder {
    let path: String

    init(_ name: String, from file: StaticString = #filePath) {
        let tests = "\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        path = "\(tests)/Golden/\(name)"
    }

    static var isBlessing: Bool {
        guard let value = getenv("BLESS") else { return false }
        return String(cString: value) == "1"
    }

    /// The names of the files with an ending, without it, in order.
    func names(ending: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(ending) { names.append(String(name.dropLast(ending.count))) }
        }
        return names.sorted()
    }

    func read(_ name: String) -> [UInt8]? { Self.read("\(path)/\(name)") }

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    /// Fails where the file says something else; blessed, writes it.
    func expect(_ text: String, in name: String, _ location: Testing.SourceLocation = #_sourceLocation) {
        if Self.isBlessing {
            guard let file = fopen("\(path)/\(name)", "w") else {
                Issue.record("cannot write \(name)", sourceLocation: location)
                return
            }
            fputs(text, file)
            fclose(file)
            return
        }
        guard let bytes = read(name) else {
            Issue.record(
                "\(name) is missing: run the tests with BLESS=1 and read what it says", sourceLocation: location)
            return
        }
        let kept = String(decoding: bytes, as: UTF8.self)
        #expect(kept == text, "\(name) is out of date: BLESS=1 rewrites it", sourceLocation: location)
    }
}
