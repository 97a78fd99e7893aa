/// A text that findings point into: a manifest, an included file, a `--set` override.
package final class Source: Sendable {
    /// The name as the user gave it; every message shows it.
    package let name: String
    /// The directory that relative paths in this text start from, without a trailing slash; empty is the current one.
    package let directory: String
    package let bytes: [UInt8]
    private let lineStarts: [Int]

    package init(name: String, bytes: [UInt8], directory: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.directory = directory ?? Source.parent(of: name)
        var starts = [0]
        for (index, byte) in bytes.enumerated() {
            // YAML 1.2 breaks lines at LF, CR and CR LF.
            if byte == 0x0A {
                starts.append(index + 1)
            } else if byte == 0x0D, index + 1 >= bytes.count || bytes[index + 1] != 0x0A {
                starts.append(index + 1)
            }
        }
        self.lineStarts = starts
    }

    package convenience init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    private static func parent(of name: String) -> String {
        guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == name.startIndex ? "/" : String(name[..<slash])
    }

    /// Resolves a path that this text names.
    package func resolve(_ path: String) -> String {
        if path.utf8.first == UInt8(ascii: "/") || directory.isEmpty { return path }
        return directory.utf8.last == UInt8(ascii: "/") ? directory + path : directory + "/" + path
    }

    /// Line and column, both from 1; the column counts Unicode scalars, and a byte order mark counts none.
    package func place(at offset: Int) -> Place {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        var column = 1
        var at = contentStart(ofLine: low)
        while at < offset {
            if bytes[at] & 0xC0 != 0x80 { column += 1 }
            at += 1
        }
        return Place(line: low + 1, column: column)
    }

    /// The bytes of a line (from 1), without its break.
    package func line(_ number: Int) -> ArraySlice<UInt8> {
        guard number >= 1, number <= lineStarts.count else { return [] }
        let start = contentStart(ofLine: number - 1)
        var end = number < lineStarts.count ? lineStarts[number] : bytes.count
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return bytes[min(start, end)..<end]
    }

    private func contentStart(ofLine index: Int) -> Int {
        if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return 3 }
        return lineStarts[index]
    }
}

/// A line and a column, both from 1.
package struct Place: Hashable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A run of bytes of a source.
package struct SourceRange: Sendable {
    package let source: Source
    package let start: Int
    package let end: Int

    package init(_ source: Source, _ start: Int, _ end: Int) {
        self.source = source
        self.start = start
        self.end = max(start, end)
    }

    package var from: Place { source.place(at: start) }
    package var to: Place { source.place(at: end) }

    /// The empty range just behind this one.
    package var atEnd: SourceRange { SourceRange(source, end, end) }
}

extension SourceRange: Hashable {
    package static func == (a: SourceRange, b: SourceRange) -> Bool {
        a.source === b.source && a.start == b.start && a.end == b.end
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(source))
        hasher.combine(start)
        hasher.combine(end)
    }
}
