import Glibc
import Testing

/// A file of Tests/Golden; `BLESS=1` rewrites it.
enum GoldenFile {
    static func expect(
        _ text: String, in name: String, from file: StaticString = #filePath,
        _ location: Testing.SourceLocation = #_sourceLocation
    ) {
        let tests = "\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        let path = "\(tests)/Golden/\(name)"
        if let value = getenv("BLESS"), String(cString: value) == "1" {
            guard let out = fopen(path, "w") else {
                Issue.record("cannot write \(name)", sourceLocation: location)
                return
            }
            fputs(text, out)
            fclose(out)
            return
        }
        var kept: [UInt8] = []
        if let input = fopen(path, "r") {
            defer { fclose(input) }
            var buffer = [UInt8](repeating: 0, count: 64 * 1024)
            while case let count = fread(&buffer, 1, buffer.count, input), count > 0 { kept += buffer[..<count] }
        }
        #expect(
            String(decoding: kept, as: UTF8.self) == text, "\(name) is out of date: BLESS=1 rewrites it",
            sourceLocation: location)
    }
}
